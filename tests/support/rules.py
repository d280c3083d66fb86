"""Proposes and approves versions of the rules."""

import copy
import datetime as dt
import json
from typing import Any

from protocol.codes import Role
from protocol.messages.rules import Rules
from protocol.wire.codec import read, write
from registry.policy.rules import DEFAULT_RULES
from registry.usecases.rules.approve import approve_rules
from registry.usecases.rules.propose import propose_rules
from tests.support.builders import TODAY
from tests.support.world import World

IN_FORCE = TODAY + dt.timedelta(days=14)


def a_version(name: str = "2027-01", effective_from: dt.date = IN_FORCE, **figures: Any) -> dict[str, Any]:
    """The founding rules under another name and date, with some figures changed: ``late_fee__daily_ppm=1``."""
    document = copy.deepcopy(write(DEFAULT_RULES.versions[0]))
    document |= {"version": name, "effective_from": effective_from.isoformat()}
    for path, value in figures.items():
        *groups, last = path.split("__")
        (document[groups[0]] if groups else document)[last] = value
    return document


def proposed(world: World, document: dict[str, Any]) -> dict[str, Any]:
    operator = world.actor("operator", Role.OPERATOR)
    return json.loads(propose_rules(world.registry, operator, world.call(), read(Rules, document)).body)


def approved(world: World, version: str = "2027-01", who: str = "regulator") -> dict[str, Any]:
    stored = world.registry.store.read(lambda tx: tx.rules.find(version))
    sha256 = "" if stored is None else stored.digest.hex()
    return json.loads(approve_rules(world.registry, world.actor(who), world.call(), version, sha256).body)
