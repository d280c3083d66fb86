"""An adjudicator decides: the debt stands, or it does not, or the identity was stolen and the victim is marked."""

import uuid
from collections.abc import Mapping
from typing import Any, Final

from protocol.codes import DisputeDecision, DisputeOutcome
from protocol.problems import Problem, Refusal
from registry.domain.dispute import Dispute, DisputeState, DisputeStateForbids, lead_time_runs
from registry.domain.life import Action, Party
from registry.domain.participant import Actor
from registry.domain.record import Record
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.disputes.disputing import close_case, dispute_document, locked_case, state_refusal
from registry.usecases.disputes.mark_victim import mark_victim
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
    decision: DisputeDecision,
    expected_version: int | None,
) -> Outcome:
    """Close a case that is open or answered; to uphold, the creditor must have answered and the lead time have run.

    An answered case that nobody decides stays undecided: the record blocks nobody meanwhile, and the creditor does
    not lose its claim by an adjudicator's delay.
    Raises Refusal: NOT_FOUND, ROLE_MISSING (a party to the case), VERSION_STALE, EDGE_NOT_ALLOWED.
    """

    def work(act: Act) -> tuple[int, Mapping[str, Any]]:
        dispute, record = locked_case(act, actor, dispute_id, expected_version)
        if act.actor_id in (dispute.creditor_id, dispute.filed_by):
            raise Refusal(Problem.ROLE_MISSING, detail="Who is a party to a case does not decide it.")
        if dispute.is_closed:
            # Its record may be under another case by now, or block again: neither is this decision's to touch.
            raise state_refusal(DisputeStateForbids(dispute.state))
        if decision is DisputeDecision.UPHOLD:
            _check_upholdable(act, dispute, record)
        action, outcome = _EDGES[decision]
        moved = act.move(record, action, Party.ADJUDICATOR, f"dispute-{outcome.lower()}")
        if decision is DisputeDecision.VOID:
            mark_victim(act, record.subject_key)
        return 200, dispute_document(close_case(act, dispute, outcome), moved)

    return answer_once(registry, actor, call, work)


def _check_upholdable(act: Act, dispute: Dispute, record: Record) -> None:
    if dispute.state is not DisputeState.ANSWERED:
        raise Refusal(
            Problem.EDGE_NOT_ALLOWED, detail=f"The dispute is {dispute.state}; only an answered one is upheld."
        )
    if lead_time_runs(record, act.today):
        raise Refusal(Problem.EDGE_NOT_ALLOWED, detail="The lead time since the notice has not run.")
