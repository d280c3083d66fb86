"""Our own signature code beside general libraries: what one signs the other verifies, and both refuse the same."""

import os
import re
from datetime import UTC, datetime
from typing import Any

import http_message_signatures as library
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_message_signatures.algorithms import ED25519
from hypothesis import assume, example, given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from crypto.errors import SignatureRefused
from crypto.signing.content_digest import content_digest
from crypto.signing.http_message import (
    SignedRequest,
    sign_request,
    sign_response,
    verify_request,
    verify_response,
)
from crypto.signing.jws import ALGORITHM, sign_compact, verify_compact
from crypto.signing.keys import generate_signing_key
from tests.support.signature_library import AnswerMessage, Message, Timeless, sign_by_library

KEY, SERVER_KEY = generate_signing_key(os.urandom), generate_signing_key(os.urandom)
NOW = datetime(2026, 11, 21, 8, 0, 0, tzinfo=UTC)
NONCE = "bm9uY2Utbm9uY2Ut"
TYP = "clearline-decision+jws"

METHODS = st.sampled_from(["GET", "POST", "PUT", "DELETE", "post", "Post", "M-SEARCH"])
ADDRESSES = st.sampled_from(["https://registry.example", "http://127.0.0.1:9100", "http://[::1]:9100", "https://a.b:"])
TARGETS = st.text(alphabet="/abZ09._~-!$&'()*+,;=:@%?#20 \"é\\<", max_size=24).map(lambda text: f"/{text}")
VALUES = st.text(
    alphabet=st.characters(max_codepoint=0x17F, exclude_categories=["Cs"]) | st.sampled_from(" \t\r\n"), max_size=20
)


def of_library(message: Message | AnswerMessage, key: Ed25519PublicKey) -> bytes:
    """The base that the library verified; raises its exception."""
    resolver = library.MappingKeyResolver(public_keys={"k-1": key}, private_keys={})
    verifier = Timeless(signature_algorithm=ED25519, key_resolver=resolver)
    [result] = verifier.verify(message, max_age=None, expect_tag="clearline-v1")
    return "\n".join(f"{name}: {value}" for name, value in result.covered_components.items()).encode()


def ours(request: SignedRequest) -> bytes | None:
    """The base that we verified; None where we refuse."""
    try:
        verified = verify_request(request, has_body=True, public_key=KEY.public_key(), now=NOW)
    except SignatureRefused:
        return None
    return verified.signature_base


def theirs(request: SignedRequest) -> bytes | None:
    message = Message(request.method, request.target_uri, {**request.headers})
    try:
        return of_library(message, KEY.public_key())
    except library.HTTPMessageSignaturesException:
        return None


@given(METHODS, ADDRESSES, TARGETS, VALUES, st.sampled_from([None, 2]))
@example("POST", "https://registry.example", "/v1/inquiries?x=%41&y", "row-1", 2)
def test_what_we_sign_the_library_verifies_over_the_same_base(
    method: str, address: str, target: str, value: str, incarnation: int | None
) -> None:
    try:
        headers = sign_request(
            method=method,
            target_uri=address + target,
            content_type="application/json",
            content_digest=content_digest(b"{}"),
            key_id="k-1",
            private_key=KEY,
            created=NOW,
            nonce=NONCE,
            idempotency_key=value,
            incarnation=incarnation,
        )
    except SignatureRefused:
        assert not (is_plain(address + target, value) and method.isupper())
        return
    request = SignedRequest(method=method, target_uri=address + target, headers=headers)
    base = ours(request)
    assert base is not None
    assert theirs(request) == base


@given(METHODS, ADDRESSES, TARGETS, VALUES, st.permutations(range(5)))
@example("POST", "https://registry.example", "/v1/inquiries?x=%41&y", "row-1", [4, 3, 2, 1, 0])
def test_what_the_library_signs_we_verify_over_the_same_base_or_refuse_for_its_form(
    method: str, address: str, target: str, value: str, order: list[int]
) -> None:
    fields = {"Content-Type": "application/json", "Content-Digest": content_digest(b"{}"), "Idempotency-Key": value}
    message = Message(method, address + target, fields)
    names = ["@method", "@target-uri", "content-type", "content-digest", "idempotency-key"]
    try:
        sign_by_library(KEY, message, [names[place] for place in order], at=NOW, nonce=NONCE)
    except library.HTTPMessageSignaturesException:
        return
    request = SignedRequest(method=method, target_uri=address + target, headers=message.headers)
    base = ours(request)
    if base is None:
        assert not is_plain(address + target, value)
    else:
        assert theirs(request) == base


def is_plain(uri: str, value: str) -> bool:
    """Tell whether a request has the form that signatures.md asks for."""
    return (
        re.fullmatch(r"https?://[a-z0-9.:\[\]]*[a-z0-9\]]/[A-Za-z0-9/._-]*", uri) is not None
        and value.isascii()
        and value.isalnum()
    )


ATTACKS = st.sampled_from(
    [
        lambda fields: fields.update({"Content-Type": "text/plain"}),
        lambda fields: fields.update({"Content-Digest": content_digest(b"[]")}),
        lambda fields: fields.update({"Idempotency-Key": "row-2"}),
        lambda fields: fields.pop("Idempotency-Key"),
        lambda fields: fields.update({"Signature-Input": fields["Signature-Input"].replace("k-1", "k-2")}),
        lambda fields: fields.update({"Signature-Input": fields["Signature-Input"].replace(NONCE, NONCE[::-1])}),
        lambda fields: fields.update({"Signature-Input": fields["Signature-Input"].replace('"@method" ', "")}),
        lambda fields: fields.update({"Signature-Input": re.sub(r"=\d+", "=1795248001", fields["Signature-Input"])}),
        lambda fields: fields.update({"Signature": fields["Signature"].replace("A", "B", 1) + " "}),
        lambda fields: fields.update({"Signature": fields["Signature"].swapcase()}),
        lambda fields: fields.pop("Signature"),
    ]
)


@given(ATTACKS)
def test_what_somebody_changed_on_the_way_neither_verifies(attack: Any) -> None:
    fields = {"Content-Type": "application/json", "Content-Digest": content_digest(b"{}"), "Idempotency-Key": "row-1"}
    message = Message("POST", "https://registry.example/v1/inquiries", fields)
    sign_by_library(KEY, message, ["@method", "@target-uri", *map(str.lower, fields)], at=NOW, nonce=NONCE)
    request = SignedRequest(method=message.method, target_uri=message.url, headers=dict(message.headers))
    assert ours(request) is not None
    before = dict(request.headers)
    attack(request.headers)
    assume(request.headers != before)
    assert ours(request) is None


@given(st.integers(100, 599), st.binary(max_size=40), st.none() | st.integers(1, 9))
def test_an_answer_of_ours_is_verified_by_the_library(status: int, body: bytes, incarnation: int | None) -> None:
    headers = sign_request(
        method="POST",
        target_uri="https://registry.example/v1/inquiries",
        content_type="application/json",
        content_digest=content_digest(b"{}"),
        key_id="k-1",
        private_key=KEY,
        created=NOW,
        nonce=NONCE,
    )
    request = SignedRequest(method="POST", target_uri="https://registry.example/v1/inquiries", headers=headers)
    answer = sign_response(
        status=status,
        content_type="application/json",
        content_digest=content_digest(body),
        request=request,
        key_id="k-1",
        private_key=SERVER_KEY,
        created=NOW,
        incarnation=incarnation,
    )
    verified = verify_response(
        status=status, headers=answer, request=request, public_key=SERVER_KEY.public_key(), now=NOW
    )
    message = AnswerMessage(status, dict(answer), Message("POST", request.target_uri, dict(headers)))
    assert of_library(message, SERVER_KEY.public_key()) == verified.signature_base


@given(st.binary(min_size=1, max_size=200))
def test_a_token_of_ours_and_one_of_the_library_are_the_same_token(payload: bytes) -> None:
    token = sign_compact(payload, typ=TYP, key_id="k-1", private_key=KEY)
    header = {"alg": ALGORITHM, "kid": "k-1", "typ": TYP}
    assert jws.serialize_compact(header, payload, OKPKey.import_key(KEY), algorithms=[ALGORITHM]) == token
    read = jws.deserialize_compact(token, OKPKey.import_key(KEY.public_key()), algorithms=[ALGORITHM])
    assert read.payload == payload


@given(st.integers(0, 300), st.sampled_from("AZaz09-_.=+/ \n"), st.integers(0, 1))
def test_a_token_that_the_library_refuses_is_refused_by_us(place: int, character: str, replaced: int) -> None:
    token = sign_compact(b'{"decision":"ALLOW"}', typ=TYP, key_id="k-1", private_key=KEY)
    place %= len(token)
    bent = token[:place] + character + token[place + replaced :]
    assume(bent != token)
    try:
        jws.deserialize_compact(bent, OKPKey.import_key(KEY.public_key()), algorithms=[ALGORITHM])
    except (JoseError, ValueError):
        pass
    else:
        # The library takes another spelling of the same bytes; we take one.
        assert bent.rstrip("=") != token
    try:
        verify_compact(bent, typ=TYP, resolve=lambda _: KEY.public_key())
    except SignatureRefused:
        return
    raise AssertionError("a bent token was taken")
