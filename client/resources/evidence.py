"""Call the registry about demands for evidence."""

from uuid import UUID

from client.registry import RegistryClient
from protocol.messages.evidence import Demand, EvidenceAnswer


def read_demand(registry: RegistryClient, demand_id: UUID) -> Demand:
    """Read a demand."""
    return registry.get(f"/v1/evidence-demands/{demand_id}", Demand)


def show(registry: RegistryClient, demand_id: UUID, answer: EvidenceAnswer) -> Demand:
    """Answer a demand with the promised document."""
    path = f"/v1/evidence-demands/{demand_id}/document"
    return registry.post(path, answer, Demand, key=f"evidence-{demand_id}")
