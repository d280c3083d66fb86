import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from client.resources.records import own_records
from gateway.gateway import Gateway
from gateway.local.serve import is_loopback, listen_host, main
from serving.settings import SettingsError
from tests.support.exports import ADDRESS
from tests.support.local import HERE, NUMBER, a_client, ask, name
from tests.support.parties import Parties
from tests.support.transfers import sells
from tests.support.world import World


@pytest.fixture
def service(gateway: Gateway, tmp_path: Path) -> Iterator[FlaskClient]:
    with a_client(gateway, tmp_path / "local-tokens.json") as client:
        yield client


def post(service: FlaskClient, body: dict[str, Any], path: str = "/check", **options: Any) -> TestResponse:
    return service.post(path, json=body, base_url=HERE, **options)


def test_an_applicant_is_decided_in_one_call(service: FlaskClient) -> None:
    answer: dict[str, Any] = post(service, ask()).get_json()
    assert (answer["reference"], answer["decision"], answer["reasons"]) == ("ORD1", "ALLOW", ["NO_ARREARS"])
    assert "inquiry_ref" not in answer


def test_the_story_of_one_applicant(service: FlaskClient, owed: None) -> None:
    first = post(service, ask()).json
    assert first["decision"] == "PAY_FIRST"
    quote = service.get(f"/quotes/{first['quote']['reference']}", base_url=HERE).json
    assert quote["lines"][0]["creditor"] == "carrier-a"
    paid = {
        "document": {"kind": "RESIDENT_ID", "number": NUMBER},
        "account": "OWED",
        "kind": "FULL",
        "amount_fen": first["quote"]["total_fen"],
    }
    receipt = post(service, paid, "/settlements")
    assert (receipt.status_code, receipt.json["state"]) == (201, "CLEARED")
    assert post(service, ask()).json["decision"] == "ALLOW"


def test_a_debtor_is_told_in_chinese_what_can_be_had_today(service: FlaskClient, owed: None) -> None:
    answer = post(service, ask()).json
    assert answer["alternatives"] == [{"kind": "PREPAID_ONLY"}]
    assert answer["texts"].keys() == {"zh"}
    total = answer["quote"]["total_fen"]
    assert f"合计 {total // 100:,}.{total % 100:02d} 元，涉及 1 家企业" in "".join(answer["texts"]["zh"]["applicant"])
    assert "也可现在先办理预付费业务。" in answer["texts"]["zh"]["applicant"]
    assert "carrier-a" not in str(answer["texts"])


def test_the_words_come_in_the_languages_that_were_asked_for(service: FlaskClient) -> None:
    answer = post(service, ask(languages=["en", "zh"])).json
    assert answer["alternatives"] == []
    assert answer["texts"].keys() == {"en", "zh"}
    assert answer["texts"]["en"]["applicant"][:2] == [
        "No unpaid telephone bills were found.",
        "You can have the service.",
    ]
    assert answer["texts"]["en"]["clerk"].index("Go ahead with the order.") == 1


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"service_class": "MOBILE"}, "document", "REQUIRED"),
        (ask(document=NUMBER), "document", "REQUIRED"),
        (ask(document={"kind": "X", "number": NUMBER}), "document.kind", "NOT_IN_VOCABULARY"),
        (ask(document={"kind": "RESIDENT_ID"}), "document.number", "REQUIRED"),
        (ask(document={"kind": "RESIDENT_ID", "number": 1}), "document.number", "WRONG_TYPE"),
        (ask(document={"kind": "RESIDENT_ID", "number": NUMBER + "1"}), "document.number", "MALFORMED"),
        (ask(document={"kind": "RESIDENT_ID", "number": NUMBER * 40}), "document.number", "TOO_LONG"),
        (ask(document={"kind": "RESIDENT_ID", "number": NUMBER, NUMBER: 1}), "document.*", "UNKNOWN_FIELD"),
        (ask(**{NUMBER: 1}), "*", "UNKNOWN_FIELD"),
        (ask(documnet=1), "documnet", "UNKNOWN_FIELD"),
        (ask(document={"kind": "RESIDENT_ID", "nubmer": NUMBER}), "document.nubmer", "UNKNOWN_FIELD"),
        (ask(line_123=1), "line_123", "UNKNOWN_FIELD"),
        (ask(line_1234=1), "*", "UNKNOWN_FIELD"),
        (ask(**{"a" * 33: 1}), "*", "UNKNOWN_FIELD"),
        (ask(**{"": 1}), "*", "UNKNOWN_FIELD"),
        (ask(证件=1), "*", "UNKNOWN_FIELD"),
        (ask(**{"line-1": 1}), "*", "UNKNOWN_FIELD"),
        (ask(**{"line\n": 1}), "*", "UNKNOWN_FIELD"),
        (ask(**{"\u0661\u0662": 1}), "*", "UNKNOWN_FIELD"),
        (ask(service_class=NUMBER), "service_class", "NOT_IN_VOCABULARY"),
        (ask(service_class=[NUMBER]), "service_class", "NOT_IN_VOCABULARY"),
        (ask(address=[NUMBER]), "address", "WRONG_TYPE"),
        (ask(address=None), "address", "WRONG_TYPE"),
        (ask(collective_household=1), "collective_household", "WRONG_TYPE"),
        (ask(languages="zh"), "languages", "WRONG_TYPE"),
        (ask(languages=[]), "languages", "EMPTY"),
        (ask(languages=["zh", NUMBER]), "languages", "NOT_IN_VOCABULARY"),
        (ask(languages=[{}]), "languages", "NOT_IN_VOCABULARY"),
        (ask(languages=["zh", "zh"]), "languages", "REPEATED"),
    ],
)
def test_a_wrong_field_is_named_and_its_value_is_not(
    service: FlaskClient, caplog: pytest.LogCaptureFixture, body: dict[str, str], field: str, code: str
) -> None:
    caplog.set_level(logging.DEBUG)
    response = post(service, body)
    assert (response.status_code, name(response)) == (422, "invalid-field")
    assert response.json["errors"] == [{"field": field, "code": code}]
    assert NUMBER not in response.text + caplog.text


def test_unknown_members_are_named_once_and_only_some_of_many(service: FlaskClient) -> None:
    many = post(service, ask(**{f"x{chr(97 + place)}": 1 for place in range(20)})).json["errors"]
    assert [each["field"] for each in many] == ["*", *(f"x{chr(97 + place)}" for place in range(16))]
    mixed = post(service, ask(documnet=1, **{NUMBER: 1})).json["errors"]
    assert [each["field"] for each in mixed] == ["*", "documnet"]


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"a":1,"a":2}', b'{"a":"\\u0000"}', b"[" * 900, b"\xff"])
def test_a_body_that_is_no_strict_json_is_refused(service: FlaskClient, raw: bytes) -> None:
    response = service.post("/check", data=raw, content_type="application/json", base_url=HERE)
    assert (response.status_code, name(response)) == (400, "malformed-body")


def test_only_json_is_read(service: FlaskClient) -> None:
    response = service.post("/check", data=json.dumps(ask()), content_type="text/plain", base_url=HERE)
    assert (response.status_code, name(response)) == (415, "media-type")


def test_a_body_too_large_is_refused(service: FlaskClient) -> None:
    response = post(service, ask(address="x" * 20_000))
    assert (response.status_code, name(response)) == (413, "body-too-large")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:9201", "127.0.0.1.evil.example", "10.0.0.1"])
def test_another_host_name_is_refused(service: FlaskClient, host: str) -> None:
    assert service.get("/healthz", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["127.0.0.1:9201", "localhost", "LOCALHOST:9201", "[::1]:9201"])
def test_loopback_names_are_served(service: FlaskClient, host: str) -> None:
    assert service.get("/healthz", headers={"Host": host}).json["status"] == "ok"


def test_a_web_page_is_refused(service: FlaskClient) -> None:
    assert post(service, ask(), headers={"Origin": "http://localhost:9201"}).status_code == 400


def test_two_dead_custodians_are_told_by_number(service: FlaskClient, parties: Parties) -> None:
    parties.custodian(1).dead = parties.custodian(2).dead = True
    response = post(service, ask())
    assert (response.status_code, name(response)) == (503, "unavailable")
    assert "custodian 1: not reachable; custodian 2: not reachable" in response.json["detail"]


def test_a_dead_registry_is_told(service: FlaskClient, parties: Parties) -> None:
    parties.registry.dead = True
    response = post(service, ask())
    assert (response.status_code, name(response)) == (503, "unavailable")


def test_what_does_not_exist_is_a_problem(service: FlaskClient) -> None:
    assert service.get("/quotes/none", base_url=HERE).status_code == 404
    assert service.get("/quotes/a-quote-that-nobody-made", base_url=HERE).status_code == 404
    assert name(service.get("/nothing", base_url=HERE)) == "not-found"
    response = service.get("/check", base_url=HERE)
    assert (response.status_code, response.allow) == (405, {"OPTIONS", "POST"})


def test_logs_hold_ids_codes_and_times_only(service: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    post(service, ask(address="云南省昆明市五华区学府路287号19栋4单元1160室", household_register="4201060011665"))
    assert "decision=ALLOW" in caplog.text
    for raw in (NUMBER, "学府路", "4201060011665", "ORD1"):
        assert raw not in caplog.text


def test_only_loopback_is_bound(parties: Parties) -> None:
    for address in ("127.0.0.1", "localhost", "[::1]", "127.9.9.9"):
        assert is_loopback(address)
    for address in ("0.0.0.0", "[::]", "10.0.0.1", "example.org"):  # noqa: S104
        assert not is_loopback(address)
    settings = parties.settings("carrier-a")
    object.__setattr__(settings, "listen", "0.0.0.0:9201")
    with pytest.raises(SettingsError, match="not a loopback address"):
        main(settings)
    with pytest.raises(SettingsError):
        listen_host("9201")


@pytest.mark.parametrize(
    ("home", "keys"),
    [
        ({}, ("NOT_GIVEN", "NOT_GIVEN")),
        ({"household_register": "4201060011665", "address": ADDRESS}, ("GIVEN", "GIVEN")),
        ({"household_register": "12", "address": "云南省昆明市五华区学府路287号"}, ("NOT_CANONICAL", "NOT_CANONICAL")),
        ({"household_register": "4201060011665", "collective_household": True}, ("COLLECTIVE", "NOT_GIVEN")),
    ],
)
def test_the_answer_says_whether_the_household_was_asked_about(
    service: FlaskClient, home: dict[str, Any], keys: tuple[str, str]
) -> None:
    assert post(service, ask(**home)).json["household_keys"] == dict(zip(("register", "address"), keys, strict=True))


def test_a_firm_has_no_household_to_ask_about(service: FlaskClient) -> None:
    firm = {"kind": "ENTERPRISE", "number": "91350100M000100Y43"}
    answer = post(service, ask(document=firm, address=ADDRESS)).json
    assert answer["household_keys"] == {"register": "NOT_APPLICABLE", "address": "NOT_APPLICABLE"}


def test_an_account_that_a_spreadsheet_lost_is_settled_by_nobody(service: FlaskClient) -> None:
    paid = {
        "document": {"kind": "RESIDENT_ID", "number": NUMBER},
        "account": "1.38001E+12",
        "kind": "FULL",
        "amount_fen": 1,
    }
    response = post(service, paid, "/settlements")
    assert (response.status_code, response.json["errors"]) == (422, [{"field": "account", "code": "EXPONENT"}])


def a_payment(**changes: Any) -> dict[str, Any]:
    document = {"kind": "RESIDENT_ID", "number": NUMBER}
    return {"document": document, "account": "OWED", "kind": "FULL", "amount_fen": 1_00} | changes


def test_a_payment_that_is_not_in_full_is_refused_with_what_is_missing_until_the_rest_is_waived(
    service: FlaskClient, owed: None
) -> None:
    refused = post(service, a_payment(), "/settlements")
    assert (refused.status_code, name(refused)) == (422, "not-in-full")
    assert refused.json["missing_fen"] > 100_00
    closed = post(service, a_payment(waive_rest=True), "/settlements")
    assert (closed.status_code, closed.json["waived_fen"]) == (201, refused.json["missing_fen"])


def test_a_payment_of_a_debt_that_was_sold_is_refused_with_its_present_creditor(
    service: FlaskClient, owed: None, gateway: Gateway, world: World
) -> None:
    [record] = own_records(gateway.registry)
    sells(world, record.record_id)
    refused = post(service, a_payment(amount_fen=900_00), "/settlements")
    assert (refused.status_code, name(refused), refused.json["creditor"]) == (409, "record-transferred", "carrier-b")


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"amount_fen": 0}, "amount_fen", "NOTHING_PAID_IS_A_WAIVER"),
        ({"amount_fen": 0, "kind": "PARTIAL"}, "amount_fen", "NOTHING_PAID_IS_A_WAIVER"),
        ({"waive_rest": True, "kind": "PARTIAL"}, "waive_rest", "ONLY_WITH_FULL"),
        ({"waive_rest": 1}, "waive_rest", "WRONG_TYPE"),
        ({"settled_at": "9999-12-31T16:00:00.000000Z"}, "settled_at", "OUT_OF_RANGE"),
        ({"settled_at": "0001-01-01T00:00:00.000000Z"}, "settled_at", "OUT_OF_RANGE"),
    ],
)
def test_a_payment_that_contradicts_itself_is_refused_before_anything_is_sent(
    service: FlaskClient, changes: dict[str, Any], field: str, code: str
) -> None:
    refused = post(service, a_payment(**changes), "/settlements")
    assert (refused.status_code, refused.json["errors"]) == (422, [{"field": field, "code": code}])
