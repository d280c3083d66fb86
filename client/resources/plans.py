"""Call the registry about instalment plans."""

from uuid import UUID

from client.idempotency import named
from client.registry import RegistryClient
from protocol.encodings import canonical_json
from protocol.messages.plans import Plan, PlanArrangement, PlanPage, PlansQuery, ShownPlan
from protocol.wire.codec import write

_PATH = "/v1/plans"


def arrange(registry: RegistryClient, arrangement: PlanArrangement) -> Plan:
    """Arrange instalments for a record; the same ones again are the same plan."""
    return registry.post(_PATH, arrangement, Plan, key=named("plan", canonical_json(write(arrangement))))


def read(registry: RegistryClient, plan_id: UUID) -> Plan:
    """Read a plan of this carrier's own."""
    return registry.get(f"{_PATH}/{plan_id}", Plan)


def oversee(registry: RegistryClient, plan_id: UUID) -> ShownPlan:
    """Read any plan as an office, with its creditor."""
    return registry.get(f"{_PATH}/{plan_id}", ShownPlan)


def page(registry: RegistryClient, query: PlansQuery) -> PlanPage:
    """Read one page of all plans as an office."""
    return registry.get(_PATH, PlanPage, query)
