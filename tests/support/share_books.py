"""Shares of committees, and the folders that hold them."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

from crypto.envelope.provider import KeyProvider, Unsealed
from crypto.oprf.threshold import Dealing
from custodian.committee_share import CommitteeShare, evaluate_canary
from custodian.served_shares import ServedShares
from custodian.share_book import DealtFile, ShareBook

FORMED = dt.datetime(2026, 11, 1, 8, tzinfo=dt.UTC)


def ceremony(number: int) -> str:
    """The id of a ceremony."""
    return f"{number:064x}"


def a_share(dealing: Dealing, index: int = 1, *, committee: int = 1, epoch: int = 1) -> CommitteeShare:
    """A share as a ceremony leaves it, pending; the dealing stands for the ceremony."""
    share = dealing.shares[index - 1]
    made = CommitteeShare(
        epoch=epoch,
        committee=committee,
        threshold=dealing.threshold,
        index=index,
        sk=share.sk,
        pk=share.pk,
        joint_public_key=dealing.joint_public_key,
        ceremony=ceremony(1000 * epoch + committee),
        formed_at=FORMED,
    )
    return replace(made, canary=evaluate_canary(made))


def a_book(
    folder: Path, *shares: CommitteeShare, provider: KeyProvider | None = None, dealt: DealtFile | None = None
) -> ShareBook:
    """A book that holds the given shares."""
    book = ShareBook(folder, provider or Unsealed(), dealt=dealt)
    for share in shares:
        hold(book, share)
    return book


def served(
    folder: Path, *shares: CommitteeShare, provider: KeyProvider | None = None, refresh_days: int | None = None
) -> ServedShares:
    """The shares that a custodian with this folder serves, the given ones among them."""
    return ServedShares(a_book(folder, *shares, provider=provider), refresh_days=refresh_days)


def hold(book: ShareBook, share: CommitteeShare) -> CommitteeShare:
    """Keep a share and promote it, as a ceremony does."""
    book.add_pending(share)
    return book.promote(share.ceremony or "")
