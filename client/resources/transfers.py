"""Call the registry about debts that change hands."""

from uuid import UUID

from client.idempotency import named
from client.registry import RegistryClient
from protocol.encodings import canonical_json
from protocol.messages.steps import Step
from protocol.messages.transfers import Acceptance, NewTransfer, Transfer, TransferPage, TransfersQuery
from protocol.wire.codec import write

_PATH = "/v1/transfers"


def propose(registry: RegistryClient, new: NewTransfer, *, name: str | None = None) -> Transfer:
    """Propose to give records away; ``name`` tells a later proposal of the same records from a repeated one."""
    return registry.post(_PATH, new, Transfer, key=named("transfer", canonical_json([write(new), name])))


def read(registry: RegistryClient, transfer_id: UUID) -> Transfer:
    """Read a transfer from this carrier, or one that is offered to it."""
    return registry.get(f"{_PATH}/{transfer_id}", Transfer)


def accept(registry: RegistryClient, transfer_id: UUID, acceptance: Acceptance) -> Transfer:
    """Take debts over on own accounts; the same ones again are the same acceptance."""
    key = named(f"acceptance-{transfer_id}", canonical_json(write(acceptance)["accounts"]))
    return registry.post(f"{_PATH}/{transfer_id}/acceptance", acceptance, Transfer, key=key)


def confirm(registry: RegistryClient, transfer_id: UUID) -> Transfer:
    """Offer the transfer that another person of this carrier proposed."""
    return _step(registry, transfer_id, "confirmation")


def cancel(registry: RegistryClient, transfer_id: UUID) -> Transfer:
    """Take a transfer back that the other carrier has not accepted."""
    return _step(registry, transfer_id, "cancellation")


def undo(registry: RegistryClient, transfer_id: UUID) -> Transfer:
    """Propose to the other party that an accepted transfer is undone."""
    return _step(registry, transfer_id, "undo")


def confirm_undo(registry: RegistryClient, transfer_id: UUID) -> Transfer:
    """Undo a transfer as the other party proposed."""
    return _step(registry, transfer_id, "undo-confirmation")


def _step(registry: RegistryClient, transfer_id: UUID, step: str) -> Transfer:
    return registry.post(f"{_PATH}/{transfer_id}/{step}", Step(), Transfer, key=f"transfer-{step}-{transfer_id}")


def page(registry: RegistryClient, query: TransfersQuery) -> TransferPage:
    """Read one page of all transfers as an office."""
    return registry.get(_PATH, TransferPage, query)
