"""Which debts of a person whose records were closed or are doubted may be listed, on which notice and clock."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from registry.domain.closing import DoubtedRecord, Ending, FormerRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A person's closed and doubted records with one creditor, and the digests of debts sealed without an ending."""

    former: Sequence[FormerRecord] = ()
    doubted: Sequence[DoubtedRecord] = ()
    old_debts: frozenset[bytes] = frozenset()


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
    days = [
        each.closed_on
        for each in history.former
        if (each.ending is not Ending.PAID or each.account_digest in accounts) and due_date < each.closed_on
    ]
    days += [each.since for each in history.doubted if due_date < each.since]
    return max(days, default=None)


def first_listed(due_date: dt.date, accounts: Collection[bytes], history: History) -> dt.datetime | None:
    """When the debt was listed first, if a former record on its account was open when it was due already."""
    return min((each.listed_at for each in _on_account(accounts, history) if due_date <= each.closed_on), default=None)


def _on_account(accounts: Collection[bytes], history: History) -> Iterable[FormerRecord]:
    return (each for each in history.former if each.account_digest in accounts)
