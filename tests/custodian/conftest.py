"""One custodian as a WSGI application, and a carrier that signs requests to it by hand."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from crypto.oprf.client import blind
from crypto.oprf.threshold import Dealing, deal
from custodian.ledger import Ledger
from tests.parties import Caller, a_caller, a_custodian, evaluation_body, held
from tests.world import Clock

QUOTA = 50


@dataclass
class Custody:
    """A custodian and everything that a test asks about it."""

    dealing: Dealing
    ledger: Ledger
    clock: Clock
    caller: Caller
    client: FlaskClient

    def post(self, body: bytes, headers: dict[str, str] | None = None, **sign: Any) -> Any:
        signed = self.caller.headers(body, **sign) if headers is None else headers
        return self.client.post("/v1/evaluations", data=body, headers=signed, base_url="http://anything.example")

    def evaluate(self, count: int = 1, *, epoch: int = 1) -> Any:
        return self.post(evaluation_body(elements(count), epoch=epoch))


def elements(count: int) -> list[bytes]:
    return [blind(os.urandom(8), os.urandom).blinded_element for _ in range(count)]


@pytest.fixture
def custody(tmp_path: Path) -> Iterator[Custody]:
    clock, dealing, ledger = Clock(), deal(None, 2, 3, os.urandom), Ledger(tmp_path / "ledger.db")
    caller = a_caller(clock)
    app = a_custodian(held(dealing, 1), ledger=ledger, clock=clock, carriers=(caller.key(),), daily_quota=QUOTA)
    with app.test_client() as client:
        yield Custody(dealing, ledger, clock, caller, client)
    ledger.close()
