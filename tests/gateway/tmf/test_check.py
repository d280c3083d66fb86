"""A system that speaks TMF679 asks about a customer, and gets what a program of ours gets: row by row of the table."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from crypto.references import Named
from gateway.gateway import Gateway
from gateway.identity.context import NOTHING_SAID
from gateway.local.lanes import CHECK_ROUTES
from gateway.local.tokens import Scope
from gateway.tmf.qualification import read_qualification
from protocol.encodings import b64url_encode
from protocol.identifiers import DocumentKind
from protocol.problems import Refusal
from tests.support.contract import refused_as
from tests.support.exports import debt, resident, write
from tests.support.local import HERE, NUMBER, a_client, a_token
from tests.support.orders import spoil
from tests.support.parties import Parties
from tests.support.tmf import (
    AGENT,
    CHECK,
    TABLES,
    a_check,
    customer,
    item,
    party,
    placed,
    product,
)
from tests.support.told import last_inquiry
from tests.support.world import World

LABELS = {
    "en": "You have unpaid bills for telephone service.",
    "en-GB, zh;q=0.5": "You have unpaid bills for telephone service.",
    "zh-CN": "您名下有未结清的通信费用。",
    "zh": "您名下有未结清的通信费用。",
    "fr": "您名下有未结清的通信费用。",
}
UNCLEAR: list[dict[str, Any]] = [
    {"streetNrLast": "1039"},
    {"streetSuffix": "东"},
    {"streetName": "Luoyu Road"},
    {"streetNr": "1037A"},
    {"geographicSubAddress": [{"@type": "GeographicSubAddress", "privateStreetName": "一巷"}]},
]
SHOP = {"@type": "ChannelRef", "id": "SH-PD-0123", "name": "Shop"}


@pytest.fixture
def service(gateway: Gateway, tmp_path: Path) -> Iterator[FlaskClient]:
    with a_client(gateway, tmp_path / "local-tokens.json", tmf=TABLES) as client:
        yield client


def post(service: FlaskClient, body: dict[str, Any], **headers: str) -> TestResponse:
    return service.post(CHECK, json=body, base_url=HERE, headers=headers)


def check(service: FlaskClient, *items: dict[str, Any], **members: Any) -> dict[str, Any]:
    response = post(service, a_check(*items, **members))
    assert response.status_code == 200, response.json
    return dict(response.get_json())


def only(answer: dict[str, Any]) -> dict[str, Any]:
    [answered] = answer["checkProductOfferingQualificationItem"]
    return dict(answered)


def faults(response: TestResponse) -> dict[str, str]:
    assert (response.status_code, refused_as(response)) == (422, "invalid-field"), response.json
    return dict(each.split(": ") for each in response.json["message"].split("; "))


def test_a_customer_without_arrears_is_qualified_and_the_check_is_green(service: FlaskClient) -> None:
    answer = check(service)
    assert (answer["state"], answer["qualificationResult"]) == ("done", "green")
    answered = only(answer)
    assert (answered["state"], answered["qualificationItemResult"]) == ("done", "qualified")
    assert answered["clearlineDecision"] == "ALLOW"
    assert answer["id"] == answered["clearlineInquiry"]
    assert answer["href"] == f"{CHECK}/{answer['id']}"
    assert answer["clearlineOrderKept"] is True
    assert answer["effectiveQualificationDate"] < answer["expirationDate"]


def test_a_debtor_has_an_alternate_where_the_carrier_has_an_offering_for_it(service: FlaskClient, owed: None) -> None:
    answer = check(service)
    assert answer["qualificationResult"] == "yellow"
    answered = only(answer)
    assert (answered["clearlineDecision"], answered["qualificationItemResult"]) == ("PAY_FIRST", "alternate")
    [proposal] = answered["alternateProductOfferingProposal"]
    assert proposal["alternateProductOffering"] == {"@type": "ProductOfferingRef", "id": "MOBILE-PREPAID"}
    assert answered["clearlineQuote"]["amount"]["unit"] == "CNY"


def test_a_debtor_whom_no_offering_helps_is_unqualified_and_the_check_is_red(service: FlaskClient, owed: None) -> None:
    answer = check(service, item("TV"))
    assert answer["qualificationResult"] == "red"
    assert only(answer)["qualificationItemResult"] == "unqualified"


def test_the_sum_of_a_deposit_is_the_price_of_the_alternate_product(
    service: FlaskClient, gateway: Gateway, tmp_path: Path, mappings: Path
) -> None:
    of_the_home = debt("HOME", 证件号码=resident(2), 地址="湖北省武汉市洪山区珞喻路1037号7栋2单元802室")
    source = write(tmp_path / "arrears.csv", [of_the_home])
    gateway.report_file(source=source, mapping=mappings / "arrears.toml", output=tmp_path / "reported.csv")
    answer = check(service, item("FIBRE-500", product=product(place=placed())))
    answered = only(answer)
    assert (answered["clearlineDecision"], answer["qualificationResult"]) == ("REVIEW", "yellow")
    [proposal] = answered["alternateProductOfferingProposal"]
    assert proposal["alternateProductOffering"]["id"] == "FIBRE-500-DEPOSIT"
    [price] = proposal["alternateProduct"]["productPrice"]
    assert price["price"]["taxIncludedAmount"] == {"unit": "CNY", "value": 200.0}


def test_alternatives_and_reasons_are_listed_only_where_they_are_asked_for(service: FlaskClient, owed: None) -> None:
    answered = only(check(service, provideAlternative=False, provideResultReason=False))
    assert answered["qualificationItemResult"] == "alternate"
    assert answered.keys().isdisjoint({"alternateProductOfferingProposal", "eligibilityResultReason"})


def test_reasons_remedies_and_unchecked_keys_have_labels_in_the_callers_language(
    service: FlaskClient, owed: None
) -> None:
    for language, label in LABELS.items():
        reasons = only(post(service, a_check(), **{"Accept-Language": language}).get_json())["eligibilityResultReason"]
        assert [each["code"] for each in reasons] == [
            "OWN_ARREARS",
            "PAY_QUOTE",
            "DISPUTE_RECORD",
            "REGISTER_NOT_GIVEN",
            "ADDRESS_NOT_GIVEN",
        ]
        assert reasons[0]["label"] == label


def test_the_circumstances_reach_the_registry(service: FlaskClient, world: World, gateway: Gateway) -> None:
    check(service)
    told = last_inquiry(world)
    assert [told[each] for each in ("purpose", "channel", "outlet", "identity")] == [
        "NEW_LINE",
        "OUTLET",
        "SH-PD-0123",
        "READER",
    ]
    of = gateway.tools.references.of
    assert told["order"] == b64url_encode(of(Named.ORDER, "ORDER-1"))
    assert told["agent"] == b64url_encode(of(Named.AGENT, "A-017"))
    assert told["consent_ref"] == b64url_encode(of(Named.CONSENT, "consent record 9"))


def test_a_product_that_the_customer_has_makes_it_a_further_line(service: FlaskClient, world: World) -> None:
    check(service, item(product={"@type": "ProductRef", "id": "13800138000"}))
    assert last_inquiry(world)["purpose"] == "ADD_LINE"


def test_the_place_of_the_product_is_the_address_of_the_line(service: FlaskClient, world: World) -> None:
    check(service, item("FIBRE-500", product=product(place=placed())))
    told = last_inquiry(world)
    assert (told["address"], told["address_source"], told["register"]) == ("GIVEN", "PREMISES", "NOT_GIVEN")


def test_a_register_number_beside_the_place_is_not_called_the_carriers_own_data(
    service: FlaskClient, world: World
) -> None:
    check(service, item("FIBRE-500", product=product(place=placed())), clearlineHouseholdRegister="4201060011665")
    told = last_inquiry(world)
    assert (told["register"], told["address_source"], told["register_source"]) == ("GIVEN", "DECLARED", "DECLARED")


def test_an_address_that_could_be_read_in_two_ways_gives_no_key(service: FlaskClient, world: World) -> None:
    for unclear in UNCLEAR:
        check(service, item("FIBRE-500", product=product(place=placed(**unclear))))
        assert last_inquiry(world)["address"] == "NOT_CANONICAL"


def test_the_channel_decides_what_its_id_is_and_who_has_to_be_named(service: FlaskClient, world: World) -> None:
    check(service, channel={"@type": "ChannelRef", "id": "7", "name": "Web"}, parties=[customer()])
    assert (last_inquiry(world)["channel"], "outlet" in last_inquiry(world)) == ("ONLINE", False)
    dealer = party("dealer", **{"@type": "PartyRoleRef", "id": "D-77"})
    partner = {"@type": "ChannelRef", "id": "P-1", "name": "Partner"}
    world.clock.forward(seconds=1)
    check(service, channel=partner, parties=[customer(), AGENT, dealer])
    assert [last_inquiry(world)[each] for each in ("channel", "outlet", "dealer")] == ["DEALER", "P-1", "D-77"]


def test_a_firm_is_asked_about_by_its_code(service: FlaskClient) -> None:
    for shown in ({}, {"identificationType": "creditCode"}):
        firm = {"@type": "OrganizationIdentification", "identificationId": "91350100M000100Y43"} | shown
        parties = [party("customer", **{"@type": "Organization", "organizationIdentification": [firm]}), AGENT]
        assert check(service, parties=parties)["qualificationResult"] == "green"


def test_a_passport_needs_the_state_that_issued_it(service: FlaskClient) -> None:
    passport = customer("C01X00T47", "passport", issuingAuthority="DEU")
    assert check(service, parties=[passport, AGENT])["qualificationResult"] == "green"
    of_nobody = customer("C01X00T47", "passport", issuingAuthority="town hall")
    path = "relatedParty.0.partyOrPartyRole.individualIdentification.0.identificationId"
    assert faults(post(service, a_check(parties=[of_nobody, AGENT]))) == {path: "UNKNOWN_ISSUER"}
    police = customer(issuingAuthority="上海市公安局")
    assert check(service, parties=[police, AGENT])["qualificationResult"] == "green"


def test_each_item_is_an_inquiry_and_all_are_one_call(
    service: FlaskClient, world: World, parties: Parties, owed: None
) -> None:
    asked = [item(id="a"), item("FIBRE-500", id="b"), item(id="c", product=product(id="old line"))]
    before = parties.registry.requests
    answer = check(service, *asked)
    assert parties.registry.requests == before + 1
    answered = answer["checkProductOfferingQualificationItem"]
    assert [each["id"] for each in answered] == ["a", "b", "c"]
    assert len({each["clearlineInquiry"] for each in answered}) == 3
    assert answer["id"] == answered[0]["clearlineInquiry"]
    assert last_inquiry(world)["lines"] == 3  # the order's, which its parts share
    assert answer["qualificationResult"] == "yellow"


def test_at_most_twenty_items_are_asked_about_at_once(service: FlaskClient) -> None:
    many = [item(id=str(each)) for each in range(20)]
    assert len(check(service, *many)["checkProductOfferingQualificationItem"]) == 20
    over = faults(post(service, a_check(*many, item(id="20"))))
    assert over == {"checkProductOfferingQualificationItem": "OUT_OF_RANGE"}


def test_an_item_without_an_id_has_its_place(service: FlaskClient) -> None:
    nameless = {name: value for name, value in item().items() if name != "id"}
    assert only(check(service, nameless))["id"] == "1"


def test_members_of_tm_forum_that_we_do_not_read_are_passed_over(service: FlaskClient) -> None:
    note = [{"@type": "Note", "text": "x"}]
    noted = item(
        note=note,
        expectedActivationDate="2026-12-01T00:00:00Z",
        product=product(productPrice=[{"price": {"taxIncludedAmount": {"unit": "CNY", "value": 29.99}}}], name=None),
    )
    told = customer()
    told["partyOrPartyRole"] |= {"givenName": "PLANTED", "contactMedium": [{"emailAddress": "PLANTED"}]}
    parties = [told, AGENT, party("requester", **{"@type": "PartyRef", "id": "CRM"})]
    answer = post(service, a_check(noted, parties=parties, note=note, description="PLANTED", channel=SHOP))
    assert answer.status_code == 200
    assert "PLANTED" not in answer.text


ITEM, PARTY = "checkProductOfferingQualificationItem.0", "relatedParty.0"
SHOWN = f"{PARTY}.partyOrPartyRole.individualIdentification"
DATE = "requestedQualificationCompletionDate"
USER = party("user", **{"@type": "PartyRef", "id": "77"})
OLD_LINE = {"@type": "ProductOfferingRef", "id": "TV"}


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        (a_check(item(action="modify")), f"{ITEM}.action", "INVALID"),
        (a_check(item(quantity=2)), f"{ITEM}.quantity", "UNKNOWN_FIELD"),
        (a_check(item("HANDSET")), f"{ITEM}.productOffering.id", "NOT_IN_VOCABULARY"),
        (a_check(item(product=product(quantity=2))), f"{ITEM}.product.quantity", "UNKNOWN_FIELD"),
        (a_check(item(product=product(product=[]))), f"{ITEM}.product.product", "UNKNOWN_FIELD"),
        (a_check(item(product=product(relatedParty=[]))), f"{ITEM}.product.relatedParty", "UNKNOWN_FIELD"),
        (a_check(item(product=product(place=placed() * 2))), f"{ITEM}.product.place", "OUT_OF_RANGE"),
        (
            a_check(item(product=product(place=placed(**{"@type": "GeographicSite"})))),
            f"{ITEM}.product.place.0.place.@type",
            "INVALID",
        ),
        (
            a_check(item(product=product(productOffering=OLD_LINE))),
            f"{ITEM}.product.productOffering.id",
            "DIFFERS",
        ),
        (a_check(item(), item()), "checkProductOfferingQualificationItem.1.id", "REPEATED"),
        (a_check(parties=[customer(), AGENT, customer(resident(2))]), "relatedParty.2.role", "REPEATED"),
        (a_check(parties=[customer(), AGENT, USER]), "relatedParty.2.role", "NOT_IN_VOCABULARY"),
        (a_check(parties=[AGENT]), "relatedParty", "NO_CUSTOMER"),
        (a_check(parties=[customer()]), "relatedParty", "NO_SALES_AGENT"),
        (
            a_check(parties=[customer(), AGENT], channel={"@type": "C", "id": "P-1", "name": "Partner"}),
            "relatedParty",
            "NO_DEALER",
        ),
        (
            a_check(parties=[party("customer", **{"@type": "PartyRef", "id": "77"}), AGENT]),
            f"{PARTY}.partyOrPartyRole.@type",
            "NOT_IN_VOCABULARY",
        ),
        (a_check(parties=[customer(word="library card"), AGENT]), f"{SHOWN}.0.identificationType", "NOT_IN_VOCABULARY"),
        (a_check(parties=[customer(word="creditCode"), AGENT]), f"{SHOWN}.0.identificationType", "NOT_IN_VOCABULARY"),
        (a_check(channel=SHOP | {"name": "Fax"}), "channel.name", "NOT_IN_VOCABULARY"),
        (a_check(channel=SHOP | {"id": "Wang Wei"}), "channel.id", "MALFORMED"),
        (a_check(channel=None), "channel", "REQUIRED"),
        (a_check(clearlineOrder="\u202e"), "clearlineOrder", "MALFORMED"),
        (a_check(clearlineOrder=None), "clearlineOrder", "REQUIRED"),
        (a_check(clearlineConsent="x" * 65), "clearlineConsent", "INVALID"),
        (a_check(clearlineConsentText=None), "clearlineConsentText", "REQUIRED"),
        (a_check(clearlineIdentity="SURE"), "clearlineIdentity", "INVALID"),
        (a_check(**{"@type": "CheckProductOfferingQualification"}), "@type", "INVALID"),
        (a_check(instantSyncQualification=False), "instantSyncQualification", "ONLY_INSTANT"),
        (a_check(provideOnlyAvailable=True), "provideOnlyAvailable", "NOT_OFFERED"),
        (a_check(**{DATE: "2026-13-01T00:00:00Z"}), DATE, "NOT_A_TIME"),
        (a_check(state="done"), "state", "UNKNOWN_FIELD"),
        (a_check(**{f"n{NUMBER}": 1}), "*", "UNKNOWN_FIELD"),
    ],
)  # fmt: skip
def test_a_member_that_would_ask_for_something_else_is_refused_by_its_name(
    body: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        read_qualification(body, TABLES, NOTHING_SAID)
    assert refused.value.fields == {field: code}


def test_a_refused_check_asks_nobody_and_repeats_no_value(service: FlaskClient, parties: Parties) -> None:
    wrong = NUMBER[:-1] + "0"
    number = faults(post(service, a_check(parties=[customer(wrong), AGENT])))
    assert number == {f"{SHOWN}.0.identificationId": "BAD_CHECK_DIGIT"}
    late = faults(post(service, a_check(requestedQualificationCompletionDate="2026-01-01T00:00:00Z")))
    assert late == {"requestedQualificationCompletionDate": "OUT_OF_RANGE"}
    assert wrong not in post(service, a_check(parties=[customer(wrong), AGENT])).text
    assert parties.registry.requests == 0


def test_a_caller_that_wants_to_be_answered_later_is_refused(service: FlaskClient) -> None:
    assert faults(post(service, a_check(), Expect="202-Accepted")) == {"Expect": "ONLY_INSTANT"}


def test_the_wished_date_shortens_the_time_of_a_check_and_never_lengthens_it(
    service: FlaskClient, world: World, parties: Parties
) -> None:
    soon = (world.clock().replace(microsecond=0)).isoformat(timespec="milliseconds")
    world.clock.forward(seconds=-0.3)
    for index in (1, 2):
        parties.custodian(index).delay_seconds = 1.0
    refused = post(service, a_check(requestedQualificationCompletionDate=soon))
    assert (refused.status_code, refused_as(refused), refused.headers["Retry-After"]) == (503, "unavailable", "1")
    assert parties.registry.requests == 0


def test_a_far_date_leaves_the_deadline_as_it_is(service: FlaskClient) -> None:
    assert check(service, requestedQualificationCompletionDate="2030-01-01T08:00:00.5+08:00")["state"] == "done"


def test_a_check_has_a_place_among_the_checks() -> None:
    assert "tmf_check" in CHECK_ROUTES


def test_an_answer_is_given_again_by_its_id_without_what_the_caller_wrote(service: FlaskClient, owed: None) -> None:
    asked = [item(id="01"), item("FIBRE-500", id="line-77")]
    first = check(service, *asked)
    again = service.get(first["href"], base_url=HERE).get_json()
    expected = dict(first)
    del expected["clearlineOrderKept"]
    items = [dict(each) for each in first["checkProductOfferingQualificationItem"]]
    for each in items:
        each.pop("clearlineQuote", None)
    items[1]["id"] = "2"
    assert again == expected | {"checkProductOfferingQualificationItem": items}
    english = service.get(first["href"], base_url=HERE, headers={"Accept-Language": "en"}).get_json()
    assert english["checkProductOfferingQualificationItem"][0]["eligibilityResultReason"][0]["label"].startswith("You")


def test_an_answer_is_kept_for_ninety_days(service: FlaskClient, world: World) -> None:
    href = check(service)["href"]
    world.clock.forward(days=89)
    assert service.get(href, base_url=HERE).status_code == 200
    world.clock.forward(days=2)
    check(service, clearlineOrder="ORDER-2")  # a later write removes what is too old
    gone = service.get(href, base_url=HERE)
    assert (gone.status_code, refused_as(gone)) == (404, "not-found")


def test_an_answer_that_is_not_kept_is_not_found(service: FlaskClient) -> None:
    for unknown in ("019accd8-2b00-7aaa-8aaa-00000000000a", "77", "x" * 300):
        response = service.get(f"{CHECK}/{unknown}", base_url=HERE)
        assert (response.status_code, refused_as(response)) == (404, "not-found")
        assert unknown not in response.text


def test_a_disk_that_refuses_holds_no_answer_back(service: FlaskClient, parties: Parties) -> None:
    spoil(parties.folder / "carrier-a" / "orders.db")
    answer = check(service)
    assert answer["clearlineOrderKept"] is False
    assert refused_as(service.get(answer["href"], base_url=HERE)) == "unavailable"


def test_no_number_name_or_address_is_in_any_file_or_leaves_the_carrier(
    service: FlaskClient, parties: Parties, owed: None
) -> None:
    planted = customer()
    planted["partyOrPartyRole"] |= {"givenName": "PLANTED-NAME"}
    agent = party("salesAgent", **{"@type": "PartyRef", "id": "PLANTED-AGENT"})
    asked = item("FIBRE-500", id="PLANTED-ITEM", product=product(id="13800138000", place=placed()))
    check(service, asked, parties=[planted, agent], clearlineOrder="PLANTED-ORDER", clearlineConsent="PLANTED-CONSENT")
    found = b"".join(each.read_bytes() for each in (parties.folder / "carrier-a").glob("orders.db*"))
    for each in ("PLANTED", NUMBER, "13800138000", "珞喻路"):
        assert each.encode() not in found + parties.everything_sent()


OTHER_OPERATIONS = [
    ("GET", CHECK),
    ("PATCH", f"{CHECK}/019accd8-2b00-7aaa-8aaa-00000000000a"),
    ("DELETE", f"{CHECK}/019accd8-2b00-7aaa-8aaa-00000000000a"),
    ("POST", "/tmf-api/productOfferingQualification/v5/queryProductOfferingQualification"),
    ("POST", "/tmf-api/productOfferingQualification/v5/hub"),
]


def test_whatever_else_the_standard_has_is_not_served(service: FlaskClient) -> None:
    for method, path in OTHER_OPERATIONS:
        response = service.open(path, method=method, json={}, base_url=HERE)
        assert (response.status_code, refused_as(response)) == (501, "not-served")


def test_without_its_settings_nothing_of_it_is_served(gateway: Gateway, tmp_path: Path) -> None:
    with a_client(gateway, tmp_path / "local-tokens.json") as plain:
        for response in (post(plain, a_check()), plain.get(f"{CHECK}/77", base_url=HERE)):
            assert (response.status_code, refused_as(response)) == (501, "not-served")
            assert response.json["message"] == "The gateway's settings have no [tmf]."


def test_refusals_are_tm_forums_error(service: FlaskClient, gateway: Gateway, tmp_path: Path) -> None:
    refused = post(service, a_check(item(action="delete")))
    assert refused.content_type == "application/json"
    assert refused.json == {
        "@type": "Error",
        "code": "invalid-field",
        "reason": "A field is missing, unknown or outside its bounds.",
        "status": "422",
        "message": "checkProductOfferingQualificationItem.0.action: INVALID",
    }
    assert refused_as(service.post(CHECK, data="[", base_url=HERE, content_type="text/plain")) == "media-type"
    assert refused_as(service.post(CHECK, data="[", base_url=HERE, content_type="application/json")) == "malformed-body"
    path = tmp_path / "others.json"
    counter = a_client(gateway, path, a_token(path, "counter", [Scope.COUNTER]), tmf=TABLES)
    assert (post(counter, a_check()).status_code, refused_as(post(counter, a_check()))) == (403, "scope-missing")
    stranger = a_client(gateway, path, "", tmf=TABLES)
    missing = post(stranger, a_check())
    assert (missing.status_code, refused_as(missing)) == (401, "token-missing")
    assert missing.headers["WWW-Authenticate"].startswith("Bearer")


def test_the_tables_know_every_kind_that_there_is() -> None:
    assert TABLES.offering("A_LATER_KIND", TABLES.offerings["TV"]) is None
    assert set(TABLES.identifications.values()) <= set(DocumentKind)
