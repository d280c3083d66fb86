"""Keeps a subject apart from a household."""

import json
from typing import Any

from protocol.codes import RebuttalGround
from protocol.messages.disassociations import NewRebuttal
from protocol.messages.tokens import SubjectTokens
from registry.usecases.disassociations.file import rebut_household
from tests.support.builders import tokens
from tests.support.world import World

FLAT = "19-4-1160"
SON = tokens("son", address=FLAT)


def rebuts(world: World, whose: SubjectTokens = SON, carrier: str = "carrier-b") -> dict[str, Any]:
    filing = NewRebuttal(tokens=whose, ground=RebuttalGround.MOVED_AWAY, evidence_digest=b"e" * 32)
    outcome = rebut_household(world.registry, world.actor(carrier), world.call(), filing)
    assert outcome.status == 201
    return dict(json.loads(outcome.body))
