"""Judges a debt beside a person's closed and doubted records: what bars it, the notice it needs, and its clock."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from registry.domain.endings import DoubtedRecord, Ending, FormerRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A person's closed and doubted records with one creditor, laid out so that each row is judged at once."""

    by_account: Mapping[bytes, Sequence[FormerRecord]] = field(default_factory=dict)
    """Closed records by the digest of their account."""
    last_unpaid: dt.date | None = None
    """The last closing without payment, on whatever account."""
    last_doubt: dt.date | None = None
    """The last filing or order that holds an open record back."""
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
        """The history that these records make."""
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
    """The closed record for which a debt on its account is not listed again; ``accounts`` are account digests."""
    for each in _on_account(accounts, history):
        if each.bars_due_by is not None and due_date <= each.bars_due_by:
            return each
    return None


def notice_needed_after(due_date: dt.date, accounts: Collection[bytes], history: History) -> dt.date | None:
    """The day that the notice of a new record must be later than; None where any notice will do.

    The person was told of a debt that was then withdrawn, ended, or is doubted: it has to be told anew. After a
    payment that concerns the same account alone.
    """
    days = [history.last_unpaid, history.last_doubt, *(each.closed_on for each in _on_account(accounts, history))]
    return max((each for each in days if each is not None and due_date < each), default=None)


def first_listed(due_date: dt.date, accounts: Collection[bytes], history: History) -> dt.datetime | None:
    """When the debt was listed first, if a former record on its account was open when it was due already."""
    return min((each.listed_at for each in _on_account(accounts, history) if due_date <= each.closed_on), default=None)


def _on_account(accounts: Collection[bytes], history: History) -> Iterator[FormerRecord]:
    return (former for each in accounts for former in history.by_account.get(each, ()))
