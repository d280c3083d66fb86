"""Proposes, approves and revokes entries of the red list."""

import datetime as dt
import json
import uuid
from typing import Any

from protocol.codes import RedListGround, Role
from protocol.messages.red_list import RedListProposal
from registry.domain.participants import Actor
from registry.usecases.red_list.approve import approve_red_list
from registry.usecases.red_list.propose import propose_red_list
from registry.usecases.red_list.revoke import revoke_red_list
from tests.support.builders import TODAY, tokens
from tests.support.world import World

HOSPITAL = tokens("hospital")


def operator(world: World) -> Actor:
    return world.actor("operator", Role.OPERATOR)


def a_proposal(**changes: Any) -> RedListProposal:
    values: dict[str, Any] = {
        "tokens": HOSPITAL,
        "organisation": True,
        "ground": RedListGround.HOSPITAL,
        "expires_on": TODAY + dt.timedelta(days=365),
    }
    return RedListProposal(**(values | changes))


def proposes(world: World, carrier: str = "carrier-a", **changes: Any) -> uuid.UUID:
    outcome = propose_red_list(world.registry, world.actor(carrier), world.call(), a_proposal(**changes))
    assert outcome.status == 201
    return uuid.UUID(json.loads(outcome.body)["entry_id"])


def approves(world: World, actor: Actor, entry_id: uuid.UUID) -> str:
    return str(json.loads(approve_red_list(world.registry, actor, world.call(), entry_id).body)["state"])


def revokes(world: World, entry_id: uuid.UUID) -> str:
    return str(json.loads(revoke_red_list(world.registry, operator(world), world.call(), entry_id).body)["state"])
