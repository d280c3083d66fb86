"""Defines a share as a member of a committee holds it, and the bytes of its file before they are sealed."""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Final

from crypto.errors import CryptoRefusal
from crypto.oprf.canary import canary_element
from crypto.oprf.group import check_element, multiply, multiply_base
from custodian.share import HeldShare
from protocol import strict_json
from protocol.encodings import canonical_json
from protocol.messages.evaluations import Committee, Epoch
from protocol.messages.limits import MAX_SHARE_INDEX
from protocol.wire.codec import Malformed, read, write
from protocol.wire.fields import HexDigest, Octets32
from protocol.wire.kinds import Whole

MAX_BYTES: Final = 4096
_Index = Annotated[int, Whole(least=1, most=MAX_SHARE_INDEX)]


class ShareMalformed(Exception):
    """The bytes or the values are no share; the message holds nothing of them."""


class ShareState(StrEnum):
    """The two states of a share: made in a ceremony that others have still to confirm, or held."""

    PENDING = "PENDING"
    HELD = "HELD"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitteeShare:
    """One member's share of a committee: ``sk`` is the polynomial at ``index``, ``pk`` = sk * G.

    Only a HELD share is used for evaluations, and only before ``retires_at``. A dealer's share has neither a
    ``ceremony`` (the proposal's SHA-256) nor ``formed_at`` nor ``canary`` (sk * H of the epoch's canary).
    """

    epoch: Epoch
    committee: Committee
    threshold: _Index
    index: _Index
    sk: Octets32 = field(repr=False)
    pk: Octets32
    joint_public_key: Octets32
    ceremony: HexDigest | None = None
    formed_at: dt.datetime | None = None
    canary: Octets32 | None = None
    state: ShareState = ShareState.PENDING
    """An absent state is the one that is not used."""
    retires_at: dt.datetime | None = None

    @property
    def place(self) -> tuple[int, int]:
        """Return epoch and committee, the order of shares from old to new."""
        return self.epoch, self.committee

    def is_held(self, now: dt.datetime) -> bool:
        """Tell whether the share may be used: confirmed by all, and not over."""
        return self.state is ShareState.HELD and not self.is_over(now)

    @property
    def is_dealt(self) -> bool:
        """Tell whether it comes from a dealer, who knew the key."""
        return self.ceremony is None

    def is_over(self, now: dt.datetime) -> bool:
        """Tell whether the share's time has ended, so that it is deleted."""
        return self.retires_at is not None and self.retires_at <= now


def of_dealer(share: HeldShare, threshold: int) -> CommitteeShare:
    """Return a dealer's share: it is committee 1 of its epoch, and its file does not tell the threshold."""
    return CommitteeShare(
        epoch=share.epoch,
        committee=1,
        threshold=threshold,
        index=share.index,
        sk=share.sk,
        pk=share.pk,
        joint_public_key=share.joint_public_key,
        state=ShareState.HELD,
    )


def evaluate_canary(share: CommitteeShare) -> bytes:
    """Compute sk * H of the epoch's canary, 32 bytes."""
    return multiply(share.sk, canary_element(share.epoch))


def share_bytes(share: CommitteeShare) -> bytes:
    """Write the plain content of a share's file; raises ShareMalformed for values that ``read_share`` would refuse."""
    content = canonical_json(write(share)) + b"\n"
    read_share(content)
    return content


def read_share(content: bytes) -> CommitteeShare:
    """Read the plain content of a share's file, whose keys have to be a pair; raises ShareMalformed."""
    try:
        share = read(CommitteeShare, strict_json.load_object(content, max_bytes=MAX_BYTES))
    except (strict_json.StrictJsonError, Malformed) as trouble:
        raise ShareMalformed(f"is not a share ({type(trouble).__name__})") from None
    try:
        agrees = multiply_base(share.sk) == share.pk
        check_element(share.joint_public_key)
    except CryptoRefusal:
        agrees = False
    if not agrees:
        raise ShareMalformed("the keys in it are not a pair")
    return share
