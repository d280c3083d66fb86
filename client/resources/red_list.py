"""Call the registry about the red list."""

from uuid import UUID

from client.registry import RegistryClient
from protocol.messages.red_list import RedListEntry, RedListPage, RedListProposal, RedListQuery
from protocol.messages.steps import Step

_PATH = "/v1/red-list"


def propose(registry: RegistryClient, proposal: RedListProposal, *, key: str | None = None) -> RedListEntry:
    """Propose an organisation for the red list."""
    return registry.post(_PATH, proposal, RedListEntry, key=key)


def read(registry: RegistryClient, entry_id: UUID) -> RedListEntry:
    """Read an entry."""
    return registry.get(f"{_PATH}/{entry_id}", RedListEntry)


def approve(registry: RegistryClient, entry_id: UUID) -> RedListEntry:
    """Approve an entry as the operator or the regulator."""
    return _step(registry, entry_id, "approvals")


def revoke(registry: RegistryClient, entry_id: UUID) -> RedListEntry:
    """Take an entry off the list as the operator or the regulator."""
    return _step(registry, entry_id, "revocation")


def _step(registry: RegistryClient, entry_id: UUID, step: str) -> RedListEntry:
    return registry.post(f"{_PATH}/{entry_id}/{step}", Step(), RedListEntry, key=f"red-list-{step}-{entry_id}")


def page(registry: RegistryClient, query: RedListQuery) -> RedListPage:
    """Read one page of all entries as an office."""
    return registry.get(_PATH, RedListPage, query)
