"""One custodian, and everything that a test asks about it."""

import os
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient

from crypto.oprf.client import blind
from crypto.oprf.threshold import Dealing
from custodian.ledger import Ledger
from tests.support.parties import Caller, evaluation_body
from tests.support.world import Clock

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
