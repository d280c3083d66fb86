"""Tells apart the ends of records that a later report of the debt or the person must distinguish."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from protocol.codes import DisputeOutcome
from protocol.states import Action, Party, RecordState
from registry.domain.disputes import Dispute
from registry.domain.records import Record, RecordTransition

_DIGEST_TAG: Final = b"clearline/account/v1\n"
STOPPED_STATES: Final = frozenset({RecordState.DISPUTED, RecordState.SUSPENDED, RecordState.FROZEN})
"""States in which a dispute or an order keeps an open record from blocking."""


class Ending(StrEnum):
    """The ends of a record that a later report must distinguish."""

    PAID = "PAID"
    """Settled, waived, paid within the lead time, or sold to another creditor."""
    TAKEN_BACK = "TAKEN_BACK"
    """The creditor withdrew it without an open case, or never confirmed it."""
    FOUND_WRONG = "FOUND_WRONG"
    """An adjudicator, the creditor's silence or its concession in a case ended it."""
    OVER = "OVER"
    """A court discharged the debt, or its five years ran out."""
    VOID = "VOID"
    """The identity was stolen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerRecord:
    """A closed record of a person with a creditor, still on the list or sealed since."""

    account_digest: bytes = field(repr=False)
    ending: Ending
    bars_due_by: dt.date | None
    """A debt on this account that was due by this day may not be listed again; None bars nothing."""
    listed_at: dt.datetime
    closed_on: dt.date
    record: Record | None = None
    """The record; None once it has left the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtedRecord:
    """An open record that is disputed or frozen, and its first such Beijing day."""

    since: dt.date


_BY_STATE: Final = {
    RecordState.CLEARED: Ending.PAID,
    RecordState.TRANSFERRED: Ending.PAID,
    RecordState.DISCHARGED: Ending.OVER,
    RecordState.EXPIRED: Ending.OVER,
    RecordState.VOID_IDENTITY_THEFT: Ending.VOID,
}


def ending_of(record: Record, closing: RecordTransition, cases: Iterable[Dispute]) -> Ending:
    """Return a closed record's end; ``closing`` is its last transition, ``cases`` are the cases of its subject.

    A creditor that withdraws while a case is open concedes it, whatever the record's state.
    """
    known = _BY_STATE.get(record.state)
    if known is not None:
        return known
    if closing.action is Action.CLEAR:
        return Ending.PAID
    if closing.target is RecordState.CANCELLED:
        return Ending.TAKEN_BACK
    conceded = any(
        each.record_id == record.record_id and each.closed_at == closing.at and each.outcome is DisputeOutcome.WITHDRAWN
        for each in cases
    )
    return Ending.FOUND_WRONG if conceded or closing.party is not Party.CREDITOR else Ending.TAKEN_BACK


def bars_due_by(ending: Ending, due_date: dt.date, closed_on: dt.date, minimum_days: int) -> dt.date | None:
    """Return the latest due date that a record with this end bars on its account.

    A debt that could have been listed when the last one was paid (``minimum_days`` past due by then) was part of it.
    """
    match ending:
        case Ending.PAID:
            return max(due_date, closed_on - dt.timedelta(days=minimum_days))
        case Ending.TAKEN_BACK:
            return None
        case Ending.FOUND_WRONG:
            return due_date
        case Ending.OVER:
            return max(due_date, closed_on)
        case Ending.VOID:
            return dt.date.max


def account_digest(creditor_id: str, account_ref: bytes) -> bytes:
    """Compute the SHA-256 over the creditor and its own reference, which identifies a sealed record's account."""
    named = creditor_id.encode()
    return hashlib.sha256(_DIGEST_TAG + len(named).to_bytes(2, "big") + named + account_ref).digest()
