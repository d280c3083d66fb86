"""Steps of a dispute."""

import json
import os
import uuid
from typing import Any

from crypto.signing.keys import generate_signing_key, public_bytes
from protocol.codes import (
    DisputeAnswer,
    DisputeDecision,
    DisputeGround,
    Role,
)
from protocol.messages.disputes import DisputeAnswerBody, DisputeDecisionBody, DisputeFiling, NewDisputeDocument
from protocol.messages.participants import NewParticipant
from protocol.messages.tokens import SubjectTokens
from protocol.states import Side
from protocol.wire.codec import write
from registry.domain.participants import Actor
from registry.usecases.disputes.add_paper import add_paper
from registry.usecases.disputes.answer import answer_dispute
from registry.usecases.disputes.decide import decide_dispute
from registry.usecases.disputes.open import open_dispute
from registry.usecases.disputes.read import read_dispute
from registry.usecases.participants.admit import register_participant
from tests.support.builders import a_report, tokens
from tests.support.stories import lists
from tests.support.world import World

WANG = tokens("wang")
PDF = b"%PDF-1.7 the receipt of November"
STANDS = DisputeAnswer.PAYMENT_NOT_RECEIVED


def admitted(world: World, name: str) -> Actor:
    admission = NewParticipant(
        participant_id=name,
        name=name,
        roles=(Role.ADJUDICATOR,),
        key_id=f"{name}-1",
        public_key=public_bytes(generate_signing_key(os.urandom)),
    )
    register_participant(world.registry, world.actor("operator", Role.OPERATOR), world.call(), admission)
    return world.actor(name, Role.ADJUDICATOR)


def files(
    world: World,
    carrier: str = "carrier-b",
    whose: SubjectTokens = WANG,
    ground: DisputeGround = DisputeGround.ALREADY_PAID,
    **named: Any,
) -> list[dict[str, Any]]:
    filing = DisputeFiling(tokens=whose, ground=ground, **named)
    outcome = open_dispute(world.registry, world.actor(carrier), world.call(), filing)
    return list(json.loads(outcome.body)["disputes"])


def disputed(world: World, **changes: Any) -> uuid.UUID:
    """One debt of wang's at carrier-a, listed and disputed through carrier-b."""
    lists(world, "carrier-a", a_report("wang", **changes))
    (case,) = files(world)
    return uuid.UUID(case["dispute_id"])


def answers(
    world: World, dispute_id: uuid.UUID, answer: DisputeAnswer = STANDS, carrier: str = "carrier-a", **more: Any
) -> dict[str, Any]:
    outcome = answer_dispute(
        world.registry,
        world.actor(carrier),
        world.call(),
        dispute_id=dispute_id,
        body=DisputeAnswerBody(answer=answer, expected_version=more.get("expected_version")),
    )
    return dict(json.loads(outcome.body))


def decides(
    world: World, actor: Actor, dispute_id: uuid.UUID, decision: DisputeDecision, version: int | None = None
) -> dict[str, Any]:
    body = DisputeDecisionBody(decision=decision, expected_version=version)
    outcome = decide_dispute(world.registry, actor, world.call(), dispute_id=dispute_id, body=body)
    return dict(json.loads(outcome.body))


def case_of(world: World, dispute_id: uuid.UUID) -> dict[str, Any]:
    return write(read_dispute(world.registry, world.actor("carrier-b"), dispute_id))


def adds(
    world: World, dispute_id: uuid.UUID, carrier: str = "carrier-b", side: Side = Side.FILER, content: bytes = PDF
) -> uuid.UUID:
    outcome = add_paper(
        world.registry,
        world.actor(carrier),
        world.call(),
        dispute_id=dispute_id,
        body=NewDisputeDocument(side=side, content=content),
    )
    return uuid.UUID(json.loads(outcome.body)["document_id"])
