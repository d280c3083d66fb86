"""A participant fetches a clearance by its id."""

import uuid
from typing import Any

from protocol.encodings import format_time
from protocol.problems import Problem, Refusal
from registry.domain.participants import Actor
from registry.usecases.context import Registry


def read_clearance(registry: Registry, actor: Actor, clearance_id: uuid.UUID) -> dict[str, Any]:
    """The clearance, its JWS and whether it was revoked; raises Refusal NOT_FOUND."""
    del actor  # any participant may check a clearance that an applicant shows
    clearance = registry.store.read(lambda tx: tx.clearances.find(clearance_id))
    if clearance is None:
        raise Refusal(Problem.NOT_FOUND)
    return {
        "clearance_id": str(clearance.clearance_id),
        "issued_at": format_time(clearance.issued_at),
        "state": clearance.state.value,
        "revoked_at": None if clearance.revoked_at is None else format_time(clearance.revoked_at),
        "clearance": clearance.jws,
    }
