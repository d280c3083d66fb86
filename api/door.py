"""Give views the registry, the limits, and the facts that admission established about the request."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any, Final, cast

from flask import current_app, g, request

from api.limits import Limits
from api.places import Place, Places
from protocol.readings import Reading
from registry.domain.incarnations import Standing
from registry.domain.participants import Actor
from registry.usecases.context import IdempotentCall, Registry

EXTENSION: Final = "clearline"
IDEMPOTENCY_HEADER: Final = "Idempotency-Key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """The parts that one application was built with."""

    registry: Registry
    limits: Limits
    openapi: dict[str, Any] = field(repr=False)
    """The OpenAPI document of this application."""
    waiting: threading.BoundedSemaphore = field(repr=False)
    """One turn for each request that may wait at a time; the others answer at once and leave threads free."""
    places: Places = field(repr=False)
    """The threads that batches and waiting requests may hold."""


def make_door(registry: Registry, limits: Limits) -> Door:
    """A door whose places and turns are all free; its document is added when the routes are known."""
    return Door(
        registry=registry,
        limits=limits,
        openapi={},
        waiting=threading.BoundedSemaphore(limits.waiting),
        places=Places(limits.batches, limits.batches_each),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A request body that was read whole and matches its signed digest; ``file`` is positioned at its start."""

    file: IO[bytes] = field(repr=False)
    length: int
    sha256: bytes


def door() -> Door:
    """The registry and limits of the running application."""
    return cast("Door", current_app.extensions[EXTENSION])


def registry() -> Registry:
    """The registry of the running application."""
    return door().registry


def openapi_document() -> dict[str, Any]:
    """The OpenAPI document of the running application."""
    return door().openapi


def actor() -> Actor:
    """The authenticated sender; only signed operations may ask."""
    return cast("Actor", g.actor)


def standing() -> Standing:
    """The registry's standing when it admitted the running request; only signed operations may ask."""
    return cast("Standing", g.standing)


def known_actor() -> Actor | None:
    """The authenticated sender; None where the request was refused earlier or needs no signature."""
    return cast("Actor | None", g.get("actor"))


def reading() -> Reading:
    """The purpose and the agent of an office's reading; only signed operations may ask."""
    return cast("Reading", g.reading)


def log_entry() -> str | None:
    """The id of the entry that logs the running reading of an office; None where there is none."""
    return cast("str | None", g.get("log_entry"))


def body() -> Body:
    """The body of the running request, read and checked against its signed digest."""
    return cast("Body", g.body)


def hand_on_body() -> Body:
    """Hand the body to the caller, which closes it; the end of the request no longer does."""
    return cast("Body", g.pop("body"))


def hand_on_place() -> Place:
    """Hand the batch's place to the caller, which gives it back; the end of the request no longer does."""
    return cast("Place", g.pop("place"))


@contextmanager
def turn_to_wait(seconds: int) -> Iterator[int]:
    """Return the seconds that this request may wait: 0 where the bound of waiting requests is reached already."""
    turns = door().waiting
    may_wait = seconds > 0 and turns.acquire(blocking=False)
    try:
        place = door().places.for_wait() if may_wait else None
        try:
            yield 0 if place is None else seconds
        finally:
            if place is not None:
                place.close()
    finally:
        if may_wait:
            turns.release()


def request_id() -> str:
    """The name of this request in logs and in the ``Clearline-Request-Id`` header."""
    return cast("str", g.request_id)


def call(operation_id: str) -> IdempotentCall:
    """Identify a repeated request by its key, its operation, and the digest of its body.

    Where the path names a resource the digest covers the path as well: the same key and body sent to another
    resource is another request.
    """
    digest = body().sha256
    if request.view_args:
        digest = hashlib.sha256(digest + request.path.encode("utf-8")).digest()
    return IdempotentCall(key=request.headers[IDEMPOTENCY_HEADER], request_digest=digest, operation=operation_id)
