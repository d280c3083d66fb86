"""What the steps of a dispute share: the case under its lock, what is shown of it, and how it changes and closes."""

import uuid
from typing import Any

from protocol.codes import DisputeOutcome, Role
from protocol.encodings import format_time
from protocol.log_entries import EntryKind
from protocol.problems import Problem, Refusal
from registry.domain.dispute import Dispute, DisputeStateForbids, closed, pauses, suspended
from registry.domain.life import Action, Party, RecordState
from registry.domain.money import Pause
from registry.domain.participant import Actor
from registry.domain.record import Record
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


def locked_case(act: Act, actor: Actor, dispute_id: uuid.UUID, expected_version: int | None) -> tuple[Dispute, Record]:
    """The case and its record under the subject's lock; raises Refusal NOT_FOUND or VERSION_STALE."""
    found = visible_case(act.tx, actor, dispute_id)
    act.tx.subjects.lock((found.subject_key,))
    # Read again under the lock: the clock or the other side may have been there in between.
    dispute = visible_case(act.tx, actor, dispute_id)
    if expected_version is not None and dispute.version != expected_version:
        raise Refusal(Problem.VERSION_STALE)
    return dispute, record_of(act.tx, dispute)


def record_of(tx: Transaction, dispute: Dispute) -> Record:
    """The record that a case is about."""
    records = tx.records.of_subjects((dispute.subject_key,))[dispute.subject_key]
    return next(each for each in records if each.record_id == dispute.record_id)


def write_case(act: Act, kind: EntryKind, before: Dispute, after: Dispute) -> None:
    """Write what became of a case, with its log entry."""
    facts = {"dispute": str(after.dispute_id), "state": after.state.value, "rules": act.rules.version}
    if after.answer is not None:
        facts["answer"] = after.answer.value
    if after.outcome is not None:
        facts["outcome"] = after.outcome.value
    act.log(
        kind,
        after.log_entry_id,
        facts,
        subject_key=after.subject_key,
        personal={"subject": after.subject_key.hex()},
    )
    act.tx.disputes.update(after, expected_version=before.version)


def close_case(act: Act, dispute: Dispute, outcome: DisputeOutcome) -> Dispute:
    """Close a case that is not closed; raises Refusal EDGE_NOT_ALLOWED."""
    try:
        done = closed(dispute, outcome, at=act.now, on=act.today, log_entry_id=act.new_id())
    except DisputeStateForbids as refused:
        raise state_refusal(refused) from None
    write_case(act, EntryKind.DISPUTE_CLOSED, dispute, done)
    return done


def close_with_record(act: Act, before: Record, outcome: DisputeOutcome) -> None:
    """The record has left the list by another way than its case: the case closes in the same transaction."""
    if before.state in WITHOUT_CASE:
        return
    case = act.tx.disputes.open_of_record(before.subject_key, before.record_id)
    if case is not None:
        close_case(act, case, outcome)


def suspend_case(act: Act, dispute: Dispute, record: Record) -> tuple[Dispute, Record]:
    """The clock's edge for a silent creditor: case and record together; a FROZEN record stays so."""
    if record.state is not RecordState.FROZEN:
        record = act.move(record, Action.SUSPEND, Party.CLOCK, CREDITOR_SILENT)
    after = suspended(dispute, on=act.today, log_entry_id=act.new_id())
    write_case(act, EntryKind.DISPUTE_SUSPENDED, dispute, after)
    return after, record


def pauses_of(act: Act, record: Record) -> tuple[Pause, ...]:
    """The spans in which the record's late fee stood still."""
    return pauses(act.tx.disputes.of_subjects((record.subject_key,)).get(record.subject_key, ()), record.record_id)


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
