"""Propose as a creditor that a payment came undone; nothing changes before a second person confirms.

The second person is of the creditor or, for money that another carrier's counter took, of that carrier.
"""

import uuid

from protocol.events import EventKind
from protocol.log_entries import EntryKind
from protocol.messages.reversals import ReversalProposal
from protocol.problems import Problem, Refusal
from registry.domain.participants import Actor
from registry.domain.reversals import Reversal
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.notify import notify
from registry.usecases.reversals.shared import check_possible, hold_debt, reversal_message


def propose_reversal(
    registry: Registry,
    actor: Actor,
    call: IdempotentCall,
    *,
    settlement_id: uuid.UUID,
    body: ReversalProposal,
) -> Outcome:
    """Propose a reversal.

    Raises Refusal: NOT_FOUND (no such settlement of this creditor), EDGE_NOT_ALLOWED (waived, too late, or the record
    is neither open nor CLEARED), ALREADY_EXISTS (reversed before, or the account has another open record).
    """

    def work(act: Act) -> tuple[int, object]:
        settlement = act.tx.settlements.find(settlement_id)
        if settlement is None or settlement.creditor_id != act.actor_id:
            raise Refusal(Problem.NOT_FOUND)
        pointers = hold_debt(act, act.actor_id, settlement.subject_key, settlement.record_id)
        check_possible(act, settlement, pointers)
        reversal_id = act.new_id()
        reversal = Reversal(
            subject_key=settlement.subject_key,
            reversal_id=reversal_id,
            settlement_id=settlement_id,
            record_id=settlement.record_id,
            creditor_id=act.actor_id,
            reason=body.reason,
            evidence_digest=body.evidence_digest,
            proposed_at=act.now,
            proposed_key_id=actor.key_id,
            rules_version=act.rules.version,
            log_entry_id=reversal_id,
        )
        act.log(
            EntryKind.REVERSAL_PROPOSED,
            reversal_id,
            {"settlement": str(settlement_id), "reason": body.reason.value, "evidence": body.evidence_digest.hex()},
            subject_key=reversal.subject_key,
            personal={"subject": reversal.subject_key.hex()},
        )
        act.tx.reversals.add(reversal)
        payment = act.tx.collected.of_settlement(reversal.subject_key, settlement_id)
        if payment is not None:
            facts = {"collection": str(payment.collection_id), "reversal": str(reversal_id)}
            notify(act, (payment.collector_id,), EventKind.REVERSAL_TO_CONFIRM, facts=facts)
        return 201, reversal_message(reversal, names_record=act.actor_id == reversal.creditor_id)

    return answer_once(registry, actor, call, work)
