import datetime as dt
import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from client.errors import RegistryRefused
from gateway.bulk.applications import Application
from gateway.counter.red_list import Candidate
from gateway.errors import ApplicationInvalid
from gateway.gateway import Gateway
from gateway.identity.documents import RawIdentity
from gateway.local.requests import read_candidate
from protocol.codes import DecisionCode, ReasonCode, RedListGround, Role, ServiceClass
from protocol.identifiers import DocumentKind
from protocol.problems import Refusal
from registry.usecases.red_list.approve import approve_red_list
from tests.support.api import admit
from tests.support.builders import TODAY
from tests.support.exports import debt, resident, write
from tests.support.parties import Parties
from tests.support.world import World

FIRM = "91350100M000100Y43"
NEXT_YEAR = TODAY + dt.timedelta(days=365)


def candidate(number: str = FIRM, kind: DocumentKind = DocumentKind.ENTERPRISE, **changes: Any) -> Candidate:
    values: dict[str, Any] = {"identity": RawIdentity(kind=kind, number=number), "ground": RedListGround.UTILITY}
    return Candidate(**(values | {"expires_on": NEXT_YEAR} | changes))


def approved_by_two(world: World, entry_id: uuid.UUID) -> str:
    admit(world, "regulator", Role.REGULATOR)
    for name, role in (("operator", Role.OPERATOR), ("regulator", Role.REGULATOR)):
        answer = approve_red_list(world.registry, world.actor(name, role), world.call(), entry_id)
    return json.loads(answer.body)["state"]


def test_a_proposed_and_approved_firm_is_served_in_spite_of_its_arrears(
    world: World, parties: Parties, gateway: Gateway, tmp_path: Path, mappings: Path
) -> None:
    source = write(tmp_path / "arrears.csv", [debt("OWED", 证件类型="信用代码", 证件号码=FIRM)])
    gateway.report_file(source=source, mapping=mappings / "arrears.toml", output=tmp_path / "reported.csv")
    asked = Application(identity=candidate().identity, service_class=ServiceClass.BROADBAND)
    with parties.gateway("carrier-b") as other:
        assert other.check(asked).decision is DecisionCode.PAY_FIRST
        entry = gateway.propose_red_list(candidate())
        assert entry.state == "PROPOSED"
        assert approved_by_two(world, entry.entry_id) == "EFFECTIVE"
        answer = other.check(asked)
    assert (answer.decision, answer.reasons) == (
        DecisionCode.ALLOW,
        (ReasonCode.OWN_ARREARS, ReasonCode.RED_LIST),
    )
    assert answer.quote is not None
    assert FIRM.encode() not in parties.everything_sent()


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        (candidate(resident(1), DocumentKind.RESIDENT_ID), r"document\.kind: NOT_AN_ORGANISATION"),
        (candidate("91350100M000100Y44"), r"document\.number: BAD_CHECK_DIGIT"),
    ],
)
def test_what_is_no_organisation_is_refused_before_anything_leaves(
    gateway: Gateway, parties: Parties, refused: Candidate, said: str
) -> None:
    before = len(parties.everything_sent())
    with pytest.raises(ApplicationInvalid, match=said):
        gateway.propose_red_list(refused)
    assert len(parties.everything_sent()) == before


def test_an_expiry_beyond_the_rules_is_the_registrys_to_refuse(gateway: Gateway) -> None:
    with pytest.raises(RegistryRefused, match=r"\[expires_on: too-far-ahead\]"):
        gateway.propose_red_list(candidate(expires_on=NEXT_YEAR + dt.timedelta(days=1)))


def test_a_repeated_proposal_under_its_key_is_answered_the_same(gateway: Gateway) -> None:
    first = gateway.propose_red_list(candidate(), idempotency_key="red-list-1")
    assert gateway.propose_red_list(candidate(), idempotency_key="red-list-1") == first


BODY = {"document": {"kind": "ENTERPRISE", "number": FIRM}, "ground": "UTILITY", "expires_on": NEXT_YEAR.isoformat()}


def test_what_is_read_is_what_was_written() -> None:
    assert read_candidate(BODY, "key-1") == (candidate(), "key-1")


@pytest.mark.parametrize(
    ("changes", "key", "field", "code"),
    [
        ({"ground": "FRIEND"}, None, "ground", "NOT_IN_VOCABULARY"),
        ({"expires_on": "20271101"}, None, "expires_on", "NOT_A_DATE"),
        ({"expires_on": "2027-02-30"}, None, "expires_on", "NOT_A_DATE"),
        ({"expires_on": ""}, None, "expires_on", "EMPTY"),
        ({"address": "somewhere"}, None, "address", "UNKNOWN_FIELD"),
        ({}, "not a key", "Idempotency-Key", "MALFORMED"),
    ],
)
def test_a_bad_proposal_names_its_field_and_not_its_value(
    changes: dict[str, str], key: str | None, field: str, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        read_candidate(BODY | changes, key)
    assert refused.value.fields == {field: code}
