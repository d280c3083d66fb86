"""An office says why and who reads by signed headers; they are entries of the log, and nobody else may send them."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.openapi import document
from protocol.codes import Role
from protocol.encodings import b64url_encode
from protocol.log_entries import READINGS
from protocol.readings import Agent, ReadingPurpose, write_agent
from registry.domain.log import LogEntry
from registry.policy.rules import DEFAULT_RULES, RuleBook, context_terms
from tests.support.api import LIMITS, Client, operations, problem
from tests.support.apps import an_app
from tests.support.builders import TODAY
from tests.support.log_rounds import integrate_all
from tests.support.overseen import REFERENCE, places

SALT = b"s" * 16
AGENT = write_agent(Agent(reference=REFERENCE, salt=SALT))
TOLD = {"purpose": "COMPLAINT", "agent": AGENT}
DISPUTES = "/v1/disputes"


@pytest.fixture
def everything(client: Client, tmp_path: Path) -> dict[str, str]:
    integrate_all(client.world, tmp_path)
    return places(client.world)


@pytest.fixture
def demanding(client: Client) -> Client:
    """The same registry on a day from which on its rules demand a context."""
    founding = DEFAULT_RULES.versions[0]
    terms = replace(context_terms(founding), required_from=TODAY + dt.timedelta(days=1))
    book = RuleBook((replace(founding, context=terms),))
    world = replace(client.world, registry=replace(client.world.registry, founding_rules=book))
    return Client(an_app(world.registry, LIMITS), world)


def readers(client: Client, name: str) -> list[str]:
    """The offices that may read this, each by its role."""
    *_, operation = operations(document(client.app))[name]
    log_readers = {Role.AUDITOR, Role.REGULATOR}
    admitted = {Role(each) for each in operation.get("x-roles", log_readers)}
    return sorted(each.lower() for each in admitted - {Role.INQUIRER, Role.REPORTER})


def entries(client: Client, reader: str) -> list[LogEntry]:
    found = client.world.registry.store.read(lambda tx: tx.openings.first(10_000))
    return [each for each in found if each.participant_id == reader and each.kind in READINGS]


def each_reading(client: Client, paths: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    for name, path in paths.items():
        for reader in readers(client, name):
            yield name, reader, path


def facts(entry: LogEntry) -> dict[str, Any]:
    return dict(json.loads(entry.core)["facts"])


def test_every_reading_says_its_purpose_in_the_core_and_its_agent_in_the_erasable_part_alone(
    client: Client, everything: dict[str, str]
) -> None:
    for name, reader, path in each_reading(client, everything):
        before = entries(client, reader)
        client.world.clock.forward(seconds=1)
        assert client.get(reader, path, **TOLD).status_code == 200, name
        (entry,) = [each for each in entries(client, reader) if each not in before]
        assert facts(entry)["purpose"] == "COMPLAINT", name
        assert entry.personal is not None, name
        personal = json.loads(entry.personal)
        assert (personal["agent"], personal["agent_salt"]) == (b64url_encode(REFERENCE), b64url_encode(SALT)), name
        assert personal.get("subject") in (None, (entry.subject_key or b"").hex()), name
        for form in (b64url_encode(REFERENCE), AGENT, REFERENCE.hex()):
            assert form.encode() not in entry.core, name


def test_no_kept_signature_names_the_agent(client: Client, everything: dict[str, str]) -> None:
    for _, reader, path in each_reading(client, everything):
        client.get(reader, path, **TOLD)
    client.get("auditor", "/v1/rules", **TOLD)
    client.get("auditor", "/v1/archive/none", **TOLD)
    kept = [
        client.world.registry.store.read(lambda tx, each=each: tx.requests.find(each.participant_id, [each.request_id]))
        for reader in ("auditor", "regulator", "adjudicator", "operator")
        for each in entries(client, reader)
        if each.request_id is not None
    ]
    bases = [each.signature_base for found in kept for each in found.values()]
    assert len(bases) >= len(everything)
    for base in bases:
        assert b'"clearline-purpose": COMPLAINT' in base
        assert AGENT.encode() not in base
        assert AGENT[:21].encode() not in base


def test_who_says_nothing_reads_as_before(client: Client, everything: dict[str, str]) -> None:
    for name, reader, path in each_reading(client, everything):
        assert client.get(reader, path).status_code == 200, name
    for reader in ("auditor", "regulator", "adjudicator", "operator"):
        for each in entries(client, reader):
            assert "purpose" not in facts(each)
            assert "agent" not in json.loads(each.personal or b"{}")


@pytest.mark.parametrize("told", [{"purpose": "SAMPLE"}, {"agent": AGENT}], ids=str)
def test_one_of_the_two_may_be_said_alone(client: Client, told: dict[str, str]) -> None:
    assert client.get("adjudicator", DISPUTES, **told).status_code == 200
    (entry,) = entries(client, "adjudicator")
    assert facts(entry).get("purpose") == told.get("purpose")
    assert (entry.personal is not None) is ("agent" in told)


@pytest.mark.parametrize(
    ("bend", "refusal"),
    [
        ({"Clearline-Purpose": "SAMPLE"}, (401, "signature-invalid")),
        ({"Clearline-Purpose": None}, (401, "signature-invalid")),
        ({"Clearline-Agent": "A" * 43}, (401, "digest-mismatch")),
        ({"Clearline-Agent": None}, (401, "signature-invalid")),
        ({"Clearline-Agent-Digest": None}, (401, "signature-invalid")),
    ],
    ids=str,
)
def test_what_was_altered_after_signing_is_refused(
    client: Client, bend: dict[str, str | None], refusal: tuple[int, str]
) -> None:
    def altered(headers: dict[str, str]) -> None:
        for name, value in bend.items():
            headers.pop(name)
            headers.update({} if value is None else {name: value})

    assert problem(client.get("adjudicator", DISPUTES, bend=altered, **TOLD)) == refusal
    assert entries(client, "adjudicator") == []


@pytest.mark.parametrize("name", ["Clearline-Purpose", "Clearline-Agent", "Clearline-Agent-Digest"])
def test_a_header_that_is_sent_and_not_covered_is_refused(client: Client, name: str) -> None:
    answer = client.get("adjudicator", DISPUTES, bend=lambda headers: headers.update({name: "CASE"}))
    assert problem(answer) == (401, "signature-invalid")


@pytest.mark.parametrize(
    ("told", "header"),
    [
        ({"purpose": "CURIOSITY"}, "Clearline-Purpose"),
        ({"purpose": "case"}, "Clearline-Purpose"),
        ({"purpose": "CASE,CASE"}, "Clearline-Purpose"),
        ({"purpose": "NEW_LINE"}, "Clearline-Purpose"),
        ({"agent": b64url_encode(REFERENCE)}, "Clearline-Agent"),
        ({"agent": b64url_encode(REFERENCE + SALT + b"x")}, "Clearline-Agent"),
        ({"agent": AGENT + "="}, "Clearline-Agent"),
        ({"agent": f"{AGENT},{AGENT}"}, "Clearline-Agent"),
        ({"agent": "wang-xiaoming"}, "Clearline-Agent"),
    ],
    ids=str,
)
def test_another_value_than_those_agreed_is_refused_by_the_headers_name_and_not_repeated(
    client: Client, told: dict[str, str], header: str
) -> None:
    answer = client.get("adjudicator", DISPUTES, **told)
    assert problem(answer) == (400, "bad-request")
    assert json.loads(answer.data)["detail"].startswith(f"{header} is not ")
    (value,) = told.values()
    assert all(part not in answer.text for part in value.split(",") if part != "CASE")
    assert entries(client, "adjudicator") == []


def test_a_repeated_header_is_refused(client: Client) -> None:
    headers = client.signed("adjudicator", "GET", DISPUTES, purpose="COMPLAINT", agent=AGENT)
    for name in ("Clearline-Purpose", "Clearline-Agent", "Clearline-Agent-Digest"):
        twice = [*headers.items(), (name, headers[name])]
        answer = client.app.test_client().get(DISPUTES, headers=twice)
        assert answer.status_code == 401, name


@pytest.mark.parametrize("told", [{"purpose": "CASE"}, {"agent": AGENT}], ids=str)
def test_who_is_no_office_may_not_send_them(client: Client, told: dict[str, str]) -> None:
    answer = client.get("carrier-a", DISPUTES, **told)
    assert problem(answer) == (400, "bad-request")
    assert json.loads(answer.data)["detail"].endswith("is for readings by an office.")


def test_an_office_may_send_them_where_no_reading_is_an_entry(client: Client) -> None:
    before = len(client.world.registry.store.read(lambda tx: tx.openings.first(10_000)))
    for path in ("/v1/rules", "/v1/participants", "/v1/log", "/v1/events"):
        assert client.get("auditor", path, **TOLD).status_code == 200, path
    assert len(client.world.registry.store.read(lambda tx: tx.openings.first(10_000))) == before


def test_from_its_day_on_an_offices_reading_needs_both(
    client: Client, demanding: Client, everything: dict[str, str]
) -> None:
    assert client.world.clock().date() > TODAY
    for name, reader, path in each_reading(client, everything):
        before = entries(client, reader)
        for told in ({}, {"purpose": "CASE"}, {"agent": AGENT}):
            assert problem(demanding.get(reader, path, **told)) == (422, "context-required"), (name, told)
        assert entries(client, reader) == before
        assert demanding.get(reader, path, **TOLD).status_code == 200, name


def test_from_its_day_on_who_reads_its_own_needs_none(demanding: Client, everything: dict[str, str]) -> None:
    for who, name in (
        ("carrier-a", "readRedListEntry"),
        ("carrier-a", "readEvidenceDemand"),
        ("carrier-b", "readDispute"),
        ("carrier-b", "readDisputeDocument"),
        ("carrier-a", "listDisputes"),
        ("carrier-b", "readRebuttal"),
        ("carrier-b", "readOpenings"),
    ):
        assert demanding.get(who, everything[name]).status_code == 200, name
    for path in ("/v1/rules", "/v1/participants", "/v1/log", "/v1/events"):
        assert demanding.get("auditor", path).status_code == 200, path


def test_the_document_names_the_headers_where_a_reading_is_an_entry(client: Client, everything: dict[str, str]) -> None:
    names = {f"#/components/parameters/{each}" for each in ("Purpose", "Agent", "AgentDigest")}
    for name, (_, _, operation) in operations(document(client.app)).items():
        told = {each["$ref"] for each in operation.get("parameters", ()) if "$ref" in each} & names
        assert told == (names if name in everything else set()), name
    purpose = document(client.app)["components"]["parameters"]["Purpose"]
    assert purpose["schema"]["enum"] == list(ReadingPurpose)
