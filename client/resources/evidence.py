"""Call the registry about demands for evidence."""

from uuid import UUID

from client.registry import RegistryClient
from protocol.messages.evidence import Demand, Demands, DemandsQuery, EvidenceAnswer

_PATH = "/v1/evidence-demands"


def read(registry: RegistryClient, demand_id: UUID) -> Demand:
    """Read a demand for a document of the caller's own record."""
    return registry.get(f"{_PATH}/{demand_id}", Demand)


def show(registry: RegistryClient, demand_id: UUID, answer: EvidenceAnswer) -> Demand:
    """Answer a demand with a document; the same demand again is answered once."""
    return registry.post(f"{_PATH}/{demand_id}/document", answer, Demand, key=f"evidence-{demand_id}")


def page(registry: RegistryClient, query: DemandsQuery) -> Demands:
    """Read one page of demands that no document has met: those to this carrier, or all as a neutral body."""
    return registry.get(_PATH, Demands, query)
