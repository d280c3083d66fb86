"""The statement vectors, checked as an offline reader would, and the registry's own tokens against their form."""

import base64
import hashlib
import json
import uuid
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from auditlog.receipts import verify_promise
from crypto.signing.jws import verify_compact
from docs.spec.make_vectors import FOLDER
from docs.spec.statement_vectors import QUOTE_REFERENCE, key_of
from gateway.counter.settlements import (
    CLEARANCE_TYPE,
    STATEMENT_TYPE,
    ClearanceInvalid,
    VerifiedClearance,
    verify_clearance,
)
from protocol.encodings import canonical_json
from protocol.messages.collected import COLLECTION_TYPE
from protocol.receipts import PROMISE_TYPE
from registry.policy.rules import DEFAULT_RULES
from registry.usecases.inquiries.handles import DECISION_TYPE
from registry.usecases.log.read_receipt import promise
from registry.usecases.settlements import clearing, settle
from tests.support.builders import a_report, account, tokens
from tests.support.counters import an_order, collects, quote_for
from tests.support.stories import asks, lists, settles
from tests.support.world import World

VECTORS = json.loads((FOLDER / "statements.json").read_bytes())
KEYS = {each["key_id"]: each for each in VECTORS["keys"]}
STATEMENTS = {each["typ"]: each for each in VECTORS["statements"]}


def unpadded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.mark.parametrize("typ", STATEMENTS)
def test_a_token_follows_from_its_claims_and_its_key(typ: str) -> None:
    case = STATEMENTS[typ]
    payload = json.dumps(case["claims"], sort_keys=True, separators=(",", ":"))
    header = f'{{"alg":"Ed25519","kid":"{case["key_id"]}","typ":"{typ}"}}'
    signing_input = f"{unpadded(header.encode())}.{unpadded(payload.encode())}"
    assert (case["header"], case["payload"], case["signing_input"]) == (header, payload, signing_input)
    found, _, signature = case["token"].rpartition(".")
    assert found == signing_input
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(KEYS[case["key_id"]]["public_hex"]))
    key.verify(base64.urlsafe_b64decode(signature + "=="), signing_input.encode())


def test_a_settlement_that_waives_the_rest_says_so_and_one_that_does_not_is_what_it_always_was() -> None:
    plain, waiving = STATEMENTS[STATEMENT_TYPE], VECTORS["settlement_that_waives_the_rest"]
    assert waiving["claims"] == plain["claims"] | {"waive_rest": True}
    assert "waive_rest" not in plain["payload"]
    _, payload = verify_compact(
        waiving["token"], typ=STATEMENT_TYPE, resolve=lambda key_id: key_of("carrier-a", key_id)
    )
    assert json.loads(payload) == waiving["claims"]


def test_a_promise_names_the_incarnation_from_the_second_on() -> None:
    plain, later = STATEMENTS[PROMISE_TYPE], VECTORS["promise_of_the_second_incarnation"]
    assert later["claims"] == plain["claims"] | {"incarnation": 2}
    origin, entry_id = plain["claims"]["log"], uuid.UUID(plain["claims"]["entry"])
    for case, named in ((plain, {}), (later, {"incarnation": 2})):
        claims = verify_promise(
            case["token"].encode(),
            entry_id=entry_id,
            origin=origin,
            resolve=lambda key_id: key_of("registry", key_id),
        )
        assert {name: value for name, value in claims.items() if name == "incarnation"} == named


def test_the_types_are_those_of_the_code() -> None:
    types = {settle.STATEMENT_TYPE, COLLECTION_TYPE, clearing.CLEARANCE_TYPE, DECISION_TYPE, PROMISE_TYPE}
    assert types == set(STATEMENTS)
    assert (settle.STATEMENT_TYPE, clearing.CLEARANCE_TYPE) == (STATEMENT_TYPE, CLEARANCE_TYPE)


def judge(token: str) -> VerifiedClearance:
    return verify_clearance(token, registry_key=lambda key_id: key_of("registry", key_id), key_of=key_of)


def test_the_clearance_of_the_vectors_verifies_down_to_the_creditors_statement() -> None:
    clearance, statement = STATEMENTS[CLEARANCE_TYPE], STATEMENTS[STATEMENT_TYPE]
    verified = judge(clearance["token"])
    assert clearance["claims"]["settlement"] == statement["token"]
    assert (verified.creditor, verified.amount_fen) == ("carrier-a", statement["claims"]["amount_fen"])


def test_the_clearance_of_a_collection_verifies_down_to_the_collectors_statement() -> None:
    clearance, statement = VECTORS["clearance_of_a_collection"], STATEMENTS[COLLECTION_TYPE]
    verified = judge(clearance["token"])
    assert clearance["claims"]["settlement"] == statement["token"]
    assert (verified.collector, verified.creditor) == ("carrier-b", None)
    digest = hashlib.sha256(QUOTE_REFERENCE.encode()).digest()
    assert verified.quote_digest == digest
    assert statement["claims"]["quote"] == unpadded(digest)


def test_the_registry_takes_a_collection_of_this_form(world: World) -> None:
    expected = {name: type(value) for name, value in STATEMENTS[COLLECTION_TYPE]["claims"].items()}
    lists(world, "carrier-a", a_report("wang"))
    quote = quote_for(world, "carrier-b", tokens("wang"))
    order = an_order(world, "carrier-b", quote)
    key = world.signing_keys["carrier-b"].public_key()
    assert claims_of(order.statement, COLLECTION_TYPE, key) == expected
    assert collects(world, "carrier-b", quote)["clearances"]


@pytest.mark.parametrize("case", VECTORS["refused_clearances"], ids=lambda case: case["why"])
def test_what_is_no_clearance_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(ClearanceInvalid):
        judge(case["token"])


def claims_of(token: str | None, typ: str, key: Ed25519PublicKey) -> dict[str, type[Any]]:
    assert token is not None
    _, payload = verify_compact(token, typ=typ, resolve=lambda _: key)
    claims = json.loads(payload)
    assert canonical_json(claims) == payload
    return {name: type(value) for name, value in claims.items()}


def test_the_registry_writes_clearances_and_decisions_of_this_form(world: World) -> None:
    key = world.signing_keys["registry"].public_key()
    expected = {typ: {name: type(value) for name, value in each["claims"].items()} for typ, each in STATEMENTS.items()}
    lists(world, "carrier-a", a_report("wang"))
    receipt = settles(world, "carrier-a", tokens("wang"), account("A1"))
    answer = asks(world, "carrier-b", tokens("wang"))
    entry = world.registry.store.read(lambda tx: tx.openings.find(answer.inquiry_id))
    assert entry is not None
    decision, promised = answer.decision_token, promise(world.registry, entry).decode()
    assert claims_of(receipt.clearance, CLEARANCE_TYPE, key) == expected[CLEARANCE_TYPE]
    assert claims_of(decision, DECISION_TYPE, key) == expected[DECISION_TYPE]
    assert claims_of(promised, PROMISE_TYPE, key) == expected[PROMISE_TYPE]


def test_a_decision_token_promises_the_entry_of_its_inquiry(world: World) -> None:
    answer = asks(world, "carrier-b", tokens("wang"))
    entry = world.registry.store.read(lambda tx: tx.openings.find(answer.inquiry_id))
    assert entry is not None
    key = world.signing_keys["registry"].public_key()
    decided, promised = (
        json.loads(verify_compact(token, typ=typ, resolve=lambda _: key)[1])
        for token, typ in (
            (answer.decision_token, DECISION_TYPE),
            (promise(world.registry, entry).decode(), PROMISE_TYPE),
        )
    )
    assert (decided["log"], decided["leaf"]) == (promised["log"], promised["leaf"])
    assert (decided["inquiry_id"], decided["decided_at"]) == (promised["entry"], promised["accepted_at"])


def test_the_decision_of_the_vectors_lives_as_long_as_the_rules_say() -> None:
    claims = STATEMENTS[DECISION_TYPE]["claims"]
    [rules] = [each for each in DEFAULT_RULES.versions if each.version == claims["rules_version"]]
    assert rules.decision_token_minutes == 30
    assert (claims["decided_at"][11:16], claims["expires_at"][11:16]) == ("08:00", "08:30")


def test_a_handle_is_one_encryption_that_covers_every_other_claim() -> None:
    case = VECTORS["decision_with_its_case"]
    handle, key = bytes.fromhex(case["handle_hex"]), bytes.fromhex(case["key_hex"])
    said = {name: value for name, value in case["claims"].items() if name != "handle"}
    said |= {"kid": "registry-1"}
    assert json.dumps(said, sort_keys=True, separators=(",", ":")) == case["associated"]
    assert int.from_bytes(handle[:2], "big") == case["quarter"] == (2026 - 2000) * 4 + 3
    associated = b"clearline/decision-handle/v1\n" + handle[:2] + case["associated"].encode()
    content = AESGCM(key).decrypt(handle[2:14], handle[14:], associated)
    subject, address = bytes.fromhex(case["case"]["subject_hex"]), bytes.fromhex(case["case"]["address_hex"])
    assert content == (1).to_bytes(4, "big") + subject + bytes(16) + address
