"""Shows other custodians the ceremonies that this one holds, and every signed step of them."""

import logging
from collections.abc import Callable
from typing import Final, TypeVar

from flask import Flask, Response

from custodian.ceremonies.errors import CeremonyHalted
from custodian.ceremonies.store import CeremonyStore
from protocol.messages.ceremonies import Minutes, Newest, Offered
from protocol.problems import Problem, Refusal
from protocol.wire.codec import write
from serving.web import json_answer, problem_answer

FOR_PEERS: Final = frozenset({"ceremonies", "ceremony"})
"""The endpoints that other custodians alone may ask."""
_log: Final = logging.getLogger("clearline.custodian")
T = TypeVar("T")


def add_ceremonies(app: Flask, store: CeremonyStore, newest: Callable[[], Newest | None]) -> None:
    """Add both readings to the application. They read files, and neither compute nor change anything.

    ``newest`` tells the latest committee that is served here.
    """

    @app.get("/v1/ceremonies", endpoint="ceremonies")
    def ceremonies() -> Response:
        return json_answer(write(Offered(ceremonies=_read(store.offered), newest=newest())))

    @app.get("/v1/ceremonies/<ceremony>", endpoint="ceremony")
    def read_ceremony(ceremony: str) -> Response:
        minutes = _read(lambda: _minutes(store, ceremony))
        if minutes is None:
            # Not raised, which would be logged: a peer that joins earlier than this custodian asks each second.
            _log.debug("ceremony not held")
            return problem_answer(Refusal(Problem.NOT_FOUND))
        return json_answer(write(minutes))


def _minutes(store: CeremonyStore, ceremony: str) -> Minutes | None:
    folder = store.get(ceremony)
    return None if folder is None else folder.minutes()


def _read(read: Callable[[], T]) -> T:
    try:
        return read()
    except (OSError, CeremonyHalted) as trouble:
        told = f"{trouble.filename}: {trouble.strerror}" if isinstance(trouble, OSError) else str(trouble)
        _log.error("ceremonies not readable: %s", told)
        raise Refusal(Problem.UNAVAILABLE) from None
