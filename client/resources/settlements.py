"""Call the registry about settlements and clearances."""

from uuid import UUID

from client.registry import RegistryClient
from protocol.messages.settlements import (
    Clearance,
    Settlement,
    SettlementOrder,
    SettlementPage,
    SettlementReceipt,
    SettlementsQuery,
)


def settle(registry: RegistryClient, order: SettlementOrder, *, key: str | None = None) -> SettlementReceipt:
    """Tell the registry that a debt is settled."""
    return registry.post("/v1/settlements", order, SettlementReceipt, key=key)


def read_clearance(registry: RegistryClient, clearance_id: UUID) -> Clearance:
    """Read a clearance by its id."""
    return registry.get(f"/v1/clearances/{clearance_id}", Clearance)


def read(registry: RegistryClient, settlement_id: UUID) -> Settlement:
    """Read a settlement of this carrier's own, or any as an office."""
    return registry.get(f"/v1/settlements/{settlement_id}", Settlement)


def page(registry: RegistryClient, query: SettlementsQuery) -> SettlementPage:
    """Read one page of this carrier's own settlements, or of all as an office."""
    return registry.get("/v1/settlements", SettlementPage, query)
