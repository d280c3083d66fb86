"""Makes the body of a payment."""

from gateway.counter.settlements import Payment
from gateway.identity.documents import RawIdentity
from protocol.codes import SettlementKind
from protocol.identifiers import DocumentKind
from tests.support.exports import resident

NUMBER = resident(1)


def payment(account="OWED", number=NUMBER, **changes):
    identity = RawIdentity(kind=DocumentKind.RESIDENT_ID, number=number)
    values = {"identity": identity, "account": account, "kind": SettlementKind.FULL, "amount_fen": 240_00}
    return Payment(**(values | changes))
