"""The published document is the truth: complete, valid, undrifted, and what real answers look like."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from api.examples import archive as oversight
from api.examples import (
    attestations,
    ceremonies,
    disputes,
    events,
    grades,
    log,
    participants,
    records,
    red_list,
    rules,
    settlements,
    transfers,
    values,
)
from api.examples import collected as collections
from api.examples import disassociations as rebuttals
from api.openapi import document, render
from api.operations import Operation
from protocol.activations import ActivationOutcome
from protocol.encodings import b64url_encode
from protocol.messages.inquiries import InquiryAnswer
from protocol.problems import OF_A_CUSTODIAN, OF_THE_LOCAL_SERVICE, Problem
from protocol.wire.codec import read, write
from registry.usecases.archive.seal_records import seal_records
from tests.support.activations import a_report_on
from tests.support.api import Client, admit_checker, operations
from tests.support.attestations import fresh, rules_with_grades
from tests.support.batches import NDJSON
from tests.support.bodies import EXAMPLES
from tests.support.builders import TODAY, a_document, a_manifest, a_report, account, tokens
from tests.support.ceremonies import first_held
from tests.support.committees import admit_custodians
from tests.support.contexts import a_context
from tests.support.counters import an_order, quote_for
from tests.support.grade_reviews import asks_about_low_grade, confirming
from tests.support.log_rounds import YEAR, cosigned_note, integrate_all, propose, witness_key
from tests.support.take_outs import hold_rows
from tests.support.tallies import a_tally, signed
from tests.support.yaml_documents import from_yaml

LINES = {
    "attestBatch": "AttestationLine",
    "reportActivationBatch": "ActivationLine",
    "reportRecordBatch": "BatchLine",
    "readOpenings": "OpeningLine",
}
"""What stands in each line of an answer that is a stream."""
COMMITTED = Path(__file__).resolve().parents[2] / "openapi.yaml"


def test_the_committed_document_is_what_the_code_says(shared: Client) -> None:
    assert COMMITTED.read_text(encoding="utf-8") == render(shared.app), "run `make openapi`"


def test_the_document_is_valid_openapi(shared: Client) -> None:
    read = from_yaml(render(shared.app))
    validate(read)
    assert read == document(shared.app)


def test_the_served_document_is_the_published_one(shared: Client) -> None:
    assert shared.raw("GET", "/openapi.json", {}).json == document(shared.app)


def test_every_view_is_declared_whole(shared: Client) -> None:
    """No view without an operation: its roles, its answer schema and its place in the document."""
    app: Flask = shared.app
    published = operations(document(app))
    for rule in app.url_map.iter_rules():
        declared = getattr(app.view_functions[rule.endpoint], "operation", None)
        assert isinstance(declared, Operation), rule.rule
        _, method, operation = published.pop(declared.operation_id)
        assert method == declared.method.lower()
        answers = {status: each for status, each in operation["responses"].items() if status < "300"}
        assert answers, rule.rule
        for answer in answers.values():
            assert all(content["schema"] for content in answer["content"].values()), rule.rule
    assert published == {}


def test_every_operation_has_problems_an_example_and_its_security(shared: Client) -> None:
    for operation_id, (_, method, operation) in operations(document(shared.app)).items():
        refused = {status: each for status, each in operation["responses"].items() if status >= "400"}
        said = {status for status, each in refused.items() if "$ref" not in each}
        # Readiness says no with the same document as it says yes.
        assert said == ({"503"} if operation_id == "readReadiness" else set())
        named = (each["$ref"] for status, each in refused.items() if status not in said)
        assert all(each.startswith("#/components/responses/Problem") for each in named)
        assert refused, operation_id
        if operation["security"]:
            assert {"400", "401", "500", "503"} <= set(refused)
        if method == "post":
            assert {"409", "413", "415", "422"} <= set(refused)
            assert {"$ref": "#/components/parameters/IdempotencyKey"} in operation["parameters"]
            assert all("example" in content for content in operation["requestBody"]["content"].values())
        assert operation["summary"]


def test_every_problem_type_is_published_with_an_example(shared: Client) -> None:
    shown = {
        example["value"]["type"]
        for response in document(shared.app)["components"]["responses"].values()
        for example in response["content"]["application/problem+json"]["examples"].values()
    }
    assert shown == {each.value.urn for each in Problem if each not in OF_THE_LOCAL_SERVICE | OF_A_CUSTODIAN}


def validator(spec: dict[str, Any], schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**schema, "components": spec["components"]})


@pytest.mark.parametrize("part", ["requestBody", "responses"])
def test_every_example_fits_its_schema(shared: Client, part: str) -> None:
    spec = document(shared.app)
    for operation_id, (_, _, operation) in operations(spec).items():
        bodies = [operation["requestBody"]] if part == "requestBody" and "requestBody" in operation else []
        if part == "responses":
            bodies = [each for status, each in operation["responses"].items() if status < "300"]
        for body in bodies:
            for content in body["content"].values():
                if "example" in content:
                    validator(spec, content["schema"]).validate(content["example"])
        assert bodies or part == "requestBody", operation_id
    assert set(EXAMPLES) <= set(operations(spec))


def drive_inquiries(client: Client) -> str:
    """Ask once alone, in a batch, in a context and again; returns the reference of a quote."""
    inquiry = {"inquiry_ref": "r", "tokens": write(tokens("debtor")), "service_class": "MOBILE"}
    quote = client.post("carrier-b", "/v1/inquiries", inquiry).json["quote"]["reference"]
    client.post("carrier-b", "/v1/inquiries/batch", {"inquiries": [inquiry]})
    told = client.post("carrier-b", "/v1/inquiries", inquiry | {"context": write(a_context(tokens("debtor")))}).json
    again = {"inquiry_ref": "r", "decision_token": told["decision_token"]}
    client.post("carrier-b", f"/v1/inquiries/{told['inquiry_id']}/recheck", again)
    drive_activations(client, read(InquiryAnswer, told))
    return str(quote)


def drive_activations(client: Client, answer: InquiryAnswer) -> None:
    """Tell what followed from an answer, twice; and a batch of one row and a broken one."""
    told = write(a_report_on(client.world, answer, ActivationOutcome.PREPAID))
    for _ in range(2):
        client.post("carrier-b", "/v1/activations", told)
    body = json.dumps(told | {"part": 2}).encode() + b"\nbad\n"
    client.post("carrier-b", "/v1/activation-batches", body, key="a", content_type=NDJSON)
    client.get("carrier-b", "/v1/activation-batches/a")
    taken = told | {"part": 3, "outcome": "DEPOSIT_TAKEN", "deposit_fen": 1_00}
    activation_id = client.post("carrier-b", "/v1/activations", taken).json["activation_id"]
    client.get("carrier-b", "/v1/deposits")
    given_back = {"fen": 1_00, "kept_fen": 0, "kind": "RETURNED", "at": told["at"]}
    client.post("carrier-b", f"/v1/deposits/{activation_id}/returns", given_back)


OVERSEEN = ("/v1/oversight/records", "/v1/plans", "/v1/transfers", "/v1/red-list", "/v1/rebuttals")
"""Lists that only offices read."""


def drive(client: Client) -> None:
    """Make every operation answer well once, and some badly."""
    record_id = client.lists("carrier-a", a_report())
    client.post("carrier-a", "/v1/records", write(a_report()))
    other = client.lists("carrier-a", a_report("other", "O1"))
    quote = drive_inquiries(client)
    client.get("carrier-b", f"/v1/quotes/{quote}")
    client.get("carrier-a", f"/v1/records/{record_id}")
    client.post("carrier-a", "/v1/records/confirmations", {"record_ids": [record_id]})
    client.post("carrier-a", "/v1/records/unchanged", {"records": [{"record_id": record_id, "version": 2}]})
    client.post("carrier-a", f"/v1/records/{other}/withdrawal", {"reason": "WRONG_AMOUNT"})
    instalments = [{"due_date": TODAY.isoformat(), "amount_fen": 500_00}]
    third = client.lists("carrier-a", a_report("third", "T1"))
    plan = client.post("carrier-a", "/v1/plans", {"record_id": third, "instalments": instalments}).json["plan_id"]
    client.get("carrier-a", f"/v1/plans/{plan}")
    order = client.world.order("carrier-a", tokens("debtor"), account("A1"))
    receipt = client.post("carrier-a", "/v1/settlements", write(order)).json
    client.get("carrier-b", f"/v1/clearances/{receipt['clearance_id']}")
    admit_checker(client.world)
    reversals = f"/v1/settlements/{receipt['settlement_id']}/reversals"
    reversal = client.post("carrier-a", reversals, settlements.REVERSAL_PROPOSAL).json["reversal_id"]
    client.post("carrier-a-checker", f"/v1/reversals/{reversal}/confirmation", {})
    own = (f"/v1/reversals/{reversal}", "/v1/settlements", f"/v1/settlements/{receipt['settlement_id']}")
    for path in (*own, "/v1/record-batches"):
        client.get("carrier-a", path)
    client.get("carrier-b", "/v1/events")
    client.post("operator", "/v1/participants/carrier-b/webhook", events.NEW_WEBHOOK)
    client.get("carrier-b", "/v1/participants/carrier-b/webhook")
    client.batch("carrier-a", json.dumps(write(a_report("b", "B1"))).encode() + b"\nbad\n", key="b")
    client.get("carrier-a", "/v1/record-batches/b")
    client.post("carrier-a", "/v1/record-batches/b/withdrawal", records.BATCH_WITHDRAWAL)
    client.post("carrier-a", "/v1/withdrawals", records.MANY_WITHDRAWALS)
    entry_id = client.post("carrier-a", "/v1/red-list", red_list.RED_LIST_PROPOSAL).json["entry_id"]
    for who in ("operator", "regulator"):
        client.post(who, f"/v1/red-list/{entry_id}/approvals", {})
    client.get("carrier-a", f"/v1/red-list/{entry_id}")
    client.post("regulator", f"/v1/red-list/{entry_id}/revocation", {})
    drive_collections(client)
    drive_disputes(client)
    drive_counter(client)
    drive_evidence(client)
    drive_transfers(client)
    drive_rules(client)
    client.post("operator", "/v1/participants", participants.NEW_PARTICIPANT | {"participant_id": "new", "key_id": "n"})
    client.post("operator", "/v1/participants/auditor/keys", participants.NEW_KEY)
    client.post("operator", "/v1/participants/auditor/keys/carrier-a-2/revocation", {})
    for path in ("/v1/participants?limit=2", "/v1/participants/auditor", "/v1/rules"):
        client.get("auditor", path)
    for path in ("/healthz", "/readyz", "/openapi.json", "/v1/rules"):
        client.raw("GET", path, {})
    client.post("carrier-a", "/v1/records", {})
    client.post("auditor", "/v1/records", {})
    client.get("carrier-a", "/v1/nothing")
    drive_tallies(client)
    drive_oversight(client)


def drive_oversight(client: Client) -> None:
    """A regulator's orders, and the archive after the clock has run on: the last of all, therefore."""
    record_id = client.lists("carrier-a", a_report("frozen", "F1"))
    for order in ("freeze", "unfreeze", "discharge"):
        client.post("regulator", f"/v1/records/{record_id}/{order}", oversight.ORDER)
    record_id = client.lists("carrier-a", a_report("robbed", "R1"))
    client.post("adjudicator", f"/v1/records/{record_id}/void", oversight.FINDING)
    client.world.clock.forward(days=200)
    seal_records(client.world.registry)
    for path in OVERSEEN:
        client.get("auditor", path)
    client.get("auditor", f"/v1/archive/{record_id}")
    drive_attestations(client)
    drive_reviews(client)


def drive_attestations(client: Client) -> None:
    """An attestation and a broken row, taken back; a demand that is answered, and a consent that ends."""
    row = json.dumps(write(fresh(client.world))).encode()
    attested = client.post("carrier-a", "/v1/attestation-batches", row + b"\nbad\n", key="t", content_type=NDJSON)
    attestation_id = json.loads(attested.data.splitlines()[0])["attestation_id"]
    client.get("carrier-a", "/v1/attestation-batches/t")
    client.post("carrier-b", "/v1/statements", {"tokens": write(tokens("wang"))})
    client.post("carrier-a", f"/v1/attestations/{attestation_id}/withdrawal", {})
    demand = {"tokens": write(tokens("wang")), "participant": "carrier-a"}
    for _ in range(2):
        demanded = client.post("carrier-b", "/v1/attestation-demands", demand).json["demand_id"]
    client.post("carrier-a", f"/v1/attestation-demands/{demanded}/answer", attestations.REPLY)
    client.get("carrier-a", "/v1/attestation-demands")
    client.post("carrier-b", "/v1/consents/withdraw", {"tokens": write(tokens("wang")), "all": True})


def drive_reviews(client: Client) -> None:
    """A decision that a grade made, confirmed by a person, and told again."""
    answer = asks_about_low_grade(client.world, "reviewed")
    for _ in range(2):
        client.post("carrier-b", "/v1/grade-reviews", write(confirming(client.world, answer)))


def drive_tallies(client: Client) -> None:
    """A day's tally, the same again, and the day as an auditor sees it; and the ceremony of the key."""
    client.world.clock.forward(days=1)
    for _ in range(2):
        client.post("custodian", "/v1/evaluation-tallies", {"statement": signed(client.world, a_tally(day=TODAY))})
    assert client.get("auditor", f"/v1/evaluation-tallies?day={TODAY}").json["counted"]
    drive_ceremonies(client)


def drive_ceremonies(client: Client) -> None:
    """A ceremony, the same again from another party, and the committee as everybody reads it."""
    admit_custodians(client.world)
    transcript = first_held().formed.transcript.decode("ascii")
    for who in ("custodian-1", "custodian-2"):
        client.post(who, "/v1/ceremonies", {"transcript": transcript})
    client.post("custodian-1", "/v1/ceremonies", ceremonies.NEW_CEREMONY)
    client.get("carrier-a", "/v1/ceremonies")
    client.get("auditor", "/v1/ceremonies/1/1")


def drive_log(client: Client, folder: Path) -> None:
    """The log of the year: everything that is served of it, with one witness."""
    key = witness_key("a")
    new = log.NEW_WITNESS | {"name": key.name, "public_key": b64url_encode(key.public_key)}
    client.post("operator", "/v1/witnesses", new)
    client.get("operator", "/v1/witnesses")
    integrate_all(client.world, folder)
    client.get("custodian", "/v1/log")
    candidate = propose(client.world)
    own = client.get("carrier-a", f"/log/{YEAR}/openings?from=3&limit=2").data
    opened = [json.loads(line) for line in client.get("auditor", f"/log/{YEAR}/openings").data.splitlines()]
    assert len(opened) > len(own.splitlines())
    for grade in ("promise", "integrated"):
        client.get("auditor", f"/log/{YEAR}/receipts/{opened[0]['id']}?grade={grade}")
    note = cosigned_note(client.world, candidate, "a")
    client.post("carrier-b", f"/log/{YEAR}/cosignatures", note, content_type="text/plain; charset=utf-8")
    for path in ("checkpoint", "candidate-checkpoint", "witnessed-checkpoint", "policy", "consistency?old=1&new=2"):
        client.raw("GET", f"/log/{YEAR}/{path}", {})
    client.raw("GET", f"/log/{YEAR}/tile/entries/000.p/3", {})
    client.post("operator", f"/v1/witnesses/{key.name}/removal", {})


def drive_rules(client: Client) -> None:
    """A version from its proposal to its approval, and a creditor's own fee."""
    graded = write(rules_with_grades())["grade"]
    proposal = rules.RULES | {"version": "2027-01", "effective_from": "2027-01-01", "grade": graded}
    sha256 = client.post("operator", "/v1/rules", proposal).json["sha256"]
    client.post("regulator", "/v1/rules/2027-01/approval", {"sha256": sha256})
    for version in ("2026-01", "2027-01"):
        client.get("auditor", f"/v1/rules/{version}")
    client.post("carrier-a", "/v1/creditor-terms", rules.NEW_CREDITOR_TERMS)
    client.get("carrier-a", "/v1/creditor-terms?at=2027-01-01")
    client.post("carrier-a", "/v1/credit-terms", grades.NEW_CREDIT_TERMS)
    client.get("carrier-a", "/v1/credit-terms?at=2027-01-01")


def drive_collections(client: Client) -> None:
    """A quote paid at another counter, answered, and the month of it; and a second key's word on rows that are held."""
    hold_rows(client.world, 1)
    client.post("carrier-a-checker", "/v1/take-outs/confirmation", {"day": TODAY.isoformat(), "take_outs": 1})
    client.get("carrier-a", "/v1/take-outs")
    client.lists("carrier-a", a_report("payer", "P1"))
    order = an_order(client.world, "carrier-b", quote_for(client.world, "carrier-b", tokens("payer")))
    receipt = client.post("carrier-b", "/v1/collections", write(order)).json
    collection = f"/v1/collections/{receipt['collections'][0]['collection_id']}"
    client.get("carrier-b", collection)
    client.post("carrier-a", f"{collection}/answer", collections.COLLECTION_ANSWER)
    for form in ("json", "csv"):
        client.get("carrier-a", f"/v1/net-statements/2026-11/carrier-b?format={form}")


def drive_evidence(client: Client) -> None:
    """A demand for a notice, shown and read."""
    shown = write(a_report("shown", "E1", evidence=a_manifest()))
    record_id = client.post("carrier-a", "/v1/records", shown).json["record_id"]
    path = f"/v1/records/{record_id}/evidence-demands"
    demand = client.post("auditor", path, {"document": "NOTICE"}).json["demand_id"]
    client.get("auditor", "/v1/evidence-demands")
    salt, content = a_document("notice")
    answer = {"salt": b64url_encode(salt), "content": b64url_encode(content)}
    client.post("carrier-a", f"/v1/evidence-demands/{demand}/document", answer)
    client.get("carrier-a", f"/v1/evidence-demands/{demand}")
    client.get("auditor", f"/v1/evidence-demands/{demand}/document")


def drive_counter(client: Client) -> None:
    """A household rebutted, read and taken back; the cases in a list; a statement of all that is known by now."""
    client.get("adjudicator", "/v1/disputes?limit=1")
    home = {"tokens": write(tokens("victim", address="19-4-1160"))}
    rebuttal_id = client.post("carrier-b", "/v1/rebuttals", rebuttals.NEW_REBUTTAL | home).json["rebuttal_id"]
    client.get("carrier-b", f"/v1/rebuttals/{rebuttal_id}")
    client.post("carrier-b", f"/v1/rebuttals/{rebuttal_id}/withdrawal", {})
    client.post("carrier-b", "/v1/statements", {"tokens": write(tokens("victim"))})


def drive_disputes(client: Client) -> None:
    """A case from its filing to the victim's marker and its renewal."""
    client.lists("carrier-a", a_report("victim", "V1"))
    filing = {"tokens": write(tokens("victim")), "ground": "IDENTITY_THEFT"}
    case = client.post("carrier-b", "/v1/disputes", filing).json["disputes"][0]["dispute_id"]
    documents = f"/v1/disputes/{case}/documents"
    added = client.post("carrier-b", documents, disputes.NEW_DISPUTE_DOCUMENT).json["document_id"]
    client.get("carrier-a", documents)
    client.get("adjudicator", f"{documents}/{added}")
    client.post("carrier-a", f"/v1/disputes/{case}/answer", disputes.DISPUTE_ANSWER)
    client.get("carrier-a", f"/v1/disputes/{case}")
    client.post("adjudicator", f"/v1/disputes/{case}/decision", {"decision": "VOID"})
    client.post("carrier-c", "/v1/victim-markers", {"tokens": write(tokens("victim"))})


def drive_transfers(client: Client) -> None:
    """Two debts are offered; one offer is cancelled, one accepted and undone, and a member without debts leaves."""
    for number in ("T1", "T2"):
        record_id = client.lists("carrier-a", a_report("sold", f"sold-{number}"))
        new = transfers.NEW_TRANSFER | {"record_ids": [record_id]}
        transfer = f"/v1/transfers/{client.post('carrier-a', '/v1/transfers', new).json['transfer_id']}"
        client.post("carrier-a-checker", f"{transfer}/confirmation", {})
        client.get("carrier-b", transfer)
        if number == "T1":
            client.post("carrier-a", f"{transfer}/cancellation", {})
    accounts = [{"record_id": record_id, "account_ref": values.ACCOUNT}]
    assert client.post("carrier-b", f"{transfer}/acceptance", {"accounts": accounts}).status_code == 200
    client.get("carrier-b", "/v1/records?state=ACTIVE&limit=1")
    assert client.post("carrier-a", f"{transfer}/undo", {}).status_code == 200
    assert client.post("carrier-b", f"{transfer}/undo-confirmation", {}).status_code == 200
    assert client.post("operator", "/v1/participants/reporter/exit", {}).status_code == 200


def test_real_answers_fit_the_published_schemas(client: Client, tmp_path: Path) -> None:
    drive(client)
    drive_log(client, tmp_path)
    spec = document(client.app)
    published = operations(spec)
    seen: set[tuple[str, int]] = set()
    adapter = client.app.url_map.bind("registry.test")
    for method, path, response in client.sent:
        if response.content_type == "application/problem+json":
            validator(spec, {"$ref": "#/components/schemas/Problem"}).validate(response.json)
            continue
        endpoint, _ = adapter.match(path.partition("?")[0], method=method)
        operation_id = endpoint.partition(".")[2]
        answer = published[operation_id][2]["responses"][str(response.status_code)]["content"]
        schema = answer[response.content_type]["schema"]
        if response.content_type == "application/x-ndjson":
            for line in response.data.splitlines():
                shape = f"#/components/schemas/{LINES[operation_id]}"
                validator(spec, {"$ref": shape}).validate(json.loads(line))
        else:
            given = response.json if response.content_type == "application/json" else response.data.decode("latin-1")
            validator(spec, schema).validate(given)
        seen.add((operation_id, response.status_code))
    declared = {
        (operation_id, int(status))
        for operation_id, (_, _, operation) in published.items()
        for status in operation["responses"]
        if status < "300"
    }
    assert declared - seen == set()
