"""A reversal is read by its creditor and, where it took the money, by the collector; for others there is none."""

import uuid
from typing import Any

from protocol.encodings import b64url_encode, format_time
from protocol.problems import Problem, Refusal
from registry.domain.collected import CollectedPayment
from registry.domain.participants import Actor
from registry.domain.reversals import Reversal
from registry.store.transactions import Transaction
from registry.usecases.context import Registry


def read_reversal(registry: Registry, actor: Actor, reversal_id: uuid.UUID) -> dict[str, Any]:
    """The actor's own reversal; raises Refusal NOT_FOUND, also for those of others."""
    found, _ = registry.store.read(lambda tx: own_reversal(tx, actor, reversal_id))
    return reversal_document(found, actor.participant_id)


def own_reversal(tx: Transaction, actor: Actor, reversal_id: uuid.UUID) -> tuple[Reversal, CollectedPayment | None]:
    """The reversal with the payment that it takes back, if it takes back one.

    Raises Refusal NOT_FOUND unless the actor's firm proposed it or took the money, giving nothing away.
    """
    found = tx.reversals.find(reversal_id)
    if found is None:
        raise Refusal(Problem.NOT_FOUND)
    payment = tx.collected.of_settlement(found.subject_key, found.settlement_id)
    parties = (found.creditor_id, None if payment is None else payment.collector_id)
    if actor.participant_id not in parties:
        raise Refusal(Problem.NOT_FOUND)
    return found, payment


def reversal_document(reversal: Reversal, actor_id: str) -> dict[str, Any]:
    """What a party sees of it; no pseudonym is in it, and the record is named to its creditor alone."""
    return {
        "reversal_id": str(reversal.reversal_id),
        "settlement_id": str(reversal.settlement_id),
        "record_id": str(reversal.record_id) if actor_id == reversal.creditor_id else None,
        "reason": reversal.reason.value,
        "evidence_digest": b64url_encode(reversal.evidence_digest),
        "proposed_at": format_time(reversal.proposed_at),
        "proposed_key_id": reversal.proposed_key_id,
        "confirmed_at": None if reversal.confirmed_at is None else format_time(reversal.confirmed_at),
        "confirmed_key_id": reversal.confirmed_key_id,
        "rules_version": reversal.rules_version,
    }
