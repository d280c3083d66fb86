"""Takes a participant out of the registry."""

import json
from typing import Any

from protocol.codes import Role
from registry.usecases.participants.exit import exit_participant
from tests.support.world import World


def leaves(world: World, who: str = "carrier-a") -> Any:
    operator = world.actor("operator", Role.OPERATOR)
    return json.loads(exit_participant(world.registry, operator, world.call(), who).body)
