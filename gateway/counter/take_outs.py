"""Confirm rows that the registry holds because they take out more of this carrier's records than it allows a day."""

from client.errors import RegistryRefused
from client.registry import RegistryClient
from client.resources import records
from gateway.errors import SameKeyConfirms
from protocol.messages.take_outs import NewTakeOutConfirmation, TakeOuts
from protocol.problems import Problem


def confirm_take_outs(registry: RegistryClient, count: int, *, idempotency_key: str | None = None) -> TakeOuts:
    """Confirm ``count`` of the rows that are held on the registry's present day; they are sent again afterwards."""
    confirmation = NewTakeOutConfirmation(day=records.read_take_outs(registry).day, take_outs=count)
    try:
        return records.confirm_take_outs(registry, confirmation, key=idempotency_key)
    except RegistryRefused as refused:
        if refused.problem == Problem.ROLE_MISSING.value.name:
            raise SameKeyConfirms("another person, with another signing key, has to confirm these rows") from None
        raise
