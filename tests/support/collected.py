"""Payments that one carrier takes for another."""

import uuid
from typing import Any

from protocol.messages.collected import NetStatementQuery
from protocol.wire.codec import write
from registry.usecases.collected.read import read_collected, read_net_statement
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


def month(world: World, who: str, other: str, *, month: int = 202611, **asked: Any) -> dict[str, Any]:
    return write(read_net_statement(world.registry, world.actor(who), month, other, NetStatementQuery(**asked)))


def record_of(world: World, collection: dict[str, Any]) -> dict[str, Any]:
    found = read_collected(world.registry, world.actor("carrier-a"), uuid.UUID(collection["collection_id"]))
    assert found.record_id is not None
    return write(read_record(world.registry, world.actor("carrier-a"), found.record_id))
