"""Gives statements to subjects."""

import json
from typing import Any

from protocol.messages.tokens import SubjectTokens
from registry.usecases.statements.give import give_statement
from tests.support.builders import tokens
from tests.support.world import World

WANG = tokens("wang")


def statement(world: World, whose: SubjectTokens = WANG, carrier: str = "carrier-b") -> dict[str, Any]:
    outcome = give_statement(world.registry, world.actor(carrier), world.call(), whose)
    assert outcome.status == 201
    return dict(json.loads(outcome.body))
