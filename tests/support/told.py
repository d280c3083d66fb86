"""Reads from the registry's log the acts that it was told of."""

import json
from typing import Any

from tests.support.world import World


def facts_of(world: World, kind: str) -> list[dict[str, Any]]:
    """Core facts and personal parts of the entries of a kind, oldest first."""
    entries = world.registry.store.read(lambda tx: tx.openings.first(10_000))
    ids = [each.entry_id for each in entries if each.kind == kind]
    openings = [world.registry.store.read(lambda tx, entry_id=each: tx.openings.find(entry_id)) for each in ids]
    return [json.loads(each.core)["facts"] | json.loads(each.personal or b"{}") for each in openings]


def last_inquiry(world: World) -> dict[str, Any]:
    """Core facts and personal part of the newest entry of an inquiry."""
    return facts_of(world, "inquiry")[-1]
