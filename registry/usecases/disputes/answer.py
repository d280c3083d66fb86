"""Answer a dispute as the creditor: concede, which withdraws the record, or stand by it for an adjudicator."""

import uuid
from collections.abc import Sequence

from protocol.codes import DisputeAnswer, DisputeOutcome
from protocol.log_entries import EntryKind
from protocol.messages import disputes as messages
from protocol.problems import Problem, Refusal
from protocol.states import Action, DisputeState, Party, RecordState
from registry.domain.disputes import Dispute, DisputeStateForbids, answered, answered_late, lead_time_runs
from registry.domain.participants import Actor
from registry.domain.records import Record
from registry.usecases import edges
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.disputes.locked_case import locked_case
from registry.usecases.disputes.shared import (
    close_case,
    dispute_message,
    state_refusal,
    write_case,
)
from registry.usecases.idempotency import answer_once


def answer_dispute(
    registry: Registry,
    actor: Actor,
    call: IdempotentCall,
    *,
    dispute_id: uuid.UUID,
    body: messages.DisputeAnswerBody,
) -> Outcome:
    """Answer in time and the adjudicator decides; after a late answer the record blocks, and the subject may file anew.

    Raises Refusal: NOT_FOUND, NOT_THE_CREDITOR, VERSION_STALE, EDGE_NOT_ALLOWED (closed, answered, lapsed, answered
    late once before, or late within the lead time).
    """

    def work(act: Act) -> tuple[int, object]:
        dispute, record = locked_case(act, actor, dispute_id, body.expected_version)
        if dispute.creditor_id != act.actor_id:
            raise Refusal(Problem.NOT_THE_CREDITOR)
        if body.answer is DisputeAnswer.CONCEDED:
            return 200, _concede(act, dispute, record)
        if dispute.state is DisputeState.SUSPENDED:
            return 200, _answer_late(act, dispute, record, body.answer)
        return 200, _answer(act, dispute, record, body.answer)

    return answer_once(registry, actor, call, work)


def _concede(act: Act, dispute: Dispute, record: Record) -> messages.Dispute:
    withdrawn = edges.move(act, record, Action.WITHDRAW, Party.CREDITOR, "dispute-conceded")
    return dispute_message(close_case(act, dispute, DisputeOutcome.WITHDRAWN), withdrawn)


def _answer(act: Act, dispute: Dispute, record: Record, answer: DisputeAnswer) -> messages.Dispute:
    try:
        after = answered(dispute, answer, at=act.now, log_entry_id=act.new_id())
    except DisputeStateForbids as refused:
        raise state_refusal(refused) from None
    write_case(act, EntryKind.DISPUTE_ANSWERED, dispute, after)
    return dispute_message(after, record)


def _answer_late(act: Act, dispute: Dispute, record: Record, answer: DisputeAnswer) -> messages.Dispute:
    if _late_before(dispute, act.tx.disputes.of_subjects((dispute.subject_key,))[dispute.subject_key]):
        raise Refusal(Problem.EDGE_NOT_ALLOWED, detail="A record is answered late once.")
    if lead_time_runs(record, act.today):
        raise Refusal(Problem.EDGE_NOT_ALLOWED, detail="The lead time since the notice has not run.")
    if record.state is not RecordState.FROZEN:
        record = edges.move(act, record, Action.ANSWER_LATE, Party.CREDITOR, f"answered-late-{answer.lower()}")
    after = answered_late(dispute, answer, at=act.now, on=act.today, log_entry_id=act.new_id())
    write_case(act, EntryKind.DISPUTE_CLOSED, dispute, after)
    return dispute_message(after, record)


def _late_before(dispute: Dispute, cases: Sequence[Dispute]) -> bool:
    return any(each.record_id == dispute.record_id and each.outcome is DisputeOutcome.ANSWERED_LATE for each in cases)
