"""The registry's daily bound on rows that take this carrier's open records out, and the second key's confirmation."""

from typing import Any, Final

from client.errors import RegistryRefused
from client.registry import RegistryClient
from gateway.errors import SameKeyConfirms
from protocol.problems import Problem

_MEMBERS: Final[dict[str, type]] = {"day": str, "taken": int, "held": int}


def take_outs(registry: RegistryClient) -> dict[str, Any]:
    """This carrier's present day: what its rows took out, what is held, and what was confirmed."""
    return registry.ask("/v1/take-outs", **_MEMBERS)


def confirm_take_outs(registry: RegistryClient, count: int, *, idempotency_key: str | None = None) -> dict[str, Any]:
    """Confirm ``count`` of the rows that are held on the registry's present day; they are sent again afterwards."""
    document = {"day": take_outs(registry)["day"], "take_outs": count}
    try:
        return registry.tell("/v1/take-outs/confirmation", document, idempotency_key=idempotency_key, **_MEMBERS)
    except RegistryRefused as refused:
        if refused.problem == Problem.ROLE_MISSING.value.name:
            raise SameKeyConfirms("another person, with another signing key, has to confirm these rows") from None
        raise
