"""Tells the ways in which records end apart, as far as a later report of the debt or person has to know them."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from protocol.codes import DisputeOutcome
from protocol.states import Action, Party, RecordState
from registry.domain.disputes import Dispute
from registry.domain.records import Record, RecordEvent

_DIGEST_TAG: Final = b"clearline/account/v1\n"
STOPPED_STATES: Final = frozenset({RecordState.DISPUTED, RecordState.SUSPENDED, RecordState.FROZEN})
"""States in which an open record does not block because somebody doubts it."""


class Ending(StrEnum):
    """The ways in which a record ends, as far as a later report has to tell them apart."""

    PAID = "PAID"
    """Settled, waived, paid within the lead time, or sold to another creditor."""
    TAKEN_BACK = "TAKEN_BACK"
    """The creditor withdrew it while no case was open, or never confirmed it."""
    FOUND_WRONG = "FOUND_WRONG"
    """An adjudicator, the creditor's silence or its concession in a case ended it."""
    OVER = "OVER"
    """A court discharged the debt, or its five years ran out."""
    VOID = "VOID"
    """The identity was stolen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerRecord:
    """A closed record of a person with a creditor, on the list still or sealed since."""

    account_digest: bytes = field(repr=False)
    ending: Ending
    bars_due_by: dt.date | None
    """A debt on this account that was due by this day is not listed again; None bars nothing."""
    listed_at: dt.datetime
    closed_on: dt.date
    record: Record | None = None
    """None when the record has left the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtedRecord:
    """An open record that somebody disputes or froze, and the Beijing day since when."""

    since: dt.date


_BY_STATE: Final = {
    RecordState.CLEARED: Ending.PAID,
    RecordState.TRANSFERRED: Ending.PAID,
    RecordState.DISCHARGED: Ending.OVER,
    RecordState.EXPIRED: Ending.OVER,
    RecordState.VOID_IDENTITY_THEFT: Ending.VOID,
}


def ending_of(record: Record, closing: RecordEvent, cases: Iterable[Dispute]) -> Ending:
    """How a closed record ended; ``closing`` is the event of its last edge, ``cases`` are the cases of its subject.

    A creditor that withdraws while a case is open concedes it, whatever state the record was in.
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
    """The latest due date that is not listed again on the account of a record that ended so.

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
    """SHA-256 over the creditor and its own reference: by this a sealed record's account is known."""
    named = creditor_id.encode()
    return hashlib.sha256(_DIGEST_TAG + len(named).to_bytes(2, "big") + named + account_ref).digest()
