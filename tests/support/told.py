"""What the registry was told of an inquiry."""

import json
from typing import Any

from tests.support.world import World


def last_inquiry(world: World) -> dict[str, Any]:
    """Core facts and personal part of the newest entry of an inquiry."""
    entries = world.registry.store.read(lambda tx: tx.openings.first(10_000))
    entry = [each for each in entries if each.kind == "inquiry"][-1]
    whole = world.registry.store.read(lambda tx: tx.openings.find(entry.entry_id))
    assert whole is not None
    return json.loads(whole.core)["facts"] | json.loads(whole.personal or b"{}")
