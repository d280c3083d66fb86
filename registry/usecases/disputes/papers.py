"""The documents of a case: added by its two sides, sealed at once, opened only for those whom the case concerns."""

import uuid
from collections.abc import Mapping
from typing import Any

from protocol.encodings import format_time
from protocol.log_entries import EntryKind
from protocol.problems import Problem, Refusal
from protocol.states import Side
from registry.domain.disputes import Dispute, DisputeDocument, DisputeStateForbids, DocumentRefused, check_document
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.disputes.locked_case import locked_case
from registry.usecases.disputes.shared import state_refusal, visible_case
from registry.usecases.documents import opened_content, sealed_content
from registry.usecases.idempotency import answer_once
from registry.usecases.overseeing import note_reading, read_as


def add_dispute_document(
    registry: Registry, actor: Actor, call: IdempotentCall, *, dispute_id: uuid.UUID, side: Side, content: bytes
) -> Outcome:
    """One more document, up to five of each side, while the case is not closed.

    A carrier that is the creditor and took the filing as well says for whom it adds.
    Raises Refusal: NOT_FOUND, ROLE_MISSING (not this side), EDGE_NOT_ALLOWED (closed), INVALID_FIELD.
    """

    def work(act: Act) -> tuple[int, Mapping[str, Any]]:
        dispute, _ = locked_case(act, actor, dispute_id, None)
        if act.actor_id != (dispute.filed_by if side is Side.FILER else dispute.creditor_id):
            raise Refusal(Problem.ROLE_MISSING)
        if dispute.is_closed:
            raise state_refusal(DisputeStateForbids(dispute.state))
        return 201, document_facts(_add(act, dispute, side, content))

    return answer_once(registry, actor, call, work)


def list_dispute_documents(registry: Registry, actor: Actor, dispute_id: uuid.UUID) -> dict[str, Any]:
    """What documents a case has; an adjudicator's reading is in the log. Raises Refusal NOT_FOUND."""

    def work(tx: Transaction) -> dict[str, Any]:
        dispute = visible_case(tx, actor, dispute_id)
        if actor.participant_id not in (dispute.filed_by, dispute.creditor_id):
            note_reading(registry, tx, actor, what="dispute-documents", of=dispute_id, subject_key=dispute.subject_key)
        return {"documents": [document_facts(each) for each in tx.papers.of_dispute(dispute.subject_key, dispute_id)]}

    return read_as(registry, actor, work)


def read_dispute_document(
    registry: Registry, actor: Actor, dispute_id: uuid.UUID, document_id: uuid.UUID
) -> tuple[DisputeDocument, bytes]:
    """A document and its content; each reading is in the log. Raises Refusal NOT_FOUND."""

    def work(tx: Transaction) -> tuple[DisputeDocument, bytes]:
        act = act_in(registry, tx, actor)
        dispute = visible_case(tx, actor, dispute_id)
        for each in tx.papers.of_dispute(dispute.subject_key, dispute_id):
            if each.document_id == document_id:
                _note(act, EntryKind.DISPUTE_DOCUMENT_READ, act.new_id(), each)
                return each, _opened(registry, each)
        raise Refusal(Problem.NOT_FOUND)

    return registry.store.write(work)


def document_facts(document: DisputeDocument) -> dict[str, Any]:
    """What is shown of a document beside its content."""
    return {
        "document_id": str(document.document_id),
        "dispute_id": str(document.dispute_id),
        "side": document.side.value,
        "media_type": document.media_type.value,
        "content_bytes": document.content_bytes,
        "added_at": format_time(document.added_at),
    }


def _add(act: Act, dispute: Dispute, side: Side, content: bytes) -> DisputeDocument:
    already = act.tx.papers.of_dispute(dispute.subject_key, dispute.dispute_id)
    try:
        media_type = check_document(content, already, side)
    except DocumentRefused as refused:
        raise Refusal(Problem.INVALID_FIELD, fields={"content": refused.code}) from None
    document_id = act.new_id()
    sealed = sealed_content(act.registry, content, _row(dispute.subject_key, dispute.dispute_id, document_id))
    document = DisputeDocument(
        subject_key=dispute.subject_key,
        document_id=document_id,
        dispute_id=dispute.dispute_id,
        side=side,
        added_by=act.actor_id,
        added_at=act.now,
        media_type=media_type,
        content_bytes=len(content),
        suite=sealed.suite,
        kek_epoch=sealed.kek_epoch,
        wrapped_key=sealed.wrapped_key,
        ciphertext=sealed.ciphertext,
        log_entry_id=document_id,
    )
    _note(act, EntryKind.DISPUTE_DOCUMENT, document_id, document)
    act.tx.papers.add(document)
    return document


def _opened(registry: Registry, document: DisputeDocument) -> bytes:
    return opened_content(registry, document, _row(document.subject_key, document.dispute_id, document.document_id))


def _row(subject_key: bytes, dispute_id: uuid.UUID, document_id: uuid.UUID) -> bytes:
    """What a seal is bound to, so that no document opens in another case or subject."""
    return subject_key + dispute_id.bytes + document_id.bytes


def _note(act: Act, kind: EntryKind, entry_id: uuid.UUID, document: DisputeDocument) -> None:
    act.log(
        kind,
        entry_id,
        {"dispute": str(document.dispute_id), "document": str(document.document_id), "side": document.side.value},
        subject_key=document.subject_key,
        personal={"subject": document.subject_key.hex()},
    )
