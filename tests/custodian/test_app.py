import base64
import datetime as dt
import io
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.test import TestResponse

from crypto.oprf.threshold import verify_evaluation
from protocol.messages.evaluations import EvaluationAnswer
from protocol.wire.codec import read
from tests.support.custody import QUOTA, Custody, elements
from tests.support.parties import a_caller, evaluation_body

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

SECRET = "11010519491231002X"


def problem(response: TestResponse) -> tuple[Any, Any]:
    assert response.content_type == "application/problem+json"
    return response.status_code, response.json["type"].removeprefix("urn:clearline:problem:")


def test_a_signed_batch_is_evaluated_and_proved(custody: Custody) -> None:
    asked = elements(5)
    response = custody.post(evaluation_body(asked))
    answer = read(EvaluationAnswer, response.json)
    verify_evaluation(custody.dealing.shares[0].pk, asked, answer.evaluated_elements, answer.proof)
    assert (response.status_code, answer.index, answer.epoch) == (200, 1, 1)


def test_an_unsigned_request_is_refused_before_its_body_is_parsed(custody: Custody) -> None:
    response = custody.post(b"{not json", headers={"Content-Type": "application/json"})
    assert problem(response) == (401, "signature-missing")


def test_a_stripped_signature_input_is_refused(custody: Custody) -> None:
    body = evaluation_body(elements(1))
    headers = custody.caller.headers(body)
    del headers["Signature-Input"]
    assert problem(custody.post(body, headers)) == (401, "signature-missing")


def test_a_stripped_content_digest_is_refused(custody: Custody) -> None:
    body = evaluation_body(elements(1))
    headers = custody.caller.headers(body)
    del headers["Content-Digest"]
    assert problem(custody.post(body, headers)) == (401, "signature-invalid")


def test_a_signature_by_another_key_under_the_same_name_is_refused(custody: Custody) -> None:
    body = evaluation_body(elements(1))
    assert problem(custody.post(body, a_caller(custody.clock).headers(body))) == (401, "signature-invalid")


def test_an_unknown_key_is_refused(custody: Custody) -> None:
    body = evaluation_body(elements(1))
    headers = a_caller(custody.clock, "carrier-z-1").headers(body)
    assert problem(custody.post(body, headers)) == (401, "key-unknown")


def test_a_flipped_signature_bit_is_refused(custody: Custody) -> None:
    body = evaluation_body(elements(1))
    headers = custody.caller.headers(body)
    label, _, text = headers["Signature"].partition("=:")
    raw = bytearray(base64.b64decode(text.rstrip(":")))
    raw[7] ^= 1
    headers["Signature"] = f"{label}=:{base64.b64encode(raw).decode()}:"
    assert problem(custody.post(body, headers)) == (401, "signature-invalid")


def test_another_body_than_the_signed_one_is_refused_before_it_is_parsed(custody: Custody) -> None:
    headers = custody.caller.headers(evaluation_body(elements(1)))
    assert problem(custody.post(b"{not json", headers)) == (401, "digest-mismatch")


def test_a_body_under_a_signature_without_one_is_refused(custody: Custody) -> None:
    headers = custody.caller.headers(None)
    assert problem(custody.post(b"{not json", headers)) == (401, "signature-invalid")


def test_a_signature_for_another_custodian_is_refused(custody: Custody) -> None:
    body = evaluation_body(elements(1))
    assert problem(custody.post(body, index=2)) == (401, "signature-invalid")


def test_a_signature_for_another_path_is_refused(custody: Custody) -> None:
    body = evaluation_body(elements(1))
    assert problem(custody.post(body, path="/v1/key")) == (401, "signature-invalid")


QUERIES = ("/v1/evaluations", "/v1/evaluations?", "/v1/evaluations?x=1", "/v1/evaluations?x=2", "/v1/evaluations?x=1?")


def sent_as(custody: Custody, target: str, body: bytes, headers: dict[str, str]) -> Any:
    """Post under a request line as a server hands it on: with its query and its percent signs."""
    return custody.client.post(target, data=body, headers=headers, environ_overrides={"RAW_URI": target})


@pytest.mark.parametrize("signed", QUERIES)
@pytest.mark.parametrize("sent", QUERIES)
def test_the_query_is_a_part_of_what_is_signed(custody: Custody, signed: str, sent: str) -> None:
    body = evaluation_body(elements(1))
    answer = sent_as(custody, sent, body, custody.caller.headers(body, path=signed))
    assert answer.status_code == 200 if sent == signed else problem(answer) == (401, "signature-invalid")


@pytest.mark.parametrize("target", ["/v1/%65valuations", "/v1/evaluation%73?a=%20b"])
def test_an_encoded_path_is_verified_as_it_was_sent(custody: Custody, target: str) -> None:
    body = evaluation_body(elements(1))
    assert sent_as(custody, target, body, custody.caller.headers(body, path=target)).status_code == 200
    plain = custody.caller.headers(body, path="/v1/evaluations")
    assert problem(sent_as(custody, target, body, plain)) == (401, "signature-invalid")
    encoded = custody.caller.headers(body, path=target)
    assert problem(sent_as(custody, "/v1/evaluations", body, encoded)) == (401, "signature-invalid")


def test_where_the_server_hands_on_no_request_line_the_decoded_path_is_encoded_again(custody: Custody) -> None:
    headers = custody.caller.headers(None, method="GET", path="/v1/no%20thing?x=1")
    answer = custody.client.get("/v1/no%20thing?x=1", headers=headers, environ_overrides={"RAW_URI": ""})
    assert problem(answer) == (404, "not-found")


def chunked(custody: Custody, method: str, path: str, body: bytes, headers: dict[str, str]) -> Any:
    """Send a body without a length, as a server hands it on that has put the chunks together."""
    return custody.client.open(
        path,
        method=method,
        input_stream=io.BytesIO(body),
        headers=headers | {"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )


def test_a_chunked_body_is_a_body(custody: Custody) -> None:
    body = evaluation_body(elements(3))
    answer = chunked(custody, "POST", "/v1/evaluations", body, custody.caller.headers(body))
    assert (answer.status_code, len(answer.json["evaluated_elements"])) == (200, 3)
    other = custody.caller.headers(body + b" ")
    assert problem(chunked(custody, "POST", "/v1/evaluations", body, other)) == (401, "digest-mismatch")


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/evaluations"), ("GET", "/v1/key")])
def test_a_chunked_body_under_a_signature_without_one_is_refused(custody: Custody, method: str, path: str) -> None:
    bare = custody.caller.headers(None, method=method, path=path)
    assert problem(chunked(custody, method, path, b"{}", bare)) == (401, "signature-invalid")


def test_a_chunked_body_is_read_to_the_bound_and_no_further(custody: Custody) -> None:
    largest = b'{"epoch":1}'.ljust(65_536)
    assert problem(custody.post(largest)) == (422, "invalid-field")
    assert problem(custody.post(largest + b" ")) == (413, "body-too-large")
    headers = custody.caller.headers(largest)
    assert problem(chunked(custody, "POST", "/v1/evaluations", largest, headers)) == (422, "invalid-field")
    # Without a length it is cut off at the bound, and what is left is not what was signed.
    longer = custody.caller.headers(largest + b" ")
    assert problem(chunked(custody, "POST", "/v1/evaluations", largest + b" ", longer)) == (401, "digest-mismatch")


@pytest.mark.parametrize("age", [301, -31])
def test_a_stale_or_future_signature_is_refused(custody: Custody, age: int) -> None:
    body = evaluation_body(elements(1))
    created = custody.clock() - dt.timedelta(seconds=age)
    assert problem(custody.post(body, created=created)) == (401, "signature-stale")


def test_a_replayed_request_is_refused_also_when_its_first_copy_was_refused_later(custody: Custody) -> None:
    body = evaluation_body([b"\xff" * 32])
    headers = custody.caller.headers(body)
    assert problem(custody.post(body, headers)) == (422, "bad-element")
    assert problem(custody.post(body, headers)) == (401, "signature-replayed")


def test_a_replay_is_refused_for_as_long_as_its_signature_is_fresh(custody: Custody) -> None:
    body = evaluation_body(elements(1))
    headers = custody.caller.headers(body, created=custody.clock() + dt.timedelta(seconds=30))
    assert custody.post(body, headers).status_code == 200
    custody.clock.forward(seconds=329)
    assert custody.evaluate().status_code == 200  # purges
    assert problem(custody.post(body, headers)) == (401, "signature-replayed")


def test_a_replay_hears_that_first_whatever_else_is_wrong_with_it(custody: Custody) -> None:
    body = evaluation_body(elements(1))
    headers = custody.caller.headers(body)
    assert problem(custody.post(body + b" ", headers)) == (401, "digest-mismatch")
    assert problem(custody.post(body + b" ", headers)) == (401, "signature-replayed")
    assert problem(custody.post(body, headers)) == (401, "signature-replayed")
    assert custody.ledger.evaluated("carrier-a", day=custody.clock().date()) == 0


def test_a_request_over_the_quota_uses_its_nonce_up(custody: Custody) -> None:
    body = evaluation_body(elements(QUOTA + 1))
    headers = custody.caller.headers(body)
    assert problem(custody.post(body, headers)) == (429, "quota-exceeded")
    assert problem(custody.post(body, headers)) == (401, "signature-replayed")


def test_a_replay_does_not_outwait_the_memory_of_nonces_by_a_slow_body(custody: Custody) -> None:
    body = evaluation_body(elements(1))
    headers = custody.caller.headers(body)
    assert custody.post(body, headers).status_code == 200

    class SlowBody(io.BytesIO):
        def readinto(self, buffer: "WriteableBuffer", /) -> int:
            custody.clock.forward(seconds=200)
            return super().readinto(buffer)

    custody.clock.forward(seconds=299)
    sent = {"input_stream": SlowBody(body), "content_length": len(body), "headers": headers}
    assert problem(custody.client.post("/v1/evaluations", **sent)) == (401, "signature-stale")


def test_an_evaluation_waits_for_one_commit(custody: Custody) -> None:
    statements: list[str] = []
    custody.ledger._connection.set_trace_callback(statements.append)
    assert custody.evaluate(3).status_code == 200
    assert (statements.count("COMMIT"), len(statements)) == (1, 5)


def test_the_key_is_told_to_carriers_only(custody: Custody) -> None:
    assert problem(custody.client.get("/v1/key")) == (401, "signature-missing")
    headers = custody.caller.headers(None, method="GET", path="/v1/key")
    answer: dict[str, Any] = custody.client.get("/v1/key", headers=headers).get_json()
    assert (answer["index"], answer["epoch"], answer["threshold"]) == (1, 1, 2)
    assert "sk" not in answer


def test_health_needs_no_signature(custody: Custody) -> None:
    assert custody.client.get("/healthz").json == {"status": "ok"}


def test_an_unknown_path_is_told_to_nobody_unknown(custody: Custody) -> None:
    assert problem(custody.client.get("/v1/nothing")) == (401, "signature-missing")


def test_an_unknown_path_is_a_problem(custody: Custody) -> None:
    headers = custody.caller.headers(None, method="GET", path="/v1/nothing")
    assert problem(custody.client.get("/v1/nothing", headers=headers)) == (404, "not-found")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{", (400, "malformed-body")),
        (b"[]", (400, "malformed-body")),
        (b'{"epoch":1,"epoch":1,"blinded_elements":[]}', (400, "malformed-body")),
        (b'{"epoch":1.0,"blinded_elements":[]}', (400, "malformed-body")),
        (b"[" * 60_000, (400, "malformed-body")),
        (b'{"epoch":1,"blinded_elements":[]}', (422, "invalid-field")),
        (b'{"epoch":1}', (422, "invalid-field")),
        (b'{"epoch":"1","blinded_elements":["A"]}', (422, "invalid-field")),
        (b'{"epoch":1,"blinded_elements":["A"],"%s":1}' % SECRET.encode(), (422, "invalid-field")),
        (b'{"epoch":1,"blinded_elements":[1]}', (422, "bad-element")),
        (b'{"epoch":1,"blinded_elements":["%s"]}' % SECRET.encode(), (422, "bad-element")),
        (evaluation_body([bytes(32)]), (422, "bad-element")),
        (evaluation_body([b"\x01" + bytes(31)]), (422, "bad-element")),
        (evaluation_body(elements(1), epoch=2), (422, "epoch-unknown")),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else len(value),
)
def test_a_bad_body_is_a_problem_that_does_not_repeat_it(
    custody: Custody, body: bytes, expected: tuple[int, str]
) -> None:
    response = custody.post(body)
    assert problem(response) == expected
    assert SECRET not in response.text


def test_more_than_a_thousand_elements_are_refused(custody: Custody) -> None:
    body = evaluation_body(elements(1) * 1001)
    assert problem(custody.post(body)) == (422, "invalid-field")


def test_a_body_that_is_too_large_is_refused_without_reading_it(custody: Custody) -> None:
    headers = custody.caller.headers(b"x") | {"Content-Length": "70000"}
    assert problem(custody.post(b"x" * 70_000, headers)) == (413, "body-too-large")


def test_the_quota_counts_elements_and_says_when_to_come_back(custody: Custody) -> None:
    assert custody.evaluate(QUOTA - 1).status_code == 200
    response = custody.evaluate(2)
    assert problem(response) == (429, "quota-exceeded")
    assert response.headers["Retry-After"] == str(20 * 3600 + 1)  # the clock of the test says 04:00 UTC
    assert custody.evaluate(1).status_code == 200
    assert custody.ledger.evaluated("carrier-a", day=custody.clock().date()) == QUOTA


def test_the_next_day_has_a_quota_of_its_own(custody: Custody) -> None:
    assert custody.evaluate(QUOTA).status_code == 200
    custody.clock.forward(days=1)
    assert custody.evaluate(QUOTA).status_code == 200


def test_a_batch_with_a_bad_element_costs_quota(custody: Custody) -> None:
    custody.post(evaluation_body([bytes(32)] * QUOTA))
    assert problem(custody.evaluate()) == (429, "quota-exceeded")


def test_logs_hold_counts_and_no_element(custody: Custody, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    body = evaluation_body(elements(3))
    custody.post(body)
    custody.post(b'{"%s":1}' % SECRET.encode())
    assert "elements=3" in caplog.text
    assert SECRET not in caplog.text
    assert not any(each in caplog.text for each in json.loads(body)["blinded_elements"])


def test_an_unforeseen_error_is_a_problem_without_its_text(
    custody: Custody, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_args: object, **_kwargs: Any) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("custodian.app.evaluate", fail)
    response = custody.evaluate()
    assert problem(response) == (500, "internal")
    assert SECRET not in response.text + caplog.text
