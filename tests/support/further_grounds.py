"""Steps of a dispute on a further ground."""

import uuid
from typing import Any

from protocol.codes import (
    DisputeDecision,
    DisputeGround,
)
from protocol.messages.archive import Order
from protocol.states import Action
from registry.domain.participants import Actor
from registry.usecases.archive.orders import carry_out_order
from tests.support.disputes import answers, decides, files
from tests.support.world import World

UPHOLD, STOP = DisputeDecision.UPHOLD, DisputeDecision.STOP


def files_one(world: World, ground: DisputeGround) -> dict[str, Any]:
    (case,) = files(world, ground=ground)
    return case


def id_of(case: dict[str, Any]) -> uuid.UUID:
    return uuid.UUID(case["dispute_id"])


def upheld(world: World, court: Actor, ground: DisputeGround) -> None:
    case = files_one(world, ground)
    answers(world, id_of(case))
    assert decides(world, court, id_of(case), UPHOLD)["outcome"] == "UPHELD"


def orders(world: World, record_id: uuid.UUID, action: Action) -> None:
    actor = world.actor("operator")
    carry_out_order(
        world.registry,
        actor,
        world.call(),
        record_id=record_id,
        action=action,
        order=Order(order_reference=bytes(32)),
    )
