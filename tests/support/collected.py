"""Payments that one carrier takes for another."""

import uuid
from typing import Any

from registry.usecases.collected.net_statement import MonthAsked, read_net_statement
from registry.usecases.collected.read import read_collection
from registry.usecases.records.read import read_record
from tests.support.counters import collects, quote_for
from tests.support.money import WANG, a_debt
from tests.support.stories import lists
from tests.support.world import World

NOTHING_READ = uuid.UUID(int=0)
IN_FULL = 260_00


def at_the_counter(world: World) -> dict[str, Any]:
    """Wang owes carrier A 260.00 yuan and pays them at carrier B's counter."""
    lists(world, "carrier-a", a_debt())
    return collects(world, "carrier-b", quote_for(world, "carrier-b", WANG))


def month(world: World, who: str, other: str, **asked: Any) -> dict[str, Any]:
    values: dict[str, Any] = {"month": 202611, "other": other, "after": NOTHING_READ, "limit": 100} | asked
    return read_net_statement(world.registry, world.actor(who), MonthAsked(**values))


def record_of(world: World, collection: dict[str, Any]) -> dict[str, Any]:
    found = read_collection(world.registry, world.actor("carrier-a"), uuid.UUID(collection["collection_id"]))
    return read_record(world.registry, world.actor("carrier-a"), uuid.UUID(found["record_id"]))
