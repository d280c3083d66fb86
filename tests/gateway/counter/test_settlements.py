import os
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from client.errors import RegistryRefused
from crypto.signing.jws import sign_compact
from crypto.signing.keys import generate_signing_key, public_bytes
from gateway.counter.settlements import CLEARANCE_TYPE, STATEMENT_TYPE, ClearanceInvalid
from gateway.errors import ApplicationInvalid
from gateway.gateway import Gateway
from protocol import strict_json
from protocol.codes import DecisionCode, SettlementKind
from protocol.encodings import b64url_decode, canonical_json
from tests.support.applications import apply
from tests.support.exports import resident
from tests.support.parties import Parties
from tests.support.payments import payment


@pytest.fixture
def clearance(gateway: Gateway, owed: None) -> str:
    made = gateway.settle(payment()).clearance
    assert made is not None
    return made


@pytest.fixture
def keys(parties: Parties) -> dict[str, dict[str, bytes]]:
    return {"carrier-a": {"carrier-a-1": public_bytes(parties.signing_keys["carrier-a"])}}


def test_a_debt_paid_at_one_carrier_frees_at_the_next(gateway: Gateway, parties: Parties, owed: None) -> None:
    with parties.gateway("carrier-b") as other:
        assert other.check(apply(resident(1))).decision is DecisionCode.PAY_FIRST
        receipt = gateway.settle(payment())
        assert other.check(apply(resident(1))).decision is DecisionCode.ALLOW
    assert (receipt.state, receipt.outstanding_fen) == ("CLEARED", 0)
    assert receipt.clearance is not None


def test_a_clearance_is_checked_offline_down_to_the_creditors_word(
    gateway: Gateway, parties: Parties, clearance: str, keys: dict[str, dict[str, bytes]]
) -> None:
    for line in parties.lines.values():
        line.dead = True
    verified = gateway.verify_clearance(clearance, creditor_keys=keys)
    assert (verified.creditor, verified.kind, verified.amount_fen) == ("carrier-a", SettlementKind.FULL, 240_00)
    assert verified.issuer == "clearline-test"


def test_the_creditors_key_is_asked_for_where_it_is_not_given(parties: Parties, clearance: str) -> None:
    with parties.gateway("carrier-b") as other:
        assert other.verify_clearance(clearance).creditor == "carrier-a"


def test_a_clearance_can_be_fetched_again(gateway: Gateway, owed: None) -> None:
    receipt = gateway.settle(payment())
    assert receipt.clearance_id is not None
    assert gateway.clearance(receipt.clearance_id).clearance == receipt.clearance


def forged(
    parties: Parties,
    clearance: str,
    *,
    registry: Ed25519PrivateKey | None = None,
    creditor: Ed25519PrivateKey | None = None,
    **claims: Any,
) -> str:
    """The clearance again, with a claim changed or under other keys."""
    said = strict_json.loads(b64url_decode(clearance.split(".")[1]), max_bytes=9999)
    if creditor is not None:
        statement = b64url_decode(said["settlement"].split(".")[1])
        claims["settlement"] = sign_compact(statement, typ=STATEMENT_TYPE, key_id="carrier-a-1", private_key=creditor)
    key = registry or parties.signing_keys["registry"]
    return sign_compact(canonical_json(said | claims), typ=CLEARANCE_TYPE, key_id="registry-1", private_key=key)


def test_a_forged_clearance_proves_nothing(
    gateway: Gateway, parties: Parties, clearance: str, keys: dict[str, dict[str, bytes]]
) -> None:
    stranger = generate_signing_key(os.urandom)
    gateway.verify_clearance(forged(parties, clearance), creditor_keys=keys)
    for token in (
        forged(parties, clearance, registry=stranger),
        forged(parties, clearance, creditor=stranger),
        forged(parties, clearance, settlement="x"),
        forged(parties, clearance, v=2),
        clearance[:-2] + ("AA" if clearance[-2:] != "AA" else "BA"),
        clearance.replace(".", "", 1),
        "",
    ):
        with pytest.raises(ClearanceInvalid):
            gateway.verify_clearance(token, creditor_keys=keys)


def test_a_statement_under_another_participants_name_proves_nothing(
    gateway: Gateway, clearance: str, keys: dict[str, dict[str, bytes]]
) -> None:
    with pytest.raises(ClearanceInvalid):
        gateway.verify_clearance(clearance, creditor_keys={"carrier-b": keys["carrier-a"]})


def test_only_the_creditor_settles_its_record(parties: Parties, owed: None) -> None:
    with parties.gateway("carrier-b") as other, pytest.raises(RegistryRefused) as refused:
        other.settle(payment())
    assert refused.value.status in (403, 404)


def test_a_repeated_settlement_under_its_key_is_answered_the_same(
    gateway: Gateway, parties: Parties, owed: None
) -> None:
    once = payment(settled_at=parties.clock())
    first = gateway.settle(once, idempotency_key="settle-1")
    assert gateway.settle(once, idempotency_key="settle-1") == first


def test_an_invalid_document_settles_nothing(gateway: Gateway) -> None:
    with pytest.raises(ApplicationInvalid, match=r"document\.number: MALFORMED"):
        gateway.settle(payment(number="12"))


def test_an_account_must_be_named(gateway: Gateway) -> None:
    with pytest.raises(ApplicationInvalid, match="account: EMPTY"):
        gateway.settle(payment(account=" "))


def test_the_clerk_sees_what_a_full_payment_leaves_and_may_waive_it(gateway: Gateway, owed: None) -> None:
    with pytest.raises(RegistryRefused, match=r"not-in-full \(422\) \[missing_fen: \d+\]") as refused:
        gateway.settle(payment(amount_fen=1_00))
    missing = refused.value.figures["missing_fen"]
    receipt = gateway.settle(payment(amount_fen=1_00, waive_rest=True))
    assert (receipt.state, receipt.waived_fen) == ("CLEARED", missing)


def test_a_clearance_shows_whether_the_rest_was_waived(
    gateway: Gateway, owed: None, keys: dict[str, dict[str, bytes]]
) -> None:
    token = gateway.settle(payment(amount_fen=1_00, waive_rest=True)).clearance
    assert token is not None
    assert gateway.verify_clearance(token, creditor_keys=keys).waive_rest


def test_a_clearance_of_a_whole_payment_waives_nothing(
    gateway: Gateway, clearance: str, keys: dict[str, dict[str, bytes]]
) -> None:
    assert not gateway.verify_clearance(clearance, creditor_keys=keys).waive_rest
