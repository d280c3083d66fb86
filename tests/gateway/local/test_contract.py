"""The local service's document is the truth: valid, undrifted, complete, and its bodies are those that are read."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from gateway.counter.activation_batches import UnreadRow
from gateway.counter.words import Language
from gateway.gateway import Gateway
from gateway.identity.context import NOTHING_SAID
from gateway.local import outcomes, requests, reviews
from gateway.local.circumstances import CIRCUMSTANCES
from gateway.local.contract.answers import ClerkTexts, SpokenTexts
from gateway.local.contract.bodies import CheckRequest, names_of
from gateway.local.contract.document import contract, render
from gateway.local.contract.examples import ANSWERS, BODIES
from gateway.local.contract.operations import OPERATIONS
from gateway.local.deposits import read_return
from gateway.tmf.events import read_event
from gateway.tmf.qualification import read_qualification
from protocol.problems import OF_THE_LOCAL_SERVICE, Problem, Refusal
from tests.support.attestations import allows
from tests.support.contract import DocumentedClient, operation_at, strict_contract, validator
from tests.support.exports import ADDRESS, debt, resident, write
from tests.support.local import HERE, NUMBER, a_client, ask, look_at_all
from tests.support.orders import TOLD
from tests.support.parties import Parties
from tests.support.root import ROOT
from tests.support.tmf import CHECK, LISTENER, TABLES, a_check, an_event
from tests.support.world import World
from tests.support.yaml_documents import from_yaml


@pytest.fixture
def world(world: World) -> World:
    """Under rules that allow attestations."""
    return allows(world)


def outcomes_read(body: dict[str, Any]) -> None:
    """Many outcomes, of which none has a fault."""
    for row in outcomes.read_outcomes(body, NOTHING_SAID):
        if isinstance(row, UnreadRow):
            raise Refusal(Problem.INVALID_FIELD, fields=dict(row.faults))


PERSON = {"document": {"kind": "RESIDENT_ID", "number": NUMBER}}
READERS: dict[str, Callable[[dict[str, Any]], object]] = {
    "checkApplicant": lambda body: (requests.read_application(body), requests.read_languages(body)),
    "recheckOrder": lambda body: (outcomes.read_order(body), requests.read_languages(body)),
    "reportOutcome": lambda body: (outcomes.read_outcome(body, None, NOTHING_SAID), requests.read_languages(body)),
    "reportOutcomes": lambda body: (outcomes_read(body), requests.read_languages(body)),
    "returnDeposit": lambda body: read_return(body, None),
    "reviewGrade": lambda body: (reviews.read_review(body, None), requests.read_languages(body)),
    "fileDispute": lambda body: requests.read_complaint(body, None),
    "addDisputeDocument": requests.read_paper,
    "giveStatement": lambda body: requests.read_statement_request(body, None),
    "rebutHousehold": lambda body: requests.read_separation(body, None),
    "withdrawConsent": lambda body: requests.read_consent_withdrawal(body, None),
    "demandAttestation": lambda body: requests.read_attestation_demand(body, None),
    "reportSettlement": lambda body: requests.read_payment(body, None),
    "collectQuote": lambda body: requests.read_takings(body, None),
    "createCheckProductOfferingQualification": lambda body: read_qualification(body, TABLES, NOTHING_SAID),
    "productOrderStateChangeEvent": lambda body: read_event(body, TABLES),
}
WITHOUT_CONTENT = {"giveStatement", "readContract", "productOrderStateChangeEvent"}
"""Operations whose answers are too long for an example, or empty."""
LEFT_TO_THE_REGISTRY = {("fileDispute", "creditor"), ("addDisputeDocument", "content")}
"""Members whose bounds the registry judges, with the same problem."""


def test_the_committed_document_is_what_the_code_says() -> None:
    assert (ROOT / "openapi-gateway.yaml").read_text(encoding="utf-8") == render(), "run `make openapi`"


def test_the_document_is_valid_openapi() -> None:
    validate(contract())
    assert from_yaml(render()) == contract()


def test_the_document_is_served_to_anybody_on_the_machine(gateway: Gateway, tmp_path: Path) -> None:
    with a_client(gateway, tmp_path / "tokens.json") as _, a_client(gateway, tmp_path / "tokens.json", "") as stranger:
        assert stranger.get("/openapi.json", base_url=HERE).json == contract()


def test_every_operation_says_its_scope_its_refusals_and_an_example() -> None:
    document = contract()
    for each in OPERATIONS:
        said = document["paths"][each.path][each.method.lower()]
        assert said.get("x-scope") == (None if each.scope is None else each.scope.value)
        assert said.get("security") == ([] if each.scope is None else None)
        shown = {
            name
            for response in said["responses"].values()
            for media in response.get("content", {}).values()
            for name in media.get("examples", {})
        }
        assert shown == {problem.value.name for problem in each.problems}
        assert (each.body is not None) == (each.operation_id in BODIES)
        assert each.operation_id in ANSWERS or each.operation_id in WITHOUT_CONTENT


def test_every_refusal_of_the_local_service_belongs_to_an_operation() -> None:
    assert {problem for each in OPERATIONS for problem in each.problems} >= OF_THE_LOCAL_SERVICE


def test_what_is_spelled_beside_its_vocabulary_is_equal_to_it() -> None:
    assert names_of(SpokenTexts) == names_of(ClerkTexts) == {each.value for each in Language}
    assert names_of(CheckRequest) > CIRCUMSTANCES


def schema_of(document: dict[str, Any], operation_id: str) -> dict[str, Any]:
    [body] = [each.body for each in OPERATIONS if each.operation_id == operation_id]
    assert body is not None
    schema: dict[str, Any] = document["components"]["schemas"][body.__name__]
    return schema


@pytest.mark.parametrize("operation_id", sorted(READERS))
def test_a_reader_takes_the_example_and_every_member_of_it_as_the_schema_says(operation_id: str) -> None:
    document = contract() if is_open(operation_id) else strict_contract()
    schema, example = schema_of(document, operation_id), BODIES[operation_id]
    whole = Draft202012Validator({**schema, "components": document["components"]})
    whole.validate(example)
    READERS[operation_id](example)
    for name in schema.get("required", []):
        assert refuses(operation_id, {key: value for key, value in example.items() if key != name})
    for name, member in schema["properties"].items():
        if member == {"description": "Not read."}:
            READERS[operation_id](example | {name: [["no", "such"]]})
            continue
        assert refuses(operation_id, example | {name: [["no", "such"]]}), name
        for wrong in () if (operation_id, name) in LEFT_TO_THE_REGISTRY else beyond(member):
            assert not whole.is_valid(example | {name: wrong}), (name, wrong)
            assert refuses(operation_id, example | {name: wrong}), (name, wrong)
    assert refuses(operation_id, example | {"documnet": 1}) is not is_open(operation_id)


def is_open(operation_id: str) -> bool:
    return any(each.is_open for each in OPERATIONS if each.operation_id == operation_id)


def refuses(operation_id: str, body: dict[str, Any]) -> bool:
    try:
        READERS[operation_id](body)
    except Refusal:
        return True
    return False


def beyond(member: dict[str, Any]) -> Iterator[Any]:
    """Values just outside of what a member's schema allows."""
    if "enum" in member:
        yield "NO_SUCH_WORD"
    if "maxLength" in member:
        yield "a" * (member["maxLength"] + 1)
    if member.get("minLength"):
        yield ""
    if "maximum" in member:
        yield from (member["minimum"] - 1, member["maximum"] + 1, True, "1")
    if "maxItems" in member:
        yield from ([], ["NO_SUCH_WORD"])
    if member.get("type") == "boolean":
        yield "true"
    if member.get("format") == "date-time":
        yield from ("2026-11-29", "2026-11-29T06:03:01Z")


@pytest.mark.parametrize("operation_id", sorted(ANSWERS))
def test_an_example_of_an_answer_fits_its_schema(operation_id: str) -> None:
    [operation] = [each for each in OPERATIONS if each.operation_id == operation_id]
    said = operation_at(operation.method, re.sub(r"\{\w+\}", "x", operation.path))
    assert said is not None
    for status, _ in operation.answered:
        schema = said["responses"][str(status)]["content"]["application/json"]["schema"]
        validator(schema["$ref"].rpartition("/")[2]).validate(ANSWERS[operation_id])


class Recorder(DocumentedClient):
    """Notes which operation answered with which status."""

    seen: set[tuple[str, int]]

    def open(self, *args: Any, **kwargs: Any) -> Any:
        response = super().open(*args, **kwargs)
        operation = operation_at(response.request.method, response.request.path)
        if operation is not None:
            self.seen.add((operation["operationId"], response.status_code))
        return response


def drive(service: FlaskClient) -> None:
    """Make every operation of a counter of carrier-b answer well, about a debt to carrier-a."""

    def post(path: str, body: dict[str, Any]) -> Any:
        response = service.post(path, json=body, base_url=HERE)
        assert response.status_code in {200, 201, 204}, (path, response.json)
        return response.get_json(silent=True)

    def get(path: str) -> Any:
        return service.get(path, base_url=HERE).json

    for path in ("/healthz", "/readyz", "/openapi.json", "/custodians"):
        get(path)
    post("/check", ask())
    told = post("/check", ask(**TOLD | {"order": "ORDER-1", "languages": ["zh", "en"]}))
    post("/recheck", {"order": "ORDER-1"})
    late = {"kind": "RESIDENT_ID", "number": resident(4)}
    asked_at = post("/check", ask(**TOLD | {"document": late, "order": "ORDER-3"}))["decided_at"]
    post("/grade-reviews", BODIES["reviewGrade"] | {"order": "ORDER-3", "asked_at": asked_at})
    for _ in range(2):
        post("/activations", {"order": "ORDER-1", "outcome": "PREPAID"})
    post("/activations/batch", {"outcomes": [{"order": "ORDER-1", "outcome": "PREPAID"}]})
    post("/activations", {"order": "ORDER-1", "outcome": "DEPOSIT_TAKEN", "deposit_fen": 1_00})
    post("/deposits/returns", {"order": "ORDER-1", "fen": 1_00, "at": told["decided_at"]})
    [case] = post("/dispute", PERSON | {"ground": "WRONG_AMOUNT"})["disputes"]
    here = f"/dispute/{case['dispute_id']}"
    post(f"{here}/documents", {"content": "JVBERi0xLjcg"})
    for path in (here, f"{here}/documents", f"/quotes/{told['quote']['reference']}"):
        get(path)
    home = {"household_register": "4201060011665", "address": ADDRESS}
    post("/rebut", PERSON | home | {"ground": "MOVED_AWAY", "evidence_digest": "A" * 43})
    post("/statement", PERSON | {"language": "zh"})
    post("/attestation-demands", PERSON | {"participant": "carrier-a"})
    post("/consents/withdraw", PERSON | {"all": True})
    assert post(LISTENER, an_event("inProgress")) is None
    get(post(CHECK, a_check(clearlineOrder="ORDER-2"))["href"])
    paid = post("/check", ask(document={"kind": "RESIDENT_ID", "number": resident(2)}))["quote"]
    post("/collect", {"quote_reference": paid["reference"], "amount_fen": paid["total_fen"]})


@pytest.mark.usefixtures("low_grade")
def test_every_operation_answers_as_it_is_published(
    gateway: Gateway, checks: Gateway, parties: Parties, tmp_path: Path, mappings: Path
) -> None:
    seen: set[tuple[str, int]] = set()
    source = write(tmp_path / "arrears.csv", [debt(f"OWED-{each}", 证件号码=resident(each)) for each in (1, 2, 3)])
    gateway.report_file(source=source, mapping=mappings / "arrears.toml", output=tmp_path / "reported.csv")
    Recorder.seen = seen
    with (
        parties.gateway("carrier-b") as counter,
        a_client(counter, tmp_path / "b.json", kind=Recorder, tmf=TABLES) as service,
    ):
        drive(service)
    waived = {"document": {"kind": "RESIDENT_ID", "number": resident(3)}, "account": "OWED-3", "kind": "WAIVER"}
    with a_client(gateway, tmp_path / "a.json", checks=checks, kind=Recorder) as service:
        look_at_all(checks)
        service.get("/readyz", base_url=HERE)
        service.post("/settlements", json=waived | {"amount_fen": 0}, base_url=HERE)
    published = {(each.operation_id, status) for each in OPERATIONS for status, _ in each.answered}
    assert published - seen == set(), json.dumps(sorted(seen))
