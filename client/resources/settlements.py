"""Call the registry about settlements and clearances."""

from uuid import UUID

from client.registry import RegistryClient
from protocol.messages.settlements import Clearance, SettlementOrder, SettlementReceipt


def settle(registry: RegistryClient, order: SettlementOrder, *, key: str | None = None) -> SettlementReceipt:
    """Tell the registry that a debt is settled."""
    return registry.post("/v1/settlements", order, SettlementReceipt, key=key)


def read_clearance(registry: RegistryClient, clearance_id: UUID) -> Clearance:
    """Read a clearance by its id."""
    return registry.get(f"/v1/clearances/{clearance_id}", Clearance)
