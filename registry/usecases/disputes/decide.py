"""Decide a case as an adjudicator: the debt stands, or it does not, or the identity was stolen.

Before that the adjudicator may stop a record that blocks while a further ground is heard.
"""

import uuid
from typing import Final

from protocol.codes import DisputeDecision, DisputeOutcome
from protocol.log_entries import EntryKind
from protocol.messages import disputes as messages
from protocol.problems import Problem, Refusal
from protocol.states import Action, DisputeState, Party, RecordState
from registry.domain.disputes import Dispute, DisputeStateForbids, lead_time_runs, stopped
from registry.domain.participants import Actor
from registry.domain.records import Record
from registry.usecases import edges
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.disputes.locked_case import locked_case
from registry.usecases.disputes.mark_victim import mark_victim
from registry.usecases.disputes.shared import close_case, dispute_message, state_refusal, write_case
from registry.usecases.idempotency import answer_once

_EDGES: Final = {
    DisputeDecision.UPHOLD: (Action.UPHOLD, DisputeOutcome.UPHELD),
    DisputeDecision.WITHDRAW: (Action.WITHDRAW, DisputeOutcome.WITHDRAWN),
    DisputeDecision.VOID: (Action.VOID, DisputeOutcome.VOIDED),
}


def decide_dispute(
    registry: Registry,
    actor: Actor,
    call: IdempotentCall,
    *,
    dispute_id: uuid.UUID,
    body: messages.DisputeDecisionBody,
) -> Outcome:
    """Close a case that is open or answered; to uphold, the creditor must have answered and the lead time have run.

    An answered case that nobody decides stays undecided: a record that the case stops blocks nobody meanwhile, and the
    creditor does not lose its claim by an adjudicator's delay. STOP closes nothing: it stops a blocking record.
    Raises Refusal: NOT_FOUND, ROLE_MISSING (a party to the case), VERSION_STALE, EDGE_NOT_ALLOWED.
    """

    def work(act: Act) -> tuple[int, object]:
        dispute, record = locked_case(act, actor, dispute_id, body.expected_version)
        if act.actor_id in (dispute.creditor_id, dispute.filed_by):
            raise Refusal(Problem.ROLE_MISSING, detail="Who is a party to a case does not decide it.")
        if dispute.state in (DisputeState.SUSPENDED, DisputeState.CLOSED):
            # A silent creditor's days still run; after a closed case the record may block again, or have another case.
            raise state_refusal(DisputeStateForbids(dispute.state))
        if body.decision is DisputeDecision.STOP:
            return 200, _stop(act, dispute, record)
        if body.decision is DisputeDecision.UPHOLD:
            _check_upholdable(act, dispute, record)
        action, outcome = _EDGES[body.decision]
        if body.decision is not DisputeDecision.UPHOLD or record.state is RecordState.DISPUTED:
            record = edges.move(act, record, action, Party.ADJUDICATOR, f"dispute-{outcome.lower()}")
        if body.decision is DisputeDecision.VOID:
            mark_victim(act, record.subject_key)
        return 200, dispute_message(close_case(act, dispute, outcome), record)

    return answer_once(registry, actor, call, work)


def _stop(act: Act, dispute: Dispute, record: Record) -> messages.Dispute:
    if dispute.stops:
        raise Refusal(Problem.EDGE_NOT_ALLOWED, detail="The dispute stops enforcement already.")
    moved = edges.move(act, record, Action.STOP, Party.ADJUDICATOR, "dispute-stopped")
    after = stopped(dispute, on=act.today, log_entry_id=act.new_id())
    write_case(act, EntryKind.DISPUTE_STOPPED, dispute, after)
    return dispute_message(after, moved)


def _check_upholdable(act: Act, dispute: Dispute, record: Record) -> None:
    if dispute.state is not DisputeState.ANSWERED:
        raise Refusal(
            Problem.EDGE_NOT_ALLOWED, detail=f"The dispute is {dispute.state}; only an answered one is upheld."
        )
    if lead_time_runs(record, act.today):
        raise Refusal(Problem.EDGE_NOT_ALLOWED, detail="The lead time since the notice has not run.")
