"""What the steps of a demand for evidence share: who may see it, and what is shown of it."""

import datetime as dt
import uuid
from typing import Any

from protocol.encodings import b64url_encode, format_time
from protocol.problems import Problem, Refusal
from registry.domain.evidence import EvidenceDemand, ShownDocument
from registry.domain.participants import Actor
from registry.policy.offices import EVIDENCE_DEMANDERS
from registry.store.transactions import Transaction


def visible_demand(tx: Transaction, actor: Actor, demand_id: uuid.UUID) -> EvidenceDemand:
    """The demand for its creditor and the neutral bodies; raises Refusal NOT_FOUND for everybody else."""
    found = tx.evidence.find(demand_id)
    if found is None or not (actor.participant_id == found.creditor_id or actor.roles & EVIDENCE_DEMANDERS):
        raise Refusal(Problem.NOT_FOUND)
    return found


def demand_document(demand: EvidenceDemand, today: dt.date) -> dict[str, Any]:
    """What is shown of a demand: no pseudonym and no account is in it."""
    return {
        "demand_id": str(demand.demand_id),
        "record_id": str(demand.record_id),
        "creditor": demand.creditor_id,
        "demanded_by": demand.demanded_by,
        "document": demand.document.value,
        "bill": demand.bill,
        "digest": b64url_encode(demand.digest),
        "state": demand.state_on(today).value,
        "answers": demand.answers,
        "demanded_at": format_time(demand.demanded_at),
        "answer_due": demand.answer_due.isoformat(),
        "rules_version": demand.rules_version,
    }


def row_of(shown: ShownDocument | EvidenceDemand, shown_id: uuid.UUID) -> bytes:
    """What the seal of a shown document is bound to."""
    return shown.subject_key + shown.demand_id.bytes + shown_id.bytes
