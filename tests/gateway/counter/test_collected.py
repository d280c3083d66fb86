"""A carrier's counter takes money for another through the real gateway, and its clearance is checked offline."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from client.errors import RegistryRefused
from client.resources import collected
from crypto.signing.jws import sign_compact
from crypto.signing.keys import public_bytes
from gateway.counter.collected import Takings
from gateway.counter.settlements import CLEARANCE_TYPE, STATEMENT_TYPE, ClearanceInvalid
from gateway.gateway import Gateway
from protocol import strict_json
from protocol.codes import CollectionAnswer, CollectionRefusal, DecisionCode, SettlementKind
from protocol.encodings import b64url_decode, canonical_json, format_time
from protocol.messages.collected import COLLECTION_TYPE, CollectionAnswerBody, CollectionReceipt, quote_digest
from protocol.messages.inquiries import QuoteSummary
from tests.support.applications import apply
from tests.support.exports import debt, resident, write
from tests.support.local import a_client
from tests.support.parties import Parties

HERE = "http://127.0.0.1:9201"


@pytest.fixture
def counter(parties: Parties) -> Iterator[Gateway]:
    with parties.gateway("carrier-b") as built:
        yield built


def owe(gateway: Gateway, folder: Path, mappings: Path, *people: int) -> None:
    source = write(folder / "arrears.csv", [debt(f"OWED-{each}", 证件号码=resident(each)) for each in people])
    gateway.report_file(source=source, mapping=mappings / "arrears.toml", output=folder / "reported.csv")


@pytest.fixture
def quote(gateway: Gateway, counter: Gateway, tmp_path: Path, mappings: Path) -> QuoteSummary | None:
    owe(gateway, tmp_path, mappings, 1)
    return counter.check(apply(resident(1))).quote


@pytest.fixture
def receipt(counter: Gateway, quote: QuoteSummary | None) -> CollectionReceipt:
    return counter.till.collect(Takings(quote_reference=quote.reference, amount_fen=quote.total_fen))


@pytest.fixture
def keys(parties: Parties) -> dict[str, dict[str, bytes]]:
    return {name: {f"{name}-1": public_bytes(parties.signing_keys[name])} for name in ("carrier-a", "carrier-b")}


def test_who_pays_at_another_counter_is_served_and_the_creditor_answers(
    gateway: Gateway, counter: Gateway, receipt: CollectionReceipt
) -> None:
    assert counter.check(apply(resident(1))).decision is DecisionCode.ALLOW
    collection_id = receipt.collections[0].collection_id
    refusal = CollectionAnswerBody(answer=CollectionAnswer.REFUSED, reason=CollectionRefusal.UNKNOWN_ACCOUNT)
    assert collected.answer(gateway.registry, collection_id, refusal).state == "REFUSED"
    confirmation = CollectionAnswerBody(answer=CollectionAnswer.CONFIRMED)
    assert collected.answer(gateway.registry, collection_id, confirmation).state == "CONFIRMED"
    assert collected.read(counter.registry, collection_id).state == "CONFIRMED"


def test_the_same_takings_again_are_the_same_collection(
    counter: Gateway, quote: QuoteSummary | None, parties: Parties
) -> None:
    takings = Takings(quote_reference=quote.reference, amount_fen=quote.total_fen, collected_at=parties.clock())
    first = counter.till.collect(takings)
    assert counter.till.collect(takings) == first
    with pytest.raises(RegistryRefused) as refused:
        counter.till.collect(takings, idempotency_key="another-till")
    assert refused.value.status == 409


def test_a_collectors_clearance_is_checked_offline_down_to_the_collectors_word(
    gateway: Gateway,
    parties: Parties,
    receipt: CollectionReceipt,
    quote: QuoteSummary | None,
    keys: dict[str, dict[str, bytes]],
) -> None:
    for line in parties.lines.values():
        line.dead = True
    said = gateway.verify_clearance(receipt.clearances[0].clearance, creditor_keys=keys)
    assert (said.collector, said.creditor, said.account_ref) == ("carrier-b", None, None)
    assert (said.kind, said.amount_fen) == (SettlementKind.COLLECTED, quote.total_fen)
    assert said.quote_digest == quote_digest(quote.reference)


def test_a_forged_collection_proves_nothing(
    gateway: Gateway, parties: Parties, receipt: CollectionReceipt, keys: dict[str, dict[str, bytes]]
) -> None:
    genuine = receipt.clearances[0].clearance
    claims = strict_json.loads(b64url_decode(genuine.split(".")[1]), max_bytes=9999)
    said = strict_json.loads(b64url_decode(claims["settlement"].split(".")[1]), max_bytes=9999)

    def clearance(by: str, *, typ: str = COLLECTION_TYPE, **changes: Any) -> str:
        statement = sign_compact(
            canonical_json(said | changes), typ=typ, key_id=f"{by}-1", private_key=parties.signing_keys[by]
        )
        return sign_compact(
            canonical_json(claims | {"settlement": statement}),
            typ=CLEARANCE_TYPE,
            key_id="registry-1",
            private_key=parties.signing_keys["registry"],
        )

    gateway.verify_clearance(clearance("carrier-b"), creditor_keys=keys)
    for token in (
        clearance("carrier-a"),
        clearance("carrier-b", typ=STATEMENT_TYPE),
        clearance("carrier-b", collector="carrier-a"),
        clearance("carrier-b", quote="short"),
        clearance("carrier-b", v=2),
    ):
        with pytest.raises(ClearanceInvalid):
            gateway.verify_clearance(token, creditor_keys=keys)
    with pytest.raises(ClearanceInvalid):
        gateway.verify_clearance(genuine, creditor_keys={"carrier-a": keys["carrier-a"]})


def test_a_month_is_read_whole_in_both_forms(
    gateway: Gateway, counter: Gateway, tmp_path: Path, mappings: Path
) -> None:
    owe(gateway, tmp_path, mappings, 1, 2, 3, 4)
    for person in (1, 2, 3, 4):
        asked = counter.check(apply(resident(person))).quote
        counter.till.collect(Takings(quote_reference=asked.reference, amount_fen=asked.total_fen))
    statement = collected.net_statement(gateway.registry, "2026-11", "carrier-b", limit=2)
    assert statement == collected.net_statement(counter.registry, "2026-11", "carrier-a", limit=2)
    assert (len(statement.counted), len(statement.apart), statement.next) == (0, 4, None)
    header, *lines = csv.reader(
        io.StringIO(collected.net_lines(gateway.registry, "2026-11", "carrier-b", limit=2), newline="")
    )
    assert header[0] == "collection_id"
    assert [line[0] for line in lines] == [str(each.collection_id) for each in statement.apart]
    assert collected.net_lines(gateway.registry, "2026-12", "carrier-b").count("\r\n") == 1
    for month, other in (("2026-13", "carrier-b"), ("2026-11", "../carrier-b")):
        with pytest.raises(RegistryRefused):
            collected.net_statement(gateway.registry, month, other)


@pytest.fixture
def service(counter: Gateway, tmp_path: Path) -> Iterator[FlaskClient]:
    with a_client(counter, tmp_path / "local-tokens.json") as client:
        yield client


def test_a_counters_own_system_collects_on_loopback(
    service: FlaskClient, quote: QuoteSummary | None, parties: Parties
) -> None:
    takings = {"quote_reference": quote.reference, "amount_fen": quote.total_fen}
    for wrong, field in (
        ({"amount_fen": 0}, "amount_fen"),
        ({"quote_reference": "short"}, "quote_reference"),
        ({"collected_at": "now"}, "collected_at"),
        ({"account": "1"}, "account"),
    ):
        refused = service.post("/collect", json=takings | wrong, base_url=HERE)
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, field)
    named = {"Idempotency-Key": "till-1-0001"}
    assert service.post("/collect", json=takings, base_url=HERE, headers=named).status_code == 422
    takings["collected_at"] = format_time(parties.clock())
    made = service.post("/collect", json=takings, base_url=HERE, headers=named)
    assert (made.status_code, len(made.json["clearances"])) == (201, 1)
    assert service.post("/collect", json=takings, base_url=HERE, headers=named).json == made.json
    again = service.post("/collect", json=takings, base_url=HERE, headers={"Idempotency-Key": "till-1-0002"})
    assert again.status_code == 409
