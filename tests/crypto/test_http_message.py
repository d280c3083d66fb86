"""HTTP message signatures: the profile read off RFC 9421 by hand, and what somebody on the wire may try."""

import base64
import hashlib
import os
import re
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from crypto.errors import SignatureRefused
from crypto.signing.content_digest import BodyDigest, content_digest, verify_content_digest
from crypto.signing.http_message import (
    FUTURE_TOLERANCE,
    MAX_AGE,
    SignedRequest,
    Verified,
    peek_key_id,
    sign_request,
    sign_response,
    verify_request,
    verify_response,
)
from crypto.signing.keys import generate_signing_key

KEY, OTHER_KEY, SERVER_KEY = (generate_signing_key(os.urandom) for _ in range(3))
NOW = datetime(2026, 11, 21, 8, 0, 0, tzinfo=UTC)
NONCE = "bm9uY2Utbm9uY2Ut"
URI = "https://registry.example/v1/inquiries?dry-run=1"
BODY = b'{"service":"MOBILE"}'


def signed(key: Ed25519PrivateKey = KEY, **changes: Any) -> SignedRequest:
    """A signed POST with a body, as a carrier's gateway sends it."""
    arguments: dict[str, Any] = {
        "method": "POST",
        "target_uri": URI,
        "content_type": "application/json",
        "content_digest": content_digest(BODY),
        "key_id": "carrier-a-1",
        "created": NOW,
        "nonce": NONCE,
        "idempotency_key": "row-1",
    } | changes
    headers = sign_request(private_key=key, **arguments)
    return SignedRequest(method=arguments["method"], target_uri=arguments["target_uri"], headers=headers)


REQUEST = signed()
BODILESS: dict[str, Any] = {"content_type": None, "content_digest": None, "idempotency_key": None}


def changed(request: SignedRequest, *, without: Collection[str] = (), **changes: Any) -> SignedRequest:
    headers = {name: value for name, value in request.headers.items() if name not in without}
    headers |= changes.pop("headers", {})
    parts = {"method": request.method, "target_uri": request.target_uri} | changes
    return SignedRequest(headers=headers, **parts)


def verify(
    request: SignedRequest,
    *,
    has_body: bool = True,
    now: datetime = NOW,
    key: Ed25519PrivateKey = KEY,
    **arguments: Any,
) -> Verified:
    return verify_request(request, has_body=has_body, public_key=key.public_key(), now=now, **arguments)


def refused(code: str, call: Callable[..., Any], *arguments: Any, **keywords: Any) -> None:
    with pytest.raises(SignatureRefused) as caught:
        call(*arguments, **keywords)
    assert caught.value.code == code


def resigned(
    components: list[str],
    parameters: str | None = None,
    label: str = "clearline",
    key: Ed25519PrivateKey = KEY,
    values: dict[str, str] | None = None,
) -> SignedRequest:
    """A request whose signature is right over whatever components and parameters an attacker would like."""
    known = {
        '"@method"': "POST",
        '"@target-uri"': URI,
        '"@authority"': "registry.example",
        '"content-type"': "application/json",
        '"content-digest"': content_digest(BODY),
        '"idempotency-key"': "row-1",
    } | (values or {})
    if parameters is None:
        parameters = good_parameters()
    inner = f"({' '.join(components)}){parameters}"
    base = "\n".join([*(f"{name}: {known[name]}" for name in components), f'"@signature-params": {inner}'])
    signature = base64.b64encode(key.sign(base.encode())).decode()
    headers = {"Signature-Input": f"{label}={inner}", "Signature": f"{label}=:{signature}:"}
    return changed(REQUEST, headers=headers)


def good_parameters(**changes: Any) -> str:
    values = {
        "created": int(NOW.timestamp()),
        "keyid": '"carrier-a-1"',
        "alg": '"ed25519"',
        "nonce": f'"{NONCE}"',
        "tag": '"clearline-v1"',
    } | changes
    return "".join(f";{name}={value}" for name, value in values.items() if value is not None)


ALL = ['"@method"', '"@target-uri"', '"content-type"', '"content-digest"', '"idempotency-key"']


def test_a_signed_request_verifies_and_says_what_it_said() -> None:
    verified = verify(REQUEST)
    assert (verified.key_id, verified.nonce, verified.created) == ("carrier-a-1", NONCE, NOW)
    verify_content_digest(verified.content_digest, hashlib.sha256(BODY).digest())
    KEY.public_key().verify(verified.signature, verified.signature_base)


def test_the_signature_base_is_the_plain_reading_of_rfc_9421() -> None:
    parameters = '("@method" "@target-uri" "content-type" "content-digest" "idempotency-key")' + good_parameters()
    assert verify(REQUEST).signature_base.decode() == "\n".join(
        [
            '"@method": POST',
            f'"@target-uri": {URI}',
            '"content-type": application/json',
            f'"content-digest": {content_digest(BODY)}',
            '"idempotency-key": row-1',
            f'"@signature-params": {parameters}',
        ]
    )


def test_a_request_signed_by_hand_verifies() -> None:
    verify(resigned(ALL))


def test_the_order_of_components_and_parameters_is_the_signers() -> None:
    shuffled = ';tag="clearline-v1";nonce="' + NONCE + '";alg="ed25519";keyid="carrier-a-1"'
    verify(resigned(ALL[::-1], f"{shuffled};created={int(NOW.timestamp())}"))


def test_a_request_without_a_body_signs_method_and_target() -> None:
    request = signed(method="GET", **BODILESS)
    verified = verify(request, has_body=False)
    assert verified.content_digest is None
    assert set(request.headers) == {"Signature", "Signature-Input"}


def test_header_names_are_taken_in_any_case() -> None:
    verify(changed(REQUEST, without=REQUEST.headers, headers={n.upper(): v for n, v in REQUEST.headers.items()}))


def test_the_key_id_can_be_read_before_the_key_is_known() -> None:
    assert peek_key_id(REQUEST.headers) == "carrier-a-1"


def test_what_was_verified_does_not_print_signatures() -> None:
    assert "signature" not in repr(verify(REQUEST))
    assert NONCE not in repr(REQUEST)


def test_a_content_encoding_is_covered() -> None:
    request = signed(content_encoding="gzip")
    verify(request)
    refused("invalid", verify, changed(request, headers={"Content-Encoding": "zstd"}))
    refused("malformed", verify, changed(request, without=["Content-Encoding"]))
    refused("malformed", verify, changed(REQUEST, headers={"Content-Encoding": "gzip"}))


READING: dict[str, Any] = {"method": "GET", "purpose": "CASE", "agent": "A" * 43, **BODILESS}


def test_an_offices_reading_covers_its_purpose_and_the_digest_of_its_agent_alone() -> None:
    request = signed(**READING)
    base = verify(request, has_body=False).signature_base.decode()
    assert '"clearline-purpose": CASE' in base
    assert f'"clearline-agent-digest": {content_digest(READING["agent"].encode())}' in base
    assert READING["agent"] not in base


@pytest.mark.parametrize(
    ("code", "without", "headers"),
    [
        ("invalid", [], {"Clearline-Purpose": "SAMPLE"}),
        ("malformed", ["Clearline-Purpose"], {}),
        ("digest", [], {"Clearline-Agent": "B" * 43}),
        ("digest", [], {"Clearline-Agent": "\u00e9"}),
        ("invalid", [], {"Clearline-Agent-Digest": content_digest(b"B" * 43)}),
        ("malformed", ["Clearline-Agent"], {}),
        ("malformed", ["Clearline-Agent-Digest"], {}),
        ("malformed", ["Clearline-Agent", "Clearline-Agent-Digest"], {}),
    ],
    ids=str,
)
def test_a_reading_with_another_purpose_or_agent_is_refused(
    code: str, without: list[str], headers: dict[str, str]
) -> None:
    refused(code, verify, changed(signed(**READING), without=without, headers=headers), has_body=False)


@pytest.mark.parametrize("name", ["Clearline-Purpose", "Clearline-Agent", "Clearline-Agent-Digest"])
def test_a_part_of_a_reading_that_no_signature_covers_is_refused(name: str) -> None:
    refused("malformed", verify, changed(REQUEST, headers={name: "CASE"}))


def test_an_agent_that_the_signature_covers_itself_is_refused() -> None:
    agent = "A" * 43
    covered = {'"clearline-agent"': agent, '"clearline-agent-digest"': content_digest(agent.encode())}
    headers = {"Clearline-Agent": agent, "Clearline-Agent-Digest": covered['"clearline-agent-digest"']}
    refused("malformed", verify, changed(resigned([*ALL, *covered], values=covered), headers=headers))


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "PUT"},
        {"target_uri": URI.replace("dry-run=1", "dry-run=0")},
        {"target_uri": URI.partition("?")[0]},
        {"target_uri": URI + "&x=1"},
        {"target_uri": URI.replace("inquiries", "records")},
        {"target_uri": URI.replace("registry", "custodian")},
        {"target_uri": URI.replace("https", "http")},
        {"headers": {"Content-Type": "text/plain"}},
        {"headers": {"Content-Digest": content_digest(b"{}")}},
        {"headers": {"Idempotency-Key": "row-2"}},
    ],
    ids=str,
)
def test_a_changed_request_is_refused(changes: dict[str, Any]) -> None:
    refused("invalid", verify, changed(REQUEST, **changes))


@pytest.mark.parametrize("changes", [{"method": "post"}, {"target_uri": "/v1/inquiries"}, {"target_uri": "http://[x/"}])
def test_a_request_that_cannot_be_canonicalised_is_refused(changes: dict[str, Any]) -> None:
    refused("invalid", verify, changed(REQUEST, **changes))


def test_a_forged_signature_is_refused() -> None:
    refused("invalid", verify, signed(key=OTHER_KEY))
    refused("invalid", verify, REQUEST, key=OTHER_KEY)
    zeros = base64.b64encode(bytes(64)).decode()
    refused("invalid", verify, changed(REQUEST, headers={"Signature": f"clearline=:{zeros}:"}))


@pytest.mark.parametrize("name", ["Signature", "Signature-Input"])
def test_a_request_without_a_signature_is_refused(name: str) -> None:
    refused("missing", verify, changed(REQUEST, without=[name]))
    refused("missing", peek_key_id, {})


@pytest.mark.parametrize("name", ["Content-Type", "Content-Digest", "Idempotency-Key"])
def test_a_stripped_header_is_refused(name: str) -> None:
    refused("malformed", verify, changed(REQUEST, without=[name]))


@pytest.mark.parametrize("dropped", ALL)
def test_a_signature_that_leaves_a_component_out_is_refused(dropped: str) -> None:
    refused("malformed", verify, resigned([name for name in ALL if name != dropped]))


@pytest.mark.parametrize(
    "components",
    [
        [],
        [*ALL, '"@authority"'],
        [*ALL[:3], '"content-digest";sf', ALL[4]],
        [*ALL[:3], '"content-digest";key="sha-256"', ALL[4]],
        [*ALL, '"@method"'],
        [*ALL[:4], '"Idempotency-Key"'],
        [*ALL[:4], '"idempotency-key";req'],
    ],
    ids=str,
)
def test_other_components_than_those_of_the_profile_are_refused(components: list[str]) -> None:
    values = dict.fromkeys(components, "x") | {ALL[0]: "POST", ALL[1]: URI}
    refused("malformed", verify, resigned(components, values=values))


def test_a_body_needs_a_digest_even_if_everything_present_is_signed() -> None:
    request = signed(content_digest=None, content_type="application/json", idempotency_key=None)
    verify(request, has_body=False)
    refused("malformed", verify, request, has_body=True)


def test_a_body_needs_a_content_type() -> None:
    refused("malformed", signed, content_type=None)


def test_a_body_added_to_a_request_without_one_is_refused() -> None:
    refused("malformed", verify, signed(method="POST", **BODILESS), has_body=True)


def test_a_body_taken_away_is_found_by_its_digest() -> None:
    verified = verify(REQUEST, has_body=False)
    refused("digest", verify_content_digest, verified.content_digest, hashlib.sha256(b"").digest())


@pytest.mark.parametrize("age", [timedelta(0), timedelta(seconds=1), MAX_AGE, -FUTURE_TOLERANCE])
def test_a_signature_within_its_time_is_taken(age: timedelta) -> None:
    verify(REQUEST, now=NOW + age)


@pytest.mark.parametrize("age", [MAX_AGE + timedelta(seconds=1), timedelta(days=1), timedelta(days=3650)])
def test_a_stale_signature_is_refused(age: timedelta) -> None:
    refused("stale", verify, REQUEST, now=NOW + age)


@pytest.mark.parametrize("ahead", [FUTURE_TOLERANCE + timedelta(seconds=1), timedelta(days=1)])
def test_a_signature_from_the_future_is_refused(ahead: timedelta) -> None:
    refused("stale", verify, REQUEST, now=NOW - ahead)


def test_the_age_is_the_callers_to_choose() -> None:
    refused("stale", verify, REQUEST, now=NOW + timedelta(seconds=6), max_age=timedelta(seconds=5))


def test_a_signature_made_young_again_is_refused() -> None:
    created = f"created={int(NOW.timestamp())}"
    younger = REQUEST.headers["Signature-Input"].replace(created, f"created={int(NOW.timestamp()) + 600}")
    request = changed(REQUEST, headers={"Signature-Input": younger})
    refused("invalid", verify, request, now=NOW + timedelta(seconds=600))


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": None},
        {"keyid": None},
        {"alg": None},
        {"tag": None},
        {"created": None},
        {"created": "1.5"},
        {"created": "?1"},
        {"created": '"1"'},
        {"created": -1},
        {"created": 253_402_300_800},
        {"expires": int(NOW.timestamp()) + 600},
        {"x": 1},
        {"alg": '"hmac-sha256"'},
        {"alg": '"rsa-pss-sha512"'},
        {"alg": '"ecdsa-p256-sha256"'},
        {"alg": "ed25519"},
        {"tag": '"clearline-v2"'},
        {"tag": '""'},
        {"keyid": "carrier-a-1"},
        {"keyid": '"a b"'},
        {"keyid": '""'},
        {"keyid": f'"{"x" * 65}"'},
        {"keyid": ":AAAA:"},
        {"nonce": '"short"'},
        {"nonce": f'"{"n" * 15}"'},
        {"nonce": f'"{"n" * 65}"'},
        {"nonce": f'"{"n" * 15} "'},
        {"nonce": 1234567890123456},
        {"nonce": "t" * 20},
    ],
    ids=str,
)
def test_parameters_outside_the_profile_are_refused_although_signed(changes: dict[str, Any]) -> None:
    refused("malformed", verify, resigned(ALL, good_parameters(**changes)))


@pytest.mark.parametrize("length", [16, 64])
def test_a_nonce_has_16_to_64_characters(length: int) -> None:
    assert verify(signed(nonce="n" * length)).nonce == "n" * length


def test_a_label_of_another_name_is_refused() -> None:
    refused("malformed", verify, resigned(ALL, label="sig1"))


def test_two_signatures_are_refused_whichever_comes_first() -> None:
    other = resigned(ALL, label="sig1", key=OTHER_KEY).headers
    for first, second in ((REQUEST.headers, other), (other, REQUEST.headers)):
        both = {name: f"{first[name]}, {second[name]}" for name in ("Signature", "Signature-Input")}
        refused("malformed", verify, changed(REQUEST, headers=both))


@pytest.mark.parametrize("name", ["Signature", "Signature-Input"])
def test_a_label_given_twice_is_refused(name: str) -> None:
    twice = f"{REQUEST.headers[name]}, {REQUEST.headers[name]}"
    refused("malformed", verify, changed(REQUEST, headers={name: twice}))


def test_a_key_id_given_twice_is_refused() -> None:
    refused("malformed", verify, resigned(ALL, good_parameters() + ';keyid="carrier-b-1"'))
    twice = REQUEST.headers["Signature-Input"].replace(";keyid", ';keyid="carrier-b-1";keyid', 1)
    refused("malformed", peek_key_id, {**REQUEST.headers, "Signature-Input": twice})


def test_a_header_under_two_spellings_is_refused() -> None:
    refused("malformed", verify, changed(REQUEST, headers={"content-type": "application/json"}))


@pytest.mark.parametrize(
    "value",
    [
        "",
        "clearline",
        "clearline=",
        "clearline=1",
        "clearline=:AAAA:",
        "clearline=(1 2)",
        'clearline=("@method"',
        "clearline=()",
        'clearline=("@method" "@method");created=1',
        "CLEARLINE=()",
        "clearline=\u00e9",
        "clearline=(\u4e2d)",
        " " + REQUEST.headers["Signature-Input"],
        REQUEST.headers["Signature-Input"] + " ",
        REQUEST.headers["Signature-Input"].replace('" "', '"  "', 1),
        REQUEST.headers["Signature-Input"].replace(";created", "; created"),
        "clearline=(" + '"a" ' * 2000 + ")",
        "clearline=" + "(" * 2000,
    ],
)
def test_a_signature_input_that_we_would_not_have_written_is_refused(value: str) -> None:
    refused("malformed", verify, changed(REQUEST, headers={"Signature-Input": value}))


@pytest.mark.parametrize(
    "value",
    [
        "",
        "clearline",
        "clearline=1",
        'clearline="text"',
        "clearline=token",
        "clearline=()",
        "clearline=::",
        f"clearline=:{base64.b64encode(bytes(63)).decode()}:",
        f"clearline=:{base64.b64encode(bytes(65)).decode()}:",
        REQUEST.headers["Signature"] + ";x=1",
        REQUEST.headers["Signature"].rstrip(":").rstrip("=") + ":",
    ],
    ids=len,
)
def test_a_signature_field_that_we_would_not_have_written_is_refused(value: str) -> None:
    with pytest.raises(SignatureRefused):
        verify(changed(REQUEST, headers={"Signature": value}))


def test_the_spare_bits_of_the_last_base64_character_are_no_second_spelling() -> None:
    signature = REQUEST.headers["Signature"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = re.search(r"(.)==:$", signature)[1]
    other = signature.replace(f"{last}==:", f"{alphabet[alphabet.index(last) | 1]}==:")
    refused("malformed", verify, changed(REQUEST, headers={"Signature": other}))


@given(st.text(max_size=100), st.text(max_size=100))
def test_no_text_in_the_signature_fields_does_more_than_be_refused(signature_input: str, signature: str) -> None:
    headers = {"Signature-Input": signature_input, "Signature": signature}
    with pytest.raises(SignatureRefused):
        verify(changed(REQUEST, headers=headers))


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "short"},
        {"nonce": "n" * 65},
        {"key_id": "a b"},
        {"method": "post"},
        {"target_uri": "/relative"},
        {"idempotency_key": "a\nb"},
        {"idempotency_key": "a\r\nX-Evil: 1"},
        {"content_type": "text/\u4e2d"},
        {"content_digest": "sha-256=:AAAA:"},
        {"content_digest": "md5=:AAAA:"},
    ],
    ids=str,
)
def test_what_nobody_would_verify_is_not_signed(changes: dict[str, str]) -> None:
    refused("malformed", signed, **changes)


def test_a_digest_of_pieces_equals_the_digest_of_the_whole() -> None:
    pieces = BodyDigest()
    for start in range(0, len(BODY), 7):
        pieces.update(BODY[start : start + 7])
    assert pieces.header() == content_digest(BODY)
    verify_content_digest(content_digest(BODY), pieces.digest())


def test_no_digest_means_no_body() -> None:
    verify_content_digest(None, BodyDigest().digest())
    refused("digest", verify_content_digest, None, hashlib.sha256(BODY).digest())


def test_another_body_than_the_signed_one_is_refused() -> None:
    refused("digest", verify_content_digest, content_digest(BODY), hashlib.sha256(BODY + b" ").digest())


GOOD_DIGEST = content_digest(BODY)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "sha-256=",
        "sha-256=::",
        GOOD_DIGEST + ", sha-512=:AAAA:",
        f"{GOOD_DIGEST}, {GOOD_DIGEST}",
        GOOD_DIGEST.replace("sha-256", "sha-512"),
        GOOD_DIGEST.replace("sha-256", "md5"),
        GOOD_DIGEST.replace("sha-256", "SHA-256"),
        " " + GOOD_DIGEST,
        GOOD_DIGEST + " ",
        GOOD_DIGEST + ";x=1",
        GOOD_DIGEST.replace("=:", ":", 1),
        GOOD_DIGEST.replace("=:", "==:"),
        "sha-256=:" + base64.b64encode(bytes(31)).decode() + ":",
    ],
)
def test_a_digest_field_that_we_would_not_have_written_is_refused(header: str) -> None:
    refused("digest", verify_content_digest, header, hashlib.sha256(BODY).digest())


def test_a_second_spelling_of_a_digest_is_refused() -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = GOOD_DIGEST[-3]
    other = f"{GOOD_DIGEST[:-3]}{alphabet[alphabet.index(last) | 1]}=:"
    assert other != GOOD_DIGEST
    refused("digest", verify_content_digest, other, hashlib.sha256(BODY).digest())


ANSWER = b'{"decision":"ALLOW"}'


def answered(
    request: SignedRequest = REQUEST,
    key: Ed25519PrivateKey = SERVER_KEY,
    status: int = 200,
    body: bytes = ANSWER,
    created: datetime = NOW,
) -> dict[str, str]:
    return sign_response(
        status=status,
        content_type="application/json",
        content_digest=content_digest(body),
        request=request,
        key_id="registry-1",
        private_key=key,
        created=created,
    )


def verify_answer(
    headers: dict[str, str],
    *,
    request: SignedRequest = REQUEST,
    status: int = 200,
    key: Ed25519PrivateKey = SERVER_KEY,
    now: datetime = NOW,
) -> Verified:
    return verify_response(status=status, headers=headers, request=request, public_key=key.public_key(), now=now)


def test_a_signed_answer_verifies_and_repeats_the_requests_nonce() -> None:
    verified = verify_answer(answered())
    assert (verified.key_id, verified.nonce, verified.created) == ("registry-1", NONCE, NOW)
    verify_content_digest(verified.content_digest, hashlib.sha256(ANSWER).digest())
    assert f'"signature";req: {REQUEST.headers["Signature"]}' in verified.signature_base.decode()


def test_the_answer_to_a_request_without_a_body_verifies() -> None:
    request = signed(method="GET", **BODILESS)
    verified = verify_answer(answered(request), request=request)
    assert '"content-digest";req' not in verified.signature_base.decode()


def test_an_answer_to_another_request_is_refused() -> None:
    other = signed(nonce="m" * 16)
    refused("invalid", verify_answer, answered(other))
    refused("invalid", verify_answer, answered(), request=other)


def test_an_answer_to_another_target_is_refused() -> None:
    refused("invalid", verify_answer, answered(changed(REQUEST, target_uri=URI.replace("inquiries", "records"))))


def test_an_answer_with_another_nonce_is_refused_although_signed() -> None:
    headers = answered()
    inner = headers["Signature-Input"].removeprefix("clearline=").replace(NONCE, "m" * 16)
    base = verify_answer(headers).signature_base.decode()
    forged_base = f'{base[: base.index(chr(10) + chr(34) + "@signature-params")]}\n"@signature-params": {inner}'
    signature = base64.b64encode(SERVER_KEY.sign(forged_base.encode())).decode()
    forged = {**headers, "Signature-Input": f"clearline={inner}", "Signature": f"clearline=:{signature}:"}
    refused("invalid", verify_answer, forged)


def test_an_answer_of_another_status_or_digest_is_refused() -> None:
    refused("invalid", verify_answer, answered(), status=403)
    refused("invalid", verify_answer, {**answered(), "Content-Digest": content_digest(b"{}")})
    refused("invalid", verify_answer, {**answered(), "Content-Type": "text/html"})


def test_an_answer_of_another_server_is_refused() -> None:
    refused("invalid", verify_answer, answered(key=OTHER_KEY))


def test_an_unsigned_answer_is_refused() -> None:
    refused("missing", verify_answer, {"Content-Type": "application/json"})


def test_a_stale_answer_and_one_from_the_future_are_refused() -> None:
    refused("stale", verify_answer, answered(), now=NOW + MAX_AGE + timedelta(seconds=1))
    refused("stale", verify_answer, answered(created=NOW + timedelta(minutes=5)))


def test_an_answer_stripped_of_its_digest_is_refused() -> None:
    headers = answered()
    del headers["Content-Digest"]
    refused("invalid", verify_answer, headers)


def test_an_answer_to_an_unsigned_request_cannot_be_signed() -> None:
    refused("missing", answered, changed(REQUEST, without=["Signature"]))


def test_a_request_does_not_pass_for_an_answer() -> None:
    refused("malformed", verify_answer, REQUEST.headers)
