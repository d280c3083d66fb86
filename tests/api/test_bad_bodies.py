"""Bodies that break a plain stack: always a 4xx problem, never a 500, never a piece of the input in the answer."""

import json
import re
from typing import Any

import pytest

from api.examples import (
    inquiries,
    records,
)
from api.openapi import document
from crypto.signing.content_digest import content_digest
from crypto.signing.http_message import sign_request
from protocol.wire.codec import write
from tests.support.api import Client, lines, operations, problem
from tests.support.bodies import EXAMPLES
from tests.support.builders import a_manifest, tokens
from tests.support.cells import every_cell
from tests.support.roles import ALLOWED, PLACES, SENDERS

MARK = "Zhang-San-MARK-7731"
OTHER_POSTS = {"reportRecordBatch", "reportActivationBatch", "attestBatch", "addCosignatures"}
JSON_POSTS = [name for name, (method, _) in PLACES.items() if method == "POST" and name not in OTHER_POSTS]
CORPUS: dict[str, bytes] = {
    "empty": b"",
    "blank": b"   ",
    "null": b"null",
    "true": b"true",
    "number": b"1",
    "string": json.dumps(MARK).encode(),
    "array": b"[]",
    "array of objects": b'[{"a":1}]',
    "cut off": b'{"a":"' + MARK.encode(),
    "trailing text": b'{"a":1} ' + MARK.encode(),
    "two documents": b"{}{}",
    "single quotes": b"{'a':1}",
    "trailing comma": b'{"a":1,}',
    "comment": b'{"a":1} // ' + MARK.encode(),
    "raw nul": b'{"a":"' + MARK.encode() + b'\x00"}',
    "escaped nul": b'{"' + MARK.encode() + b'":"\\u0000"}',
    "nul in a name": b'{"\\u0000' + MARK.encode() + b'":1}',
    "lone surrogate": b'{"' + MARK.encode() + b'":"\\ud800"}',
    "lone low surrogate": b'{"' + MARK.encode() + b'":"\\udfff"}',
    "swapped surrogates": b'{"a":"\\udc00\\ud800"}',
    "encoded surrogate": b'{"a":"\xed\xa0\x80"}',
    "nested arrays": b'{"a":' + b"[" * 1_000 + b"]" * 1_000 + b"}",
    "nested objects": b'{"a":' * 1_000 + b"1" + b"}" * 1_000,
    "unclosed nesting": b"[" * 100_000,
    "2^53": b'{"principal_fen":9007199254740992}',
    "-2^53": b'{"principal_fen":-9007199254740992}',
    "2^63": b'{"principal_fen":9223372036854775808}',
    "-2^63-1": b'{"principal_fen":-9223372036854775809}',
    "10^4000": b'{"principal_fen":1' + b"0" * 4_000 + b"}",
    "5000 digits": b'{"principal_fen":' + b"7" * 5_000 + b"}",
    "exponent": b'{"principal_fen":1e400}',
    "fraction": b'{"principal_fen":3.9}',
    "minus zero": b'{"principal_fen":-0}',
    "leading zero": b'{"principal_fen":012}',
    "nan": b'{"principal_fen":NaN}',
    "infinity": b'{"principal_fen":-Infinity}',
    "duplicate names": b'{"row_id":"a","row_id":"' + MARK.encode() + b'"}',
    "duplicate escaped names": b'{"a":1,"\\u0061":2}',
    "invalid utf-8": b'{"a":"' + MARK.encode() + b'\xff\xfe"}',
    "overlong utf-8": b'{"a":"\xc0\xaf"}',
    "utf-16": '{"a":"b"}'.encode("utf-16"),
    "utf-32": '{"a":"b"}'.encode("utf-32"),
    "byte order mark": b"\xef\xbb\xbf{}",
    "control character": b'{"a":"\x01"}',
    "unknown name": json.dumps({MARK: 1}).encode(),
    "unknown names": json.dumps({f"{MARK}{each}": each for each in range(1_000)}).encode(),
    "very long name": json.dumps({MARK * 1_000: 1}).encode(),
    "very long string": json.dumps({"row_id": MARK * 10_000}).encode(),
    "random bytes": bytes(range(256)) * 4,
}


def sender(operation: str) -> str:
    return SENDERS[min(ALLOWED[operation])]


@pytest.mark.parametrize("operation", JSON_POSTS)
def test_a_bad_body_is_a_problem_that_repeats_nothing(shared: Client, operation: str) -> None:
    with every_cell() as table:
        for name, body in CORPUS.items():
            with table.cell(operation, name):
                response = shared.post(sender(operation), PLACES[operation][1], body)
                status, _ = problem(response)
                assert status in (400, 413, 422), response.data
                assert MARK.encode() not in response.data
                assert MARK not in str(response.headers)
                assert len(response.data) < 2_000


def test_a_bad_row_in_a_batch_is_a_verdict_that_repeats_nothing(shared: Client) -> None:
    with every_cell() as table:
        for name in [each for each in CORPUS if each not in ("empty", "blank")]:
            with table.cell(name):
                key = "corpus-" + name.replace(" ", "-").replace("^", ".")
                response = shared.batch("reporter", CORPUS[name], key=key)
                assert response.status_code == 200, response.data
                found = lines(response)
                assert found[-1]["end"] is True
                assert {each["verdict"] for each in found[:-1]} == {"REJ_MALFORMED_ROW"}
                assert MARK.encode() not in response.data


def test_an_empty_batch_is_refused(shared: Client) -> None:
    assert problem(shared.batch("reporter", b"", key="empty")) == (400, "malformed-body")


BAD_VALUES: list[Any] = [
    None,
    True,
    -1,
    2**62,
    "",
    MARK * 500,
    "\u202e" + MARK,
    [MARK],
    {MARK: MARK},
    "2026-02-30",
    "A" * 42 + "B",
]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where a value can be put into a document."""
    found = [path] if path else []
    if isinstance(value, dict):
        for name, inner in value.items():
            found += places(inner, (*path, name))
    if isinstance(value, list):
        for number, inner in enumerate(value):
            found += places(inner, (*path, number))
    return found


def with_value(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = json.loads(json.dumps(document))
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return changed


@pytest.mark.parametrize("operation", [each for each in JSON_POSTS if EXAMPLES[each]])
def test_a_bad_value_in_any_place_never_fails_the_server_or_comes_back(shared: Client, operation: str) -> None:
    for path in places(EXAMPLES[operation]):
        for value in BAD_VALUES:
            response = shared.post(
                sender(operation), PLACES[operation][1], with_value(EXAMPLES[operation], path, value)
            )
            assert response.status_code < 500, (path, value, response.data)
            if response.status_code >= 400:
                problem(response)
                assert MARK.encode() not in response.data, (path, value)


TIMES = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T.*)?")
ENDS_OF_TIME = [
    "9999-12-31T23:59:59.999999Z",
    "9999-12-31T16:00:00.000000Z",
    "9998-12-31T16:00:00.000000Z",
    "2199-12-31T16:00:00.000000Z",
    "1899-12-31T15:59:59.999999Z",
    "0001-01-01T00:00:00.000000Z",
    "0000-01-01T00:00:00.000000Z",
    "9999-12-31",
    "9998-12-31",
    "0001-01-01",
    "0000-00-00",
]


def at(body: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        body = body[step]
    return body


def times_in(body: Any) -> list[tuple[Any, ...]]:
    """Where a body tells of a day or a moment."""
    told = [(path, at(body, path)) for path in places(body)]
    return [path for path, value in told if isinstance(value, str) and TIMES.fullmatch(value)]


WITH_TIMES = EXAMPLES | {"reportRecord": records.REPORT | {"evidence": write(a_manifest())}}
TELLING_OF_TIMES = [each for each in JSON_POSTS if times_in(WITH_TIMES[each])]


def moments_of(spec: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    """The names of the moments that a published schema takes, in its parts and lists as well."""
    if "$ref" in schema:
        return moments_of(spec, spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    found = {name for name, each in schema.get("properties", {}).items() if "T[0-9]{2}" in each.get("pattern", "")}
    items = [schema["items"]] if "items" in schema else []
    for each in (*schema.get("properties", {}).values(), *items, *schema.get("allOf", ())):
        found |= moments_of(spec, each)
    return found


def test_every_moment_that_a_body_takes_is_in_its_example_so_that_the_next_test_reaches_it(shared: Client) -> None:
    spec = document(shared.app)
    published = operations(spec)
    taken = {
        operation: moments_of(spec, published[operation][2]["requestBody"]["content"]["application/json"]["schema"])
        for operation in JSON_POSTS
    }
    assert {name for names in taken.values() for name in names} >= {"settled_at", "collected_at", "notice_at"}
    for operation, names in taken.items():
        assert names <= {path[-1] for path in times_in(WITH_TIMES[operation])}, operation


@pytest.mark.parametrize("operation", TELLING_OF_TIMES)
def test_a_time_at_the_end_of_the_calendar_never_fails_the_server(shared: Client, operation: str) -> None:
    for path in times_in(WITH_TIMES[operation]):
        for value in ENDS_OF_TIME:
            raw = json.dumps(with_value(WITH_TIMES[operation], path, value)).encode()
            response = shared.post(sender(operation), PLACES[operation][1], raw)
            assert response.status_code < 500, (path, value, response.data)
            if "T" in str(at(WITH_TIMES[operation], path)):
                assert problem(response)[0] == 422, (path, value)


def test_a_time_at_the_end_of_the_calendar_costs_its_row_and_not_its_batch(shared: Client) -> None:
    rows = [with_value(WITH_TIMES["reportRecord"], ("evidence", "notice_at"), value) for value in ENDS_OF_TIME]
    rows = [row | {"row_id": str(number)} for number, row in enumerate([*rows, records.REPORT])]
    body = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    found = lines(shared.batch("reporter", body, key="ends-of-time"))
    assert found[-1]["end"] is True
    assert [each["verdict"] for each in found[:-2]] == ["REJ_MALFORMED_ROW"] * len(ENDS_OF_TIME)
    assert found[-2]["verdict"] != "REJ_MALFORMED_ROW"


def test_field_errors_name_declared_fields_and_positions_only(shared: Client) -> None:
    bad = json.loads(json.dumps(inquiries.INQUIRY_BATCH))
    bad["inquiries"].append({MARK: 1, "inquiry_ref": 7, "tokens": {"epoch": 0, MARK: 2}, "service_class": MARK})
    response = shared.post("inquirer", "/v1/inquiries/batch", bad)
    assert {each["field"]: each["code"] for each in response.json["errors"]} == {
        "inquiries.1": "unknown-field",
        "inquiries.1.inquiry_ref": "wrong-type",
        "inquiries.1.service_class": "invalid",
        "inquiries.1.tokens": "unknown-field",
        "inquiries.1.tokens.epoch": "out-of-range",
        "inquiries.1.tokens.subject": "required",
    }


def test_a_body_beyond_the_limit_is_refused_with_and_without_a_length(shared: Client) -> None:
    huge = b'{"a":"' + b"x" * (1024 * 1024) + b'"}'
    assert problem(shared.post("reporter", "/v1/records", huge)) == (413, "body-too-large")
    assert problem(shared.send_chunked("reporter", "/v1/records", huge)) == (413, "body-too-large")


def test_a_chunked_body_without_length_is_read_like_any_other(shared: Client) -> None:
    good = json.dumps(records.WITHDRAWAL).encode()
    path = PLACES["withdrawRecord"][1]
    assert problem(shared.send_chunked("reporter", path, good)) == (404, "not-found")
    assert problem(shared.send_chunked("reporter", path, b"")) == (400, "malformed-body")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/json;v=2"])
def test_another_media_type_is_refused(shared: Client, content_type: str) -> None:
    response = shared.post("reporter", "/v1/records", {}, content_type=content_type)
    assert problem(response) == (415, "media-type")


def test_only_batches_may_be_compressed(shared: Client) -> None:
    response = shared.post("reporter", "/v1/records", b"\x1f\x8b", encoding="gzip")
    assert problem(response) == (415, "media-type")
    assert problem(shared.batch("reporter", b"x", key="br", encoding="br")) == (415, "media-type")


def test_an_answer_that_cannot_be_given_is_406(shared: Client) -> None:
    headers = shared.signed("auditor", "GET", "/v1/rules") | {"Accept": "text/html"}
    assert problem(shared.raw("GET", "/v1/rules", headers)) == (406, "not-acceptable")
    for accepted in ("*/*", "application/*", "application/json", "text/html, application/json;q=0.1"):
        headers = shared.signed("auditor", "GET", "/v1/rules") | {"Accept": accepted}
        assert shared.raw("GET", "/v1/rules", headers).status_code == 200


@pytest.mark.parametrize("key", ["has space", "x" * 129, "schlüssel", ""])
def test_a_malformed_idempotency_key_is_refused(shared: Client, key: str) -> None:
    headers = shared.signed("reporter", "POST", "/v1/records", b"{}", key="good")
    headers["Idempotency-Key"] = key
    status, _ = problem(shared.raw("POST", "/v1/records", headers, b"{}"))
    assert status in (400, 401)


def test_a_post_without_an_idempotency_key_is_refused(shared: Client) -> None:
    headers = sign_request(
        method="POST",
        target_uri=shared.world.registry.public_url + "/v1/records",
        content_type="application/json",
        content_digest=content_digest(b"{}"),
        key_id="reporter-1",
        private_key=shared.world.signing_keys["reporter"],
        created=shared.world.clock.now.replace(microsecond=0),
        nonce="nonce-for-no-key-test",
    )
    assert problem(shared.raw("POST", "/v1/records", headers, b"{}")) == (400, "idempotency-key-missing")


@pytest.mark.parametrize(
    "operation", ["createCollection", "proposeTransfer", "arrangePlan", "fileDispute", "renewVictimMarker"]
)
def test_what_a_body_names_and_is_not_there_is_404(shared: Client, operation: str) -> None:
    body = EXAMPLES[operation]
    if "tokens" in body:
        body = body | {"tokens": write(tokens("nobody"))}
    assert problem(shared.post("carrier-a", PLACES[operation][1], body)) == (404, "not-found")
