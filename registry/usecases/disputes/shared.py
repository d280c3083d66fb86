"""What the steps of a dispute share: the case under its lock, what is shown of it, and how it changes and closes."""

import uuid
from collections.abc import Sequence
from typing import Any

from protocol.codes import DisputeOutcome, Role
from protocol.encodings import format_time
from protocol.log_entries import EntryKind
from protocol.problems import Problem, Refusal
from protocol.states import Action, Party, RecordState
from registry.domain.disputes import (
    Dispute,
    DisputeStateForbids,
    by_record,
    closed,
    open_case,
    pauses,
    silent_from,
    suspended,
)
from registry.domain.log import LogEntry
from registry.domain.money import Pause
from registry.domain.participants import Actor
from registry.domain.records import Record
from registry.store.transactions import Transaction
from registry.usecases.act import Act

CREDITOR_SILENT = "creditor-silent"
WITHOUT_CASE = (RecordState.PENDING, RecordState.ARRANGED)
"""Open states of a record about which no case can be open."""


def visible_case(tx: Transaction, actor: Actor, dispute_id: uuid.UUID) -> Dispute:
    """The case for its filer, its creditor and any adjudicator; raises Refusal NOT_FOUND for everybody else."""
    found = tx.disputes.find(dispute_id)
    if found is None or not (actor.participant_id in (found.filed_by, found.creditor_id) or judges(actor)):
        raise Refusal(Problem.NOT_FOUND)
    return found


def judges(actor: Actor) -> bool:
    """Whether the actor may decide cases at all."""
    return Role.ADJUDICATOR in actor.roles


def record_of(tx: Transaction, dispute: Dispute) -> Record:
    """The record that a case is about."""
    found = tx.records.get(dispute.subject_key, dispute.record_id)
    if found is None:
        raise LookupError("a case refers to a record that is not there")
    return found


def write_case(act: Act, kind: EntryKind, before: Dispute, after: Dispute) -> None:
    """Write what became of a case, with its log entry."""
    write_cases(act, kind, [(before, after)])


def write_cases(act: Act, kind: EntryKind, changes: Sequence[tuple[Dispute, Dispute]]) -> None:
    """Write what became of different cases, each as it was and as it is, with their log entries."""
    act.tx.openings.append([_case_entry(act, kind, after) for _, after in changes])
    act.tx.disputes.update_many([(after, before.version) for before, after in changes])


def _case_entry(act: Act, kind: EntryKind, case: Dispute) -> LogEntry:
    facts = {"dispute": str(case.dispute_id), "state": case.state.value, "rules": act.rules.version}
    if case.answer is not None:
        facts["answer"] = case.answer.value
    if case.outcome is not None:
        facts["outcome"] = case.outcome.value
    return act.entry(
        kind, case.log_entry_id, facts, subject_key=case.subject_key, personal={"subject": case.subject_key.hex()}
    )


def close_case(act: Act, dispute: Dispute, outcome: DisputeOutcome) -> Dispute:
    """Close a case that is not closed; raises Refusal EDGE_NOT_ALLOWED."""
    (done,) = close_cases(act, (dispute,), outcome)
    return done


def close_cases(act: Act, disputes: Sequence[Dispute], outcome: DisputeOutcome) -> list[Dispute]:
    """Close different cases that are not closed; raises Refusal EDGE_NOT_ALLOWED."""
    try:
        done = [closed(each, outcome, at=act.now, on=act.today, log_entry_id=act.new_id()) for each in disputes]
    except DisputeStateForbids as refused:
        raise state_refusal(refused) from None
    write_cases(act, EntryKind.DISPUTE_CLOSED, list(zip(disputes, done, strict=True)))
    return done


def close_with_record(act: Act, before: Record, outcome: DisputeOutcome) -> None:
    """The record has left the list by another way than its case: the case closes in the same transaction."""
    close_with_records(act, (before,), outcome)


def close_with_records(act: Act, before: Sequence[Record], outcome: DisputeOutcome) -> None:
    """As ``close_with_record`` for different records; their cases are read once."""
    heard = [each for each in before if each.state not in WITHOUT_CASE]
    found = act.tx.disputes.of_subjects({each.subject_key for each in heard})
    cases = by_record(case for owned in found.values() for case in owned)
    open_ones = (open_case(cases.get(each.record_id, ()), each.record_id) for each in heard)
    close_cases(act, [case for case in open_ones if case is not None], outcome)


def suspend_cases(act: Act, held: Sequence[tuple[Dispute, Record]]) -> list[tuple[Dispute, Record]]:
    """The clock's edge for silent creditors: each case and its record together; a FROZEN record stays so."""
    stopping = [record for _, record in held if record.state is not RecordState.FROZEN]
    due = {record.record_id: silent_from(dispute) for dispute, record in held}
    left = act.move_many(stopping, Action.SUSPEND, Party.CLOCK, CREDITOR_SILENT, due)
    moved = {each.record_id: each for each in left}
    after = [suspended(dispute, log_entry_id=act.new_id()) for dispute, _ in held]
    before = [dispute for dispute, _ in held]
    write_cases(act, EntryKind.DISPUTE_SUSPENDED, list(zip(before, after, strict=True)))
    records = [moved.get(record.record_id, record) for _, record in held]
    return list(zip(after, records, strict=True))


def pauses_of(act: Act, record: Record) -> tuple[Pause, ...]:
    """The spans in which the record's late fee stood still."""
    return pauses(act.tx.disputes.of_record(record.subject_key, record.record_id), record.record_id)


def state_refusal(refused: DisputeStateForbids) -> Refusal:
    """What a step that the case's state forbids comes to."""
    return Refusal(Problem.EDGE_NOT_ALLOWED, detail=f"The dispute is {refused.state}.")


def dispute_document(dispute: Dispute, record: Record) -> dict[str, Any]:
    """What is shown of a case: neither the pseudonym, nor the record's id, nor the account reference is in it.

    The figures are those of the filing, on which the case is judged.
    """
    return {
        "dispute_id": str(dispute.dispute_id),
        "state": dispute.state.value,
        "version": dispute.version,
        "ground": dispute.ground.value,
        "creditor": dispute.creditor_id,
        "service_class": record.service_class.value,
        "principal_fen": dispute.principal_fen,
        "costs_fen": dispute.costs_fen,
        "paid_fen": dispute.paid_fen,
        "record_state": record.state.value,
        "stops_enforcement": dispute.stops,
        "filed_by": dispute.filed_by,
        "filed_at": format_time(dispute.filed_at),
        "answer_due": dispute.answer_due.isoformat(),
        "close_due": dispute.close_due.isoformat(),
        "lapse_due": dispute.lapse_due.isoformat(),
        "answer": None if dispute.answer is None else dispute.answer.value,
        "answered_at": None if dispute.answered_at is None else format_time(dispute.answered_at),
        "outcome": None if dispute.outcome is None else dispute.outcome.value,
        "closed_at": None if dispute.closed_at is None else format_time(dispute.closed_at),
        "rules_version": dispute.rules_version,
    }
