"""Call the registry about instalment plans."""

from uuid import UUID

from client.idempotency import named
from client.registry import RegistryClient
from protocol.encodings import canonical_json
from protocol.messages.plans import Plan, PlanArrangement
from protocol.wire.codec import write

_PATH = "/v1/plans"


def arrange(registry: RegistryClient, arrangement: PlanArrangement) -> Plan:
    """Arrange instalments for a record; the same ones again are the same plan."""
    return registry.post(_PATH, arrangement, Plan, key=named("plan", canonical_json(write(arrangement))))


def read(registry: RegistryClient, plan_id: UUID) -> Plan:
    """Read a plan of this carrier's own."""
    return registry.get(f"{_PATH}/{plan_id}", Plan)
