"""Call the registry about deposits: list those that the caller holds, and report a return."""

from uuid import UUID

from client.registry import RegistryClient
from protocol.messages.deposits import Deposit, DepositReturn, Deposits, DepositsQuery

_PATH = "/v1/deposits"


def page(registry: RegistryClient, query: DepositsQuery) -> Deposits:
    """Read one page of the deposits that the caller holds."""
    return registry.get(_PATH, Deposits, query)


def return_deposit(registry: RegistryClient, activation_id: UUID, told: DepositReturn, *, key: str) -> Deposit:
    """Report a return; the same call again gives the first answer."""
    return registry.post(f"{_PATH}/{activation_id}/returns", told, Deposit, key=key)
