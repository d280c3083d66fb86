"""Says whether the registry can take work: its database answers; and how far the log is behind."""

from typing import Any

from registry.usecases.context import Registry
from registry.usecases.log.read_status import behind_seconds
from registry.usecases.restores.standing import standing


def ready(registry: Registry) -> dict[str, Any]:
    """Ready, and the age of the oldest log entry that waits; raises Refusal UNAVAILABLE while the database is away.

    A log that stands still stops no request: what is acknowledged waits for its place.
    """
    registry.store.ping()
    behind = registry.store.read(lambda tx: behind_seconds(tx, registry.clock()))
    return {"ready": True, "log_behind_seconds": behind, "incarnation": standing(registry).incarnation}
