"""Judges a debt beside a person's closed and doubted records: they may bar it, demand a later notice, or date it."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from registry.domain.endings import DoubtedRecord, Ending, FormerRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A person's closed and doubted records with one creditor, indexed by account."""

    by_account: Mapping[bytes, Sequence[FormerRecord]] = field(default_factory=dict)
    """Closed records by the digest of their account."""
    last_unpaid: dt.date | None = None
    """The last closing without payment, on any account."""
    last_doubt: dt.date | None = None
    """The last filing or order that stops an open record."""
    old_debts: frozenset[bytes] = frozenset()
    """Digests of debts that were sealed before endings were kept."""

    @classmethod
    def of(
        cls,
        *,
        former: Sequence[FormerRecord] = (),
        doubted: Sequence[DoubtedRecord] = (),
        old_debts: frozenset[bytes] = frozenset(),
    ) -> Self:
        """Make the history of these records."""
        by_account: dict[bytes, list[FormerRecord]] = {}
        for each in former:
            by_account.setdefault(each.account_digest, []).append(each)
        return cls(
            by_account=by_account,
            last_unpaid=max((each.closed_on for each in former if each.ending is not Ending.PAID), default=None),
            last_doubt=max((each.since for each in doubted), default=None),
            old_debts=old_debts,
        )


def barring(due_date: dt.date, accounts: Collection[bytes], history: History) -> FormerRecord | None:
    """Return the closed record that bars a debt on its account; ``accounts`` are account digests."""
    for each in _on_account(accounts, history):
        if each.bars_due_by is not None and due_date <= each.bars_due_by:
            return each
    return None


def notice_needed_after(due_date: dt.date, accounts: Collection[bytes], history: History) -> dt.date | None:
    """Return the day that the notice of a new record must be later than; None if any notice will do.

    The person's notice was of a debt that was then withdrawn, ended, or is doubted: the creditor must give notice
    again. After a payment only the same account needs that.
    """
    days = [history.last_unpaid, history.last_doubt, *(each.closed_on for each in _on_account(accounts, history))]
    return max((each for each in days if each is not None and due_date < each), default=None)


def first_listed(due_date: dt.date, accounts: Collection[bytes], history: History) -> dt.datetime | None:
    """Return the time of the debt's first listing, if a former record on its account was open after its due date."""
    return min((each.listed_at for each in _on_account(accounts, history) if due_date <= each.closed_on), default=None)


def _on_account(accounts: Collection[bytes], history: History) -> Iterator[FormerRecord]:
    return (former for each in accounts for former in history.by_account.get(each, ()))
