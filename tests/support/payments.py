"""Makes the body of a payment."""

from typing import Any

from gateway.counter.settlements import Payment
from gateway.identity.documents import RawIdentity
from protocol.codes import SettlementKind
from protocol.identifiers import DocumentKind
from tests.support.exports import resident

NUMBER = resident(1)


def payment(account: str = "OWED", number: str = NUMBER, **changes: Any) -> Payment:
    identity = RawIdentity(kind=DocumentKind.RESIDENT_ID, number=number)
    values: dict[str, Any] = {
        "identity": identity,
        "account": account,
        "kind": SettlementKind.FULL,
        "amount_fen": 240_00,
    }
    return Payment(**(values | changes))
