"""Add a paper to a case for one of its two sides; it is sealed at once."""

import uuid

from protocol.messages.disputes import DisputeDocument, NewDisputeDocument
from protocol.problems import Problem, Refusal
from protocol.states import Side
from protocol.wire.codec import message_of
from registry.domain.disputes import Dispute, DisputeStateForbids, DocumentRefused, Paper, check_document
from registry.domain.participants import Actor
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.disputes.locked_case import locked_case
from registry.usecases.disputes.shared import log_paper, paper_seal, state_refusal
from registry.usecases.documents import sealed_content
from registry.usecases.idempotency import answer_once


def add_paper(
    registry: Registry, actor: Actor, call: IdempotentCall, *, dispute_id: uuid.UUID, body: NewDisputeDocument
) -> Outcome:
    """Add one more paper, up to five of each side, while the case is not closed.

    A carrier that is both creditor and filer names the side for which it adds.
    Raises Refusal: NOT_FOUND, ROLE_MISSING (not this side), EDGE_NOT_ALLOWED (closed), INVALID_FIELD.
    """

    def work(act: Act) -> tuple[int, object]:
        dispute, _ = locked_case(act, actor, dispute_id, None)
        if act.actor_id != (dispute.filed_by if body.side is Side.FILER else dispute.creditor_id):
            raise Refusal(Problem.ROLE_MISSING)
        if dispute.is_closed:
            raise state_refusal(DisputeStateForbids(dispute.state))
        return 201, message_of(DisputeDocument, _add(act, dispute, body))

    return answer_once(registry, actor, call, work)


def _add(act: Act, dispute: Dispute, new: NewDisputeDocument) -> Paper:
    already = act.tx.papers.of_dispute(dispute.subject_key, dispute.dispute_id)
    try:
        media_type = check_document(new.content, already, new.side)
    except DocumentRefused as refused:
        raise Refusal(Problem.INVALID_FIELD, fields={"content": refused.code}) from None
    document_id = act.new_id()
    sealed = sealed_content(act.registry, new.content, paper_seal(dispute.subject_key, dispute.dispute_id, document_id))
    paper = Paper(
        subject_key=dispute.subject_key,
        document_id=document_id,
        dispute_id=dispute.dispute_id,
        side=new.side,
        added_by=act.actor_id,
        added_at=act.now,
        media_type=media_type,
        content_bytes=len(new.content),
        suite=sealed.suite,
        kek_epoch=sealed.kek_epoch,
        wrapped_key=sealed.wrapped_key,
        ciphertext=sealed.ciphertext,
        log_entry_id=document_id,
    )
    log_paper(act, document_id, paper)
    act.tx.papers.add(paper)
    return paper
