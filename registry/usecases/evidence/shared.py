"""Find demands for evidence and build their messages."""

import datetime as dt
import uuid

from protocol.messages.evidence import Demand
from protocol.problems import Problem, Refusal
from registry.domain.evidence import EvidenceDemand
from registry.domain.participants import Actor
from registry.policy.offices import EVIDENCE_DEMANDERS
from registry.store.transactions import Transaction


def visible_demand(tx: Transaction, actor: Actor, demand_id: uuid.UUID) -> EvidenceDemand:
    """Find a demand for its creditor and the neutral bodies; raises Refusal NOT_FOUND for everybody else."""
    demand = tx.evidence.find(demand_id)
    if demand is None or not (actor.participant_id == demand.creditor_id or actor.roles & EVIDENCE_DEMANDERS):
        raise Refusal(Problem.NOT_FOUND)
    return demand


def demand_message(demand: EvidenceDemand, today: dt.date) -> Demand:
    """Build the message of a demand with its state of a day: no pseudonym and no account is in it."""
    return Demand(
        demand_id=demand.demand_id,
        record_id=demand.record_id,
        creditor=demand.creditor_id,
        demanded_by=demand.demanded_by,
        document=demand.document,
        bill=demand.bill,
        digest=demand.digest,
        state=demand.state_on(today),
        answers=demand.answers,
        demanded_at=demand.demanded_at,
        answer_due=demand.answer_due,
        rules_version=demand.rules_version,
    )


def document_seal(demand: EvidenceDemand, shown_id: uuid.UUID) -> bytes:
    """Bind the seal of a shown document to its subject, demand and id, so that it opens nowhere else."""
    return demand.subject_key + demand.demand_id.bytes + shown_id.bytes
