"""Nothing of a request is believed, and nothing of its body is read, before its signature holds."""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from api.door import EXTENSION
from crypto.errors import SignatureRefused
from crypto.signing.http_message import SignedRequest, verify_response
from protocol.wire.codec import write
from tests.support.api import NOBODYS, Client, problem
from tests.support.builders import a_report
from tests.support.clocks import Clocks

WRONG_SHAPE = b'{"this would be": "422"}'
NOT_JSON = b"{{{{ this would be 400"


def without(*names: str) -> Callable[[dict[str, str]], None]:
    def bend(headers: dict[str, str]) -> None:
        for name in names:
            del headers[name]

    return bend


def change(name: str, value: str) -> Callable[[dict[str, str]], None]:
    def bend(headers: dict[str, str]) -> None:
        headers[name] = value

    return bend


@pytest.mark.parametrize("body", [WRONG_SHAPE, NOT_JSON], ids=["wrong shape", "not json"])
@pytest.mark.parametrize("path", ["/v1/records", "/v1/inquiries", "/v1/record-batches", "/v1/participants"])
def test_without_a_signature_it_is_401_whatever_the_body(shared: Client, path: str, body: bytes) -> None:
    response = shared.raw("POST", path, {"Content-Type": "application/json", "Idempotency-Key": "k"}, body)
    assert problem(response) == (401, "signature-missing")
    assert response.headers["WWW-Authenticate"].startswith("Signature")


def test_the_same_body_is_422_once_it_is_signed(shared: Client) -> None:
    assert problem(shared.post("carrier-a", "/v1/records", WRONG_SHAPE)) == (422, "invalid-field")


def test_a_body_that_was_swapped_is_401_and_is_not_parsed(shared: Client) -> None:
    for body in (WRONG_SHAPE, NOT_JSON, b"", b"{}"):
        headers = shared.signed("carrier-a", "POST", "/v1/records", json.dumps(write(a_report())).encode())
        status, name = problem(shared.raw("POST", "/v1/records", headers, body))
        assert (status, name) == (401, "digest-mismatch")


def test_a_signature_by_another_key_is_refused(shared: Client) -> None:
    response = shared.get("carrier-a", "/v1/rules", signer="carrier-b")
    assert problem(response) == (401, "signature-invalid")


def test_a_key_that_nobody_has_is_refused(shared: Client) -> None:
    shared.world.signing_keys["stranger"] = shared.world.signing_keys["carrier-a"]
    assert problem(shared.get("stranger", "/v1/rules")) == (401, "key-unknown")


def test_a_replayed_request_is_refused(shared: Client) -> None:
    headers = shared.signed("carrier-a", "GET", "/v1/rules")
    assert shared.raw("GET", "/v1/rules", headers).status_code == 200
    assert problem(shared.raw("GET", "/v1/rules", headers)) == (401, "signature-replayed")


def test_a_nonce_is_spent_even_with_another_signature(shared: Client) -> None:
    nonce = "0123456789abcdef"
    assert shared.get("carrier-a", "/v1/rules", nonce=nonce).status_code == 200
    again = shared.get("carrier-a", "/v1/participants", nonce=nonce, age=1)
    assert problem(again) == (401, "signature-replayed")
    assert shared.get("carrier-b", "/v1/rules", nonce=nonce).status_code == 200


@pytest.mark.parametrize("age", [301, 86_400, -31, -3_600])
def test_a_stale_or_future_signature_is_refused(shared: Client, age: int) -> None:
    assert problem(shared.get("carrier-a", "/v1/rules", age=age)) == (401, "signature-stale")


@pytest.mark.parametrize("age", [299, -29])
def test_a_signature_is_good_for_five_minutes(shared: Client, age: int) -> None:
    assert shared.get("carrier-a", "/v1/rules", age=age).status_code == 200


@pytest.mark.parametrize("name", ["Signature", "Signature-Input", "Content-Digest", "Idempotency-Key", "Content-Type"])
def test_a_request_with_a_header_stripped_is_refused(shared: Client, name: str) -> None:
    response = shared.post("carrier-a", "/v1/records", write(a_report()), bend=without(name))
    status, _ = problem(response)
    assert status == 401


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Content-Digest", "sha-256=:" + "A" * 43 + "=:"),
        ("Idempotency-Key", "another"),
        ("Content-Type", "application/x-ndjson"),
        ("Content-Encoding", "gzip"),
        ("Signature", "clearline=:" + "A" * 86 + "==:"),
        ("Signature", "clearline=:AAAA:"),
        ("Signature", "\u00e9"),
        ("Signature-Input", "clearline=()"),
        ("Signature-Input", "x" * 5_000),
    ],
)
def test_a_request_with_a_header_changed_is_refused(shared: Client, name: str, value: str) -> None:
    response = shared.post("carrier-a", "/v1/records", write(a_report()), bend=change(name, value))
    status, _ = problem(response)
    assert status == 401


def test_a_signature_for_another_query_path_or_method_is_refused(shared: Client) -> None:
    headers = shared.signed("carrier-a", "GET", "/v1/participants?limit=1")
    for method, path in (
        ("GET", "/v1/participants?limit=2"),
        ("GET", "/v1/participants"),
        ("GET", "/v1/participants?limit=1&after=a"),
        ("GET", "/v1/rules?limit=1"),
        ("HEAD", "/v1/participants?limit=1"),
    ):
        response = shared.raw(method, path, headers)
        assert response.status_code == 401, (method, path)
    assert shared.raw("GET", "/v1/participants?limit=1", headers).status_code == 200


def test_a_signature_for_another_server_is_refused_whatever_host_says(shared: Client) -> None:
    elsewhere = shared.signed("carrier-a", "GET", "/v1/rules", public_url="https://other.test")
    response = shared.raw("GET", "/v1/rules", elsewhere | {"Host": "other.test"})
    assert problem(response) == (401, "signature-invalid")


def test_the_host_header_does_not_matter(shared: Client) -> None:
    headers = shared.signed("carrier-a", "GET", "/v1/rules")
    for name in ("Host", "X-Forwarded-Host", "Forwarded"):
        headers[name] = "evil.test"
    assert shared.raw("GET", "/v1/rules", headers).status_code == 200


def test_a_path_that_does_not_exist_is_401_to_a_stranger_and_404_to_a_participant(shared: Client) -> None:
    assert problem(shared.raw("GET", "/v1/secret-resource", {})) == (401, "signature-missing")
    assert problem(shared.get("carrier-a", "/v1/secret-resource")) == (404, "not-found")


def test_a_method_that_does_not_exist_is_401_to_a_stranger_and_405_to_a_participant(shared: Client) -> None:
    for method in ("DELETE", "PUT", "PATCH", "OPTIONS", "TRACE"):
        assert problem(shared.raw(method, "/v1/records", {})) == (401, "signature-missing")
        response = shared.send("carrier-a", method, "/v1/records")
        assert problem(response) == (405, "method-not-allowed")
        assert response.headers["Allow"] == "GET, HEAD, POST"


def test_another_spelling_of_a_path_is_no_resource(shared: Client) -> None:
    for path in ("/v1/rules/", "/v1//rules", "/V1/rules", "/v1/participants/Carrier-A", "/v1/records/1"):
        assert problem(shared.get("carrier-a", path)) == (404, "not-found"), path


def test_a_get_takes_no_body(shared: Client) -> None:
    response = shared.send("carrier-a", "GET", "/v1/rules", b"{}")
    assert problem(response) == (400, "bad-request")
    assert problem(shared.raw("GET", "/healthz", {}, b"x" * 10)) == (400, "bad-request")


def test_answers_to_signed_requests_are_signed_refusals_included(shared: Client) -> None:
    for path in ("/v1/rules", "/v1/secret-resource"):
        response = shared.get("carrier-a", path)
        assert response.headers["Signature"].startswith("clearline=:")
        assert response.headers["Content-Digest"].startswith("sha-256=:")


def test_an_answer_verifies_against_the_request_it_answers_and_no_other(shared: Client) -> None:
    url = shared.world.registry.public_url + "/v1/rules"
    mine, other = (shared.signed("carrier-a", "GET", "/v1/rules") for _ in range(2))
    response = shared.raw("GET", "/v1/rules", mine)

    def verify(headers: dict[str, str]) -> None:
        verify_response(
            status=200,
            headers=dict(response.headers),
            request=SignedRequest(method="GET", target_uri=url, headers=headers),
            public_key=shared.world.signing_keys["registry"].public_key(),
            now=shared.world.clock(),
        )

    verify(mine)
    with pytest.raises(SignatureRefused):
        verify(other)


def test_an_unknown_record_of_another_creditor_looks_like_none(shared: Client) -> None:
    record_id = shared.lists("carrier-a", a_report("x", "X1"))
    theirs, none = (shared.get("carrier-b", f"/v1/records/{each}") for each in (record_id, NOBODYS))
    assert (theirs.status_code, theirs.data) == (none.status_code, none.data)


def test_a_revoked_key_is_refused_from_the_next_request_on(client: Client) -> None:
    assert client.get("carrier-a", "/v1/rules").status_code == 200
    client.post("operator", "/v1/participants/carrier-a/keys/carrier-a-1/revocation", {})
    assert problem(client.get("carrier-a", "/v1/rules")) == (401, "key-unknown")


def test_a_registry_whose_clock_is_in_doubt_says_so_and_calls_no_signature_stale(client: Client) -> None:
    clocks = Clocks(world=client.world)
    client.app.extensions[EXTENSION] = replace(client.app.extensions[EXTENSION], registry=client.world.registry)
    assert client.get("carrier-a", "/v1/rules").status_code == 200
    clocks.jump(dt.timedelta(hours=1), database=True)
    assert problem(client.get("carrier-a", "/v1/rules")) == (503, "clock-not-trusted")
    assert client.app.test_client().get("/healthz").status_code == 200
    clocks.jump(-dt.timedelta(hours=1), database=True)
    assert client.get("carrier-a", "/v1/rules").status_code == 200
