"""A dispute is a case about one record: it has deadlines, the papers of both sides, and an outcome."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from protocol.codes import DisputeAnswer, DisputeGround, DisputeOutcome
from protocol.events import EventKind
from protocol.messages.limits import MAX_DOCUMENT_BYTES, MAX_DOCUMENTS
from protocol.messages.rules import DisputeTerms
from protocol.problems import FieldCode
from protocol.states import DisputeState, MediaType, Side
from registry.domain.money import Pause
from registry.domain.records import Record


class DisputeStateForbids(Exception):
    """The case's state does not allow the step."""

    def __init__(self, state: DisputeState) -> None:
        super().__init__(state.value)
        self.state = state


class DocumentRefused(Exception):
    """The paper is empty, too large, of another kind, or one too many; ``code`` says which."""

    def __init__(self, code: FieldCode) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """One case about one record. Dates are Beijing's and inclusive: a deadline includes its whole day."""

    subject_key: bytes = field(repr=False)
    dispute_id: uuid.UUID
    record_id: uuid.UUID
    creditor_id: str
    ground: DisputeGround
    principal_fen: int
    costs_fen: int
    paid_fen: int
    """The record's figures at the filing: the case is judged on them; if upheld, it bars its ground up to them."""
    filed_by: str
    """The participant at whose counter the subject showed its identity document."""
    filed_at: dt.datetime
    filed_on: dt.date
    stopped_on: dt.date | None
    """The first day on which the case stops enforcement and the late fee; None while the record goes on blocking."""
    answer_due: dt.date
    close_due: dt.date
    lapse_due: dt.date
    """The last day for a late answer; counted from ``answer_due``, so that a halted scheduler prolongs nothing."""
    remind_on: dt.date | None = None
    """The day on which the scheduler reminds the side that must act next, once; None without a further reminder."""
    state: DisputeState
    answer: DisputeAnswer | None = None
    answered_at: dt.datetime | None = None
    closed_at: dt.datetime | None = None
    closed_on: dt.date | None = None
    outcome: DisputeOutcome | None = None
    rules_version: str
    version: int
    log_entry_id: uuid.UUID
    """The access log's entry of the case's latest change."""

    @property
    def is_closed(self) -> bool:
        return self.state is DisputeState.CLOSED

    @property
    def stops(self) -> bool:
        """Tell whether the case stops enforcement, or did while it was open."""
        return self.stopped_on is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper of a case as it is stored: sealed under a data key of its own, which the KEK wraps."""

    subject_key: bytes = field(repr=False)
    document_id: uuid.UUID
    dispute_id: uuid.UUID
    side: Side
    added_by: str
    added_at: dt.datetime
    media_type: MediaType
    content_bytes: int
    suite: str
    kek_epoch: int
    wrapped_key: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)
    log_entry_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class VictimMarker:
    """The subject's identity was stolen once: until the day ``until`` (excluded) counters verify its bearer."""

    subject_key: bytes = field(repr=False)
    marker_id: uuid.UUID
    set_by: str
    set_at: dt.datetime
    until: dt.date
    log_entry_id: uuid.UUID


def deadlines(filed_on: dt.date, terms: DisputeTerms) -> tuple[dt.date, dt.date, dt.date]:
    """Return the last days for the answer, for the decision, and for a silent creditor's late answer."""
    answer_due = filed_on + dt.timedelta(days=terms.answer_days)
    close_due = filed_on + dt.timedelta(days=terms.close_days)
    return answer_due, close_due, answer_due + dt.timedelta(days=terms.lapse_days)


def first_reminder(filed_on: dt.date, answer_due: dt.date, reminder_days: int) -> dt.date | None:
    """Return the day of the creditor's reminder; None if that is no later than the filing, of which it is told."""
    day = answer_due - dt.timedelta(days=reminder_days)
    return day if day > filed_on else None


def reminder(dispute: Dispute, today: dt.date) -> EventKind | None:
    """Return today's reminder: to the creditor that its answer is due, or to the adjudicators of their decision."""
    if dispute.remind_on is None or today < dispute.remind_on:
        return None
    if dispute.state is DisputeState.OPEN:
        return EventKind.DISPUTE_ANSWER_DUE
    return EventKind.DISPUTE_DECISION_DUE if dispute.state is DisputeState.ANSWERED else None


def reminded(dispute: Dispute) -> Dispute:
    """Return the case after its reminder; its version stays, since nothing changed for its sides."""
    return replace(dispute, remind_on=None)


def silent_from(dispute: Dispute) -> dt.date:
    """Return the first day after the creditor's days for an answer."""
    return dispute.answer_due + dt.timedelta(days=1)


def silent(dispute: Dispute, today: dt.date) -> bool:
    """Tell whether the creditor let its days for an answer pass."""
    return dispute.state is DisputeState.OPEN and today >= silent_from(dispute)


def lapsed(dispute: Dispute, today: dt.date) -> bool:
    """Tell whether the creditor let the days for a late answer pass too."""
    return dispute.state is DisputeState.SUSPENDED and today > dispute.lapse_due


def lead_time_runs(record: Record, today: dt.date) -> bool:
    """Tell whether the record is in its lead time, in which no decision lets it block."""
    return today < record.enforceable_from


def answered(dispute: Dispute, answer: DisputeAnswer, *, at: dt.datetime, log_entry_id: uuid.UUID) -> Dispute:
    """Return the case after the creditor stood by its record; raises DisputeStateForbids unless it is OPEN."""
    _expect(dispute, DisputeState.OPEN)
    return replace(
        dispute,
        state=DisputeState.ANSWERED,
        remind_on=dispute.close_due + dt.timedelta(days=1),
        answer=answer,
        answered_at=at,
        version=dispute.version + 1,
        log_entry_id=log_entry_id,
    )


def stopped(dispute: Dispute, *, on: dt.date, log_entry_id: uuid.UUID) -> Dispute:
    """Return the case as it stops enforcement; raises DisputeStateForbids if it already does, or is closed."""
    if dispute.is_closed or dispute.stops:
        raise DisputeStateForbids(dispute.state)
    return replace(dispute, stopped_on=on, version=dispute.version + 1, log_entry_id=log_entry_id)


def suspended(dispute: Dispute, *, log_entry_id: uuid.UUID) -> Dispute:
    """Return the case of a silent creditor: it stops enforcement from the first silent day, even if that is past.

    Raises DisputeStateForbids unless it is OPEN.
    """
    _expect(dispute, DisputeState.OPEN)
    return replace(
        dispute,
        state=DisputeState.SUSPENDED,
        stopped_on=dispute.stopped_on or silent_from(dispute),
        remind_on=None,
        version=dispute.version + 1,
        log_entry_id=log_entry_id,
    )


def answered_late(
    dispute: Dispute, answer: DisputeAnswer, *, at: dt.datetime, on: dt.date, log_entry_id: uuid.UUID
) -> Dispute:
    """Return the suspended case after the creditor's late answer; it closes, and the subject may file anew."""
    _expect(dispute, DisputeState.SUSPENDED)
    told = replace(dispute, answer=answer, answered_at=at)
    return closed(told, DisputeOutcome.ANSWERED_LATE, at=at, on=on, log_entry_id=log_entry_id)


def closed(
    dispute: Dispute, outcome: DisputeOutcome, *, at: dt.datetime, on: dt.date, log_entry_id: uuid.UUID
) -> Dispute:
    """Return the case with its outcome; raises DisputeStateForbids if it has one."""
    if dispute.is_closed:
        raise DisputeStateForbids(dispute.state)
    return replace(
        dispute,
        state=DisputeState.CLOSED,
        remind_on=None,
        outcome=outcome,
        closed_at=at,
        closed_on=on,
        version=dispute.version + 1,
        log_entry_id=log_entry_id,
    )


def by_record(disputes: Iterable[Dispute]) -> dict[uuid.UUID, tuple[Dispute, ...]]:
    """Group cases by their records, each record's in their order."""
    found: dict[uuid.UUID, list[Dispute]] = {}
    for each in disputes:
        found.setdefault(each.record_id, []).append(each)
    return {record_id: tuple(cases) for record_id, cases in found.items()}


def open_case(disputes: Iterable[Dispute], record_id: uuid.UUID) -> Dispute | None:
    """Return the record's case that is not closed, or None; there is at most one."""
    return next((each for each in disputes if each.record_id == record_id and not each.is_closed), None)


def pauses(disputes: Iterable[Dispute], record_id: uuid.UUID) -> tuple[Pause, ...]:
    """Return the spans in which cases stopped the record and its late fee, whatever their outcomes."""
    return tuple(
        (each.stopped_on, each.closed_on)
        for each in disputes
        if each.record_id == record_id and each.stopped_on is not None
    )


def check_document(content: bytes, already: Collection[Paper], side: Side) -> MediaType:
    """Return the paper's media type by its first bytes, not by its sender's claim; raises DocumentRefused."""
    if sum(each.side is side for each in already) >= MAX_DOCUMENTS:
        raise DocumentRefused(FieldCode.TOO_MANY)
    if len(content) > MAX_DOCUMENT_BYTES:
        raise DocumentRefused(FieldCode.TOO_LARGE)
    for magic, media_type in _MAGIC:
        if content.startswith(magic) and len(content) > len(magic):
            return media_type
    raise DocumentRefused(FieldCode.NOT_A_DOCUMENT)


_MAGIC: Final[Sequence[tuple[bytes, MediaType]]] = (
    (b"%PDF-", MediaType.PDF),
    (b"\x89PNG\r\n\x1a\n", MediaType.PNG),
    (b"\xff\xd8\xff", MediaType.JPEG),
)
"""ISO 32000-1 section 7.5.2; PNG section 5.2; JPEG (ITU-T T.81) SOI and the first byte of the next marker."""


def marked(markers: Iterable[VictimMarker], day: dt.date) -> bool:
    """Tell whether a marker is in force on a Beijing date."""
    return any(day < each.until for each in markers)


def _expect(dispute: Dispute, state: DisputeState) -> None:
    if dispute.state is not state:
        raise DisputeStateForbids(dispute.state)
