"""Serve the return of a deposit by its order."""

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any, Final

from flask import Flask, Response, request

from gateway.counter.deposits import GivenBack, ReturnOfOrder
from gateway.gateway import Gateway
from gateway.local import members
from gateway.local.bodies import answer_json, read_body
from gateway.local.contract import bodies
from gateway.local.contract.bodies import names_of
from protocol.messages.activations import MOST_DEPOSIT_FEN, MOST_PARTS
from protocol.wire.codec import write

_KEY: Final = "Idempotency-Key"
_log = logging.getLogger("clearline.gateway")


def add_deposit_routes(app: Flask, begin: Callable[[], Gateway]) -> None:
    """Add ``POST /deposits/returns``; ``begin`` starts a request's time."""

    @app.post("/deposits/returns")
    def return_deposit() -> Response:
        key = request.headers.get(_KEY)
        told = read_return(read_body(), key)
        after = begin().return_deposit(told, idempotency_key=key)
        _log.info("deposit activation=%s state=%s", after.activation_id, after.state.value)
        document = write(after)
        del document["order"]
        return answer_json(document, 201)


def read_return(body: dict[str, Any], idempotency_key: str | None) -> ReturnOfOrder:
    """Read the body of ``POST /deposits/returns``; its time makes the same call again the same return."""
    members.only(body, names_of(bodies.DepositReturned), "")
    members.check_key(idempotency_key)
    at = members.moment(body, "at")
    if at is None:
        raise members.invalid("at", "REQUIRED" if "at" not in body else "NOT_A_TIME")
    return ReturnOfOrder(
        order=members.number(body, "order", needed=True) or "",
        part=members.whole(body, "part", 1, MOST_PARTS),
        given_back=GivenBack(
            fen=_fen(body, "fen"),
            kept_fen=_fen(body, "kept_fen") if "kept_fen" in body else 0,
            at=at,
            service_ended_on=_ended_on(body, "service_ended_on"),
        ),
    )


def _ended_on(body: dict[str, Any], name: str) -> dt.date | None:
    return members.as_day(members.text(body, name, ""), name) if name in body else None


def _fen(body: dict[str, Any], name: str) -> int:
    value = body.get(name)
    if type(value) is not int or not 0 <= value <= 2 * MOST_DEPOSIT_FEN:
        raise members.invalid(name, "REQUIRED" if name not in body else "OUT_OF_RANGE")
    return value
