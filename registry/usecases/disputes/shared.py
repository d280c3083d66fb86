"""Share the steps of a dispute's use cases: find a case, write and close it, and build its message."""

import uuid
from collections.abc import Sequence

from protocol.codes import DisputeOutcome
from protocol.log_entries import EntryKind, Facts
from protocol.messages import disputes as messages
from protocol.problems import Problem, Refusal
from protocol.states import Action, Party, RecordState
from protocol.wire.codec import message_of
from registry.domain.disputes import (
    Dispute,
    DisputeStateForbids,
    Paper,
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
from registry.policy.offices import DISPUTE_JUDGES
from registry.store.transactions import Transaction
from registry.usecases import edges
from registry.usecases.act import Act

CREDITOR_SILENT = "creditor-silent"
WITHOUT_CASE = (RecordState.PENDING, RecordState.ARRANGED)
"""Open states of a record about which no case can be open."""


def visible_case(tx: Transaction, actor: Actor, dispute_id: uuid.UUID) -> Dispute:
    """Find the case for its filer, its creditor and any adjudicator; raises Refusal NOT_FOUND for everybody else."""
    case = tx.disputes.find(dispute_id)
    if case is None or not (is_party(actor, case) or judges(actor)):
        raise Refusal(Problem.NOT_FOUND)
    return case


def is_party(actor: Actor, case: Dispute) -> bool:
    """Tell whether the actor filed the case or has to answer it."""
    return actor.participant_id in (case.filed_by, case.creditor_id)


def judges(actor: Actor) -> bool:
    """Tell whether the actor may decide cases at all."""
    return not actor.roles.isdisjoint(DISPUTE_JUDGES)


def record_of(tx: Transaction, dispute: Dispute) -> Record:
    """Find the record that a case is about."""
    record = tx.records.get(dispute.subject_key, dispute.record_id)
    if record is None:
        raise LookupError("a case refers to a record that is not there")
    return record


def write_case(act: Act, kind: EntryKind, before: Dispute, after: Dispute) -> None:
    """Write a changed case with its log entry."""
    write_cases(act, kind, [(before, after)])


def write_cases(act: Act, kind: EntryKind, changes: Sequence[tuple[Dispute, Dispute]]) -> None:
    """Write changed cases, each as it was and as it is, with their log entries."""
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
    """Close the case of a record that left the list by another way, in the same transaction."""
    close_with_records(act, (before,), outcome)


def close_with_records(act: Act, before: Sequence[Record], outcome: DisputeOutcome) -> None:
    """Do the same as ``close_with_record`` for different records; their cases are read once."""
    heard = [each for each in before if each.state not in WITHOUT_CASE]
    disputes = act.tx.disputes.of_subjects({record.subject_key for record in heard})
    cases = by_record(case for of_subject in disputes.values() for case in of_subject)
    open_ones = (open_case(cases.get(each.record_id, ()), each.record_id) for each in heard)
    close_cases(act, [case for case in open_ones if case is not None], outcome)


def suspend_cases(act: Act, pairs: Sequence[tuple[Dispute, Record]]) -> list[tuple[Dispute, Record]]:
    """Take the scheduler's edge for silent creditors: each case and its record together; a FROZEN record stays so."""
    stopping = [record for _, record in pairs if record.state is not RecordState.FROZEN]
    due = {record.record_id: silent_from(dispute) for dispute, record in pairs}
    left = edges.move_many(act, stopping, Action.SUSPEND, Party.CLOCK, CREDITOR_SILENT, due=due)
    moved = {each.record_id: each for each in left}
    after = [suspended(dispute, log_entry_id=act.new_id()) for dispute, _ in pairs]
    before = [dispute for dispute, _ in pairs]
    write_cases(act, EntryKind.DISPUTE_SUSPENDED, list(zip(before, after, strict=True)))
    records = [moved.get(record.record_id, record) for _, record in pairs]
    return list(zip(after, records, strict=True))


def pauses_of(act: Act, record: Record) -> tuple[Pause, ...]:
    """Read the spans in which the record's late fee stood still."""
    return pauses(act.tx.disputes.of_record(record.subject_key, record.record_id), record.record_id)


def state_refusal(refused: DisputeStateForbids) -> Refusal:
    """Refuse a step that the state of the case forbids."""
    return Refusal(Problem.EDGE_NOT_ALLOWED, detail=f"The dispute is {refused.state}.")


def dispute_message(dispute: Dispute, record: Record) -> messages.Dispute:
    """Build the message of a case: neither the pseudonym, nor the record's id, nor the account reference is in it.

    The figures are those of the filing, on which the case is judged.
    """
    return message_of(
        messages.Dispute,
        dispute,
        creditor=dispute.creditor_id,
        service_class=record.service_class,
        record_state=record.state,
        stops_enforcement=dispute.stops,
    )


def paper_seal(subject_key: bytes, dispute_id: uuid.UUID, document_id: uuid.UUID) -> bytes:
    """Bind a paper's seal to its subject, case and id, so that it opens nowhere else."""
    return subject_key + dispute_id.bytes + document_id.bytes


def paper_facts(paper: Paper) -> Facts:
    """Name a paper in the log."""
    return {"dispute": str(paper.dispute_id), "document": str(paper.document_id), "side": paper.side.value}


def log_paper(act: Act, entry_id: uuid.UUID, paper: Paper) -> None:
    """Log that a paper was added."""
    act.log(
        EntryKind.DISPUTE_DOCUMENT,
        entry_id,
        paper_facts(paper),
        subject_key=paper.subject_key,
        personal={"subject": paper.subject_key.hex()},
    )
