"""Call the registry about household rebuttals."""

from uuid import UUID

from client.registry import RegistryClient
from protocol.messages.disassociations import NewRebuttal, Rebuttal, RebuttalPage, RebuttalsQuery
from protocol.messages.steps import Step

_PATH = "/v1/rebuttals"


def file(registry: RegistryClient, rebuttal: NewRebuttal, *, key: str | None = None) -> Rebuttal:
    """Keep a subject apart from a household."""
    return registry.post(_PATH, rebuttal, Rebuttal, key=key)


def read(registry: RegistryClient, rebuttal_id: UUID) -> Rebuttal:
    """Read a rebuttal that the caller filed."""
    return registry.get(f"{_PATH}/{rebuttal_id}", Rebuttal)


def withdraw(registry: RegistryClient, rebuttal_id: UUID) -> Rebuttal:
    """Take a rebuttal back, as its filer or as an adjudicator."""
    key = f"rebuttal-withdrawal-{rebuttal_id}"
    return registry.post(f"{_PATH}/{rebuttal_id}/withdrawal", Step(), Rebuttal, key=key)


def page(registry: RegistryClient, query: RebuttalsQuery) -> RebuttalPage:
    """Read one page of all rebuttals as an office."""
    return registry.get(_PATH, RebuttalPage, query)
