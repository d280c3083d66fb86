"""A reversal is read by its creditor; for others there is none."""

import uuid
from typing import Any

from protocol.encodings import b64url_encode, format_time
from protocol.problems import Problem, Refusal
from registry.domain.participant import Actor
from registry.domain.reversal import Reversal
from registry.store.transactions import Transaction
from registry.usecases.context import Registry


def read_reversal(registry: Registry, actor: Actor, reversal_id: uuid.UUID) -> dict[str, Any]:
    """The creditor's own reversal; raises Refusal NOT_FOUND, also for those of others."""
    return reversal_document(registry.store.read(lambda tx: own_reversal(tx, actor, reversal_id)))


def own_reversal(tx: Transaction, actor: Actor, reversal_id: uuid.UUID) -> Reversal:
    """The reversal if this actor's firm proposed it; raises Refusal NOT_FOUND otherwise, giving nothing away."""
    found = tx.reversals.find(reversal_id)
    if found is None or found.creditor_id != actor.participant_id:
        raise Refusal(Problem.NOT_FOUND)
    return found


def reversal_document(reversal: Reversal) -> dict[str, Any]:
    """What the creditor sees of it; no pseudonym is in it."""
    return {
        "reversal_id": str(reversal.reversal_id),
        "settlement_id": str(reversal.settlement_id),
        "record_id": str(reversal.record_id),
        "reason": reversal.reason.value,
        "evidence_digest": b64url_encode(reversal.evidence_digest),
        "proposed_at": format_time(reversal.proposed_at),
        "proposed_key_id": reversal.proposed_key_id,
        "confirmed_at": None if reversal.confirmed_at is None else format_time(reversal.confirmed_at),
        "confirmed_key_id": reversal.confirmed_key_id,
        "rules_version": reversal.rules_version,
    }
