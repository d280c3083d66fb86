"""Decisions on orders as a gateway keeps them, and what became of the orders."""

import datetime as dt
import sqlite3
import uuid
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from gateway.orders.values import KeptDecision, Wish
from protocol.activations import ActivationOutcome
from protocol.codes import DecisionCode, ServiceClass
from protocol.states import HouseholdKeyState

AT = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
ORDER = b"o" * 16
FIRST, SECOND = uuid.UUID(int=1), uuid.UUID(int=2)


def a_decision(**changes: Any) -> KeptDecision:
    """ALLOW for a mobile line of one order, at eight o'clock."""
    kept: dict[str, Any] = {
        "order": ORDER,
        "inquiry_id": FIRST,
        "decision_token": "a.b.c",
        "decision": DecisionCode.ALLOW,
        "service_class": ServiceClass.MOBILE,
        "lines": 1,
        "decided_at": AT,
        "valid_until": AT + dt.timedelta(days=1),
        "register_state": HouseholdKeyState.NOT_GIVEN,
        "address_state": HouseholdKeyState.NOT_GIVEN,
    }
    return KeptDecision(**kept | changes)


def a_wish(**changes: Any) -> Wish:
    """The order was opened as asked, now."""
    return Wish(**{"order": ORDER, "outcome": ActivationOutcome.ACTIVATED} | changes)


TOLD: dict[str, Any] = {
    "purpose": "NEW_LINE",
    "channel": "OUTLET",
    "outlet": "SH-PD-0123",
    "identity": "READER",
    "agent": "A-017",
    "consent": "consent record 9",
    "consent_text": "standard-1",
}
"""The circumstances of an application at a counter, but for its order."""


def spoil(orders: Path) -> None:
    """Put what is no database in the place of a file of orders."""
    for each in orders.parent.glob(orders.name + "*"):
        each.unlink()
    orders.write_bytes(b"no database" * 100)


@dataclass(frozen=True)
class OfBefore:
    """A registry of an earlier release, without the routes of some paths: it lets a caller in and finds no route."""

    app: WSGIApplication
    paths: tuple[str, ...]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(self.paths):
            environ = environ | {"RAW_URI": environ["PATH_INFO"], "PATH_INFO": "/v1/of-a-later-release"}
        return self.app(environ, start_response)


def forget_reports(orders: Path) -> None:
    """A file of orders that was lost and made again from decisions alone."""
    with closing(sqlite3.connect(orders)) as connection, connection:
        connection.execute("DELETE FROM report")
