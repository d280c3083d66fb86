"""Show, as the creditor, a document that was demanded; the registry compares it with the one that was promised."""

import hmac
import uuid

from protocol.log_entries import EntryKind
from protocol.messages.evidence import MAX_ANSWERS, EvidenceAnswer, document_digest
from protocol.problems import Problem, Refusal
from protocol.states import DemandState, Side
from registry.domain.disputes import DocumentRefused, check_document
from registry.domain.evidence import EvidenceDemand, ShownDocument
from registry.domain.participants import Actor
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.documents import sealed_content
from registry.usecases.evidence.shared import demand_message, document_seal, visible_demand
from registry.usecases.idempotency import answer_once


def show_evidence(
    registry: Registry, actor: Actor, call: IdempotentCall, *, demand_id: uuid.UUID, body: EvidenceAnswer
) -> Outcome:
    """Answer a demand with salt and document; a document that differs is kept, and another may follow in time.

    Raises Refusal: NOT_FOUND, ROLE_MISSING (not the creditor), EDGE_NOT_ALLOWED (met, overdue, answered too often),
    INVALID_FIELD (no document, or too large).
    """

    def work(act: Act) -> tuple[int, object]:
        act.tx.subjects.lock((visible_demand(act.tx, actor, demand_id).subject_key,))
        # Read again under the lock: another answer may have come in between.
        demand = visible_demand(act.tx, actor, demand_id)
        if demand.creditor_id != act.actor_id:
            raise Refusal(Problem.ROLE_MISSING)
        _check_open(act, demand)
        return 201, demand_message(_answer(act, demand, body), act.today)

    return answer_once(registry, actor, call, work)


def _check_open(act: Act, demand: EvidenceDemand) -> None:
    state = demand.state_on(act.today)
    if state in (DemandState.MATCHES, DemandState.OVERDUE):
        raise Refusal(Problem.EDGE_NOT_ALLOWED, detail=f"The demand is {state}.")
    if demand.answers >= MAX_ANSWERS:
        raise Refusal(Problem.EDGE_NOT_ALLOWED, detail="The demand was answered too often.")


def _answer(act: Act, demand: EvidenceDemand, body: EvidenceAnswer) -> EvidenceDemand:
    try:
        media_type = check_document(body.content, (), Side.CREDITOR)
    except DocumentRefused as refused:
        raise Refusal(Problem.INVALID_FIELD, fields={"content": refused.code}) from None
    shown_id = act.new_id()
    sealed = sealed_content(act.registry, body.content, document_seal(demand, shown_id))
    shown = ShownDocument(
        subject_key=demand.subject_key,
        shown_id=shown_id,
        demand_id=demand.demand_id,
        matches=hmac.compare_digest(document_digest(body.salt, body.content), demand.digest),
        media_type=media_type,
        content_bytes=len(body.content),
        suite=sealed.suite,
        kek_epoch=sealed.kek_epoch,
        wrapped_key=sealed.wrapped_key,
        ciphertext=sealed.ciphertext,
        shown_at=act.now,
        log_entry_id=shown_id,
    )
    answered = demand.answered(matches=shown.matches, log_entry_id=shown_id)
    act.log(
        EntryKind.EVIDENCE_SHOWN,
        shown_id,
        {"demand": str(demand.demand_id), "state": answered.state.value},
        subject_key=demand.subject_key,
        personal={"subject": demand.subject_key.hex()},
    )
    act.tx.evidence.show(shown)
    act.tx.evidence.update(answered)
    return answered
