"""A request and its work are one transaction: one commit, and a refusal burns the nonce all the same."""

import json
from typing import Any

import pytest
import sqlalchemy as sa

from api.operations import Operation
from protocol.codes import ServiceClass
from protocol.messages.inquiries import InquiryRequest
from protocol.problems import Problem, Refusal
from protocol.wire.codec import write
from registry.usecases.participants.admit import revoke_key
from tests.support.api import Client, problem
from tests.support.builders import a_report, account, tokens
from tests.support.red_list import operator
from tests.support.statement_counts import MOST_STATEMENTS, statements_of

INQUIRY: dict[str, Any] = write(
    InquiryRequest(inquiry_ref="order-1", tokens=tokens("wang"), service_class=ServiceClass.MOBILE)
)


def requests_kept(client: Client) -> int:
    with client.world.registry.store._engines.read.connect() as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM signed_request")).scalar_one())


def test_an_inquiry_is_one_commit_and_few_statements(client: Client) -> None:
    assert client.post("inquirer", "/v1/inquiries", INQUIRY).status_code == 201
    with statements_of(client.world.registry.store) as seen:
        assert client.post("inquirer", "/v1/inquiries", INQUIRY).status_code == 201
    assert seen.count("COMMIT") == 1
    assert len([each for each in seen if each not in ("BEGIN", "COMMIT")]) <= MOST_STATEMENTS["sqlite"]


@pytest.mark.parametrize(
    ("who", "path", "body"),
    [
        ("inquirer", "/v1/inquiries", INQUIRY),
        ("inquirer", "/v1/inquiries/batch", {"inquiries": [INQUIRY]}),
        ("reporter", "/v1/records", write(a_report("wang", account_ref=account("A1")))),
    ],
)
def test_a_replayed_request_changes_nothing(client: Client, who: str, path: str, body: dict[str, Any]) -> None:
    raw = json.dumps(body).encode()
    headers = client.signed(who, "POST", path, raw)
    assert client.raw("POST", path, headers, raw).status_code in (200, 201)
    kept = requests_kept(client)
    with statements_of(client.world.registry.store) as seen:
        assert problem(client.raw("POST", path, headers, raw)) == (401, "signature-replayed")
    assert (requests_kept(client), seen.count("COMMIT")) == (kept, 0)


@pytest.mark.parametrize("who", ["inquirer", "reporter"])
@pytest.mark.parametrize("body", [b'{"inquiry_ref": 1}', b"no JSON", json.dumps(INQUIRY).encode()])
def test_a_refused_request_is_kept_and_cannot_be_sent_again(client: Client, who: str, body: bytes) -> None:
    if (who, body[:1]) == ("inquirer", b"{") and b"tokens" in body:
        body = body.replace(b'"MOBILE"', b'"TELEGRAPH"')
    kept, headers = requests_kept(client), client.signed(who, "POST", "/v1/inquiries", body)
    refused = client.raw("POST", "/v1/inquiries", headers, body)
    assert refused.status_code in (400, 403, 422)
    assert requests_kept(client) == kept + 1
    assert problem(client.raw("POST", "/v1/inquiries", headers, body)) == (401, "signature-replayed")
    assert requests_kept(client) == kept + 1


def test_a_key_that_was_revoked_serves_no_request_though_it_verified_the_one_before(client: Client) -> None:
    world = client.world
    assert client.post("inquirer", "/v1/inquiries", INQUIRY).status_code == 201
    revoke_key(world.registry, operator(world), world.call(), participant_id="inquirer", key_id="inquirer-1")
    kept = requests_kept(client)
    for path, method, body in (("/v1/inquiries", "POST", INQUIRY), ("/v1/rules", "GET", None)):
        assert problem(client.send("inquirer", method, path, body)) == (401, "key-unknown")
    assert requests_kept(client) == kept


def test_the_same_question_under_a_new_nonce_gets_the_stored_answer_and_is_kept(client: Client) -> None:
    first = client.post("inquirer", "/v1/inquiries", INQUIRY, key="order-1")
    kept = requests_kept(client)
    again = client.post("inquirer", "/v1/inquiries", INQUIRY, key="order-1")
    assert (again.data, again.headers["Idempotency-Replayed"]) == (first.data, "true")
    assert requests_kept(client) == kept + 1


def test_each_operation_that_lets_its_request_in_itself_keeps_it(client: Client) -> None:
    declared = [getattr(view, "operation", None) for view in client.app.view_functions.values()]
    ours = {each.operation_id for each in declared if isinstance(each, Operation) and each.one_transaction}
    assert ours == {
        "createCollection",
        "createInquiry",
        "createSettlement",
        "recheckInquiry",
        "reportActivation",
        "reportRecord",
    }
    # A batch may be refused for its place before anything is read, and has to be kept all the same.
    assert not any(each.one_transaction and each.batch for each in declared if isinstance(each, Operation))


def test_a_database_that_does_not_answer_is_asked_once(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.post("inquirer", "/v1/inquiries", INQUIRY).status_code == 201
    asked: list[object] = []

    def silent(_store: object, work: object) -> None:
        asked.append(work)
        raise Refusal(Problem.UNAVAILABLE)

    monkeypatch.setattr(type(client.world.registry.store), "write", silent)
    assert problem(client.post("inquirer", "/v1/inquiries", INQUIRY)) == (503, "unavailable")
    assert len(asked) == 1
