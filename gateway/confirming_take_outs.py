"""The registry's daily bound on rows that take this carrier's open records out, and the second key's confirmation."""

from typing import Any

from gateway.errors import RegistryAnswerBroken, RegistryRefused, SameKeyConfirms
from gateway.registry_client import RegistryClient
from protocol.problems import Problem


def take_outs(registry: RegistryClient) -> dict[str, Any]:
    """This carrier's present day: what its rows took out, what is held, and what was confirmed."""
    return registry.ask("/v1/take-outs")


def confirm_take_outs(registry: RegistryClient, count: int, *, idempotency_key: str | None = None) -> dict[str, Any]:
    """Confirm ``count`` of the rows that are held on the registry's present day; they are sent again afterwards."""
    day = take_outs(registry).get("day")
    if not isinstance(day, str):
        raise RegistryAnswerBroken("the registry's answer does not have the agreed form")
    document = {"day": day, "take_outs": count}
    try:
        return registry.tell("/v1/take-outs/confirmation", document, idempotency_key=idempotency_key)
    except RegistryRefused as refused:
        if refused.problem == Problem.ROLE_MISSING.value.name:
            raise SameKeyConfirms("another person, with another signing key, has to confirm these rows") from None
        raise
