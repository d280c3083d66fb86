"""Demands evidence and shows it."""

import json
import uuid
from typing import Any

from protocol.codes import EvidenceDocument
from protocol.messages.evidence import EvidenceAnswer, NewDemand
from registry.domain.participants import Actor
from registry.usecases.evidence.demand import demand_evidence
from registry.usecases.evidence.show import show_evidence
from tests.support.builders import a_document
from tests.support.world import World

NOTICE = a_document("notice")


def demands(
    world: World,
    who: Actor,
    record_id: uuid.UUID,
    document: EvidenceDocument = EvidenceDocument.NOTICE,
    bill: int | None = None,
) -> dict[str, Any]:
    outcome = demand_evidence(
        world.registry, who, world.call(), record_id=record_id, new=NewDemand(document=document, bill=bill)
    )
    return dict(json.loads(outcome.body))


def shows(world: World, demand: dict[str, Any], document: tuple[bytes, bytes], carrier: str = "carrier-a") -> str:
    salt, content = document
    demand_id = uuid.UUID(demand["demand_id"])
    who = world.actor(carrier)
    outcome = show_evidence(
        world.registry, who, world.call(), demand_id=demand_id, body=EvidenceAnswer(salt=salt, content=content)
    )
    return str(json.loads(outcome.body)["state"])
