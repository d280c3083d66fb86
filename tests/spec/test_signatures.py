"""The signature vectors, verified from their bytes as RFC 9421 and RFC 9530 say and not by the code that made them."""

import base64
import datetime as dt
import hashlib
import json
import re
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from crypto.errors import SignatureRefused
from crypto.signing.content_digest import verify_content_digest
from crypto.signing.http_message import SignedRequest, verify_request, verify_response
from crypto.signing.keys import load_public
from docs.spec.make_vectors import FOLDER
from protocol.encodings import b64url_decode, parse_time

VECTORS = json.loads((FOLDER / "signatures.json").read_bytes())
KEYS = {each["key_id"]: bytes.fromhex(each["public_hex"]) for each in VECTORS["keys"]}
REQUESTS, ANSWERS = VECTORS["requests"], VECTORS["answers"]


def why(case: dict[str, Any]) -> str:
    return case["why"]


def body_of(message: dict[str, Any]) -> bytes:
    return b"" if message["body_base64url"] is None else b64url_decode(message["body_base64url"])


def base_of(message: dict[str, Any], parameters: str) -> str:
    """The signature base of RFC 9421, section 2.5, line by line from the message itself."""
    request = message.get("request", message)
    lines = []
    for component in re.findall(r'"[^"]+"(?:;req)?', parameters.partition(")")[0]):
        source = request if component.endswith(";req") else message
        derived = {"@method": request["method"], "@target-uri": request["target_uri"], "@status": message.get("status")}
        fields = {name.lower(): value for name, value in source["headers"].items()}
        name = component.split('"')[1]
        lines.append(f"{component}: {derived[name] if name in derived else fields[name]}")
    return "\n".join([*lines, f'"@signature-params": {parameters}'])


@pytest.mark.parametrize("case", REQUESTS + ANSWERS, ids=why)
def test_base_digest_and_signature_follow_from_the_message_alone(case: dict[str, Any]) -> None:
    label, _, parameters = case["headers"]["Signature-Input"].partition("=")
    signature = bytes.fromhex(case["signature_hex"])
    assert label == VECTORS["label"]
    assert base_of(case, parameters) == case["signature_base"]
    assert case["headers"]["Signature"] == f"{label}=:{base64.b64encode(signature).decode()}:"
    Ed25519PublicKey.from_public_bytes(KEYS[case["key_id"]]).verify(signature, case["signature_base"].encode())
    if "Content-Digest" in case["headers"]:
        digest = base64.b64encode(hashlib.sha256(body_of(case)).digest()).decode()
        assert case["headers"]["Content-Digest"] == f"sha-256=:{digest}:"
    if "Clearline-Agent" in case["headers"]:
        digest = base64.b64encode(hashlib.sha256(case["headers"]["Clearline-Agent"].encode()).digest()).decode()
        assert case["headers"]["Clearline-Agent-Digest"] == f"sha-256=:{digest}:"


def test_the_keys_are_pairs() -> None:
    for each in VECTORS["keys"]:
        private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(each["seed_hex"]))
        assert private.public_key().public_bytes_raw().hex() == each["public_hex"]


def check_request(case: dict[str, Any], now: dt.datetime) -> None:
    request = SignedRequest(method=case["method"], target_uri=case["target_uri"], headers=case["headers"])
    key = load_public(KEYS["carrier-a-1"])
    verified = verify_request(request, has_body=bool(body_of(case)), public_key=key, now=now)
    verify_content_digest(verified.content_digest, hashlib.sha256(body_of(case)).digest())


def check_answer(case: dict[str, Any], now: dt.datetime) -> None:
    asked = case["request"]
    request = SignedRequest(method=asked["method"], target_uri=asked["target_uri"], headers=asked["headers"])
    key = load_public(KEYS["registry-1"])
    verify_response(status=case["status"], headers=case["headers"], request=request, public_key=key, now=now)


@pytest.mark.parametrize("case", REQUESTS, ids=why)
def test_a_request_of_the_vectors_is_taken_until_300_seconds_have_gone(case: dict[str, Any]) -> None:
    now = parse_time(case["now"])
    check_request(case, now - dt.timedelta(seconds=30))
    check_request(case, now + dt.timedelta(seconds=300))


@pytest.mark.parametrize("case", ANSWERS, ids=why)
def test_an_answer_of_the_vectors_is_taken(case: dict[str, Any]) -> None:
    check_answer(case, parse_time(case["now"]))


@pytest.mark.parametrize("case", VECTORS["refused_requests"], ids=why)
def test_a_refused_request_is_refused_for_its_reason(case: dict[str, Any]) -> None:
    with pytest.raises(SignatureRefused) as refused:
        check_request(case, parse_time(case["now"]))
    assert refused.value.code == case["refused"]


@pytest.mark.parametrize("case", VECTORS["refused_answers"], ids=why)
def test_a_refused_answer_is_refused_for_its_reason(case: dict[str, Any]) -> None:
    with pytest.raises(SignatureRefused) as refused:
        check_answer(case, parse_time(case["now"]))
    assert refused.value.code == case["refused"]


def test_every_reason_is_shown() -> None:
    shown = {each["refused"] for each in VECTORS["refused_requests"]}
    assert shown == {"missing", "malformed", "stale", "invalid", "digest"}


@pytest.mark.parametrize(
    "name", ["the idempotency key is not covered", "another tag", "another label", "a nonce of 15 characters"]
)
def test_what_the_profile_refuses_carries_a_right_signature(name: str) -> None:
    """Else the vector would be refused for the wrong reason by a verifier that forgot the profile."""
    [case] = [each for each in VECTORS["refused_requests"] if each["why"] == name]
    label, _, parameters = case["headers"]["Signature-Input"].partition("=")
    signature = base64.b64decode(case["headers"]["Signature"].removeprefix(f"{label}=:").removesuffix(":"))
    key = Ed25519PublicKey.from_public_bytes(KEYS["carrier-a-1"])
    key.verify(signature, base_of(case, parameters).encode())
    with pytest.raises(InvalidSignature):
        key.verify(signature, b"")
