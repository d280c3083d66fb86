"""Orders and findings on a record at the registry, and its archive."""

from uuid import UUID

from client.registry import RegistryClient
from protocol.messages.archive import Finding, Order, SealedRecord
from protocol.messages.records import Record
from protocol.states import Action

_PATHS = {Action.FREEZE: "freeze", Action.UNFREEZE: "unfreeze", Action.DISCHARGE: "discharge"}
ORDERS = tuple(_PATHS)
"""The edges that a regulator orders."""


def order(registry: RegistryClient, record_id: UUID, action: Action, body: Order) -> Record:
    """Carry out an order on a record; the same paper to the same end is the same request."""
    key = f"{action}-{record_id}-{body.order_reference.hex()[:32]}"
    return registry.post(f"/v1/records/{record_id}/{_PATHS[action]}", body, Record, key=key)


def void(registry: RegistryClient, record_id: UUID, finding: Finding) -> Record:
    """Close a record whose identity was stolen; the same finding again is the same request."""
    key = f"VOID-{record_id}-{finding.finding_digest.hex()[:32]}"
    return registry.post(f"/v1/records/{record_id}/void", finding, Record, key=key)


def read(registry: RegistryClient, record_id: UUID) -> SealedRecord:
    """Open a sealed record; the registry logs the reading."""
    return registry.get(f"/v1/archive/{record_id}", SealedRecord)
