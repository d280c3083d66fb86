"""Says whether the registry can take work: its database answers."""

from typing import Any

from registry.usecases.context import Registry


def ready(registry: Registry) -> dict[str, Any]:
    """``{"ready": true}``; raises Refusal UNAVAILABLE while the database does not answer."""
    registry.store.ping()
    return {"ready": True}
