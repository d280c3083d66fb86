"""Compact JWS: one algorithm, one header form, one spelling of each token; attacks are tokens made by hand."""

import base64
import hashlib
import hmac
import json
import os
from typing import NoReturn

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from crypto.errors import SignatureRefused
from crypto.signing.jws import MAX_TOKEN_CHARACTERS, sign_compact, verify_compact
from crypto.signing.keys import generate_signing_key, public_bytes

KEY, OTHER_KEY = generate_signing_key(os.urandom), generate_signing_key(os.urandom)
TYP = "clearline-clearance+jws"
HEADER = {"alg": "Ed25519", "kid": "registry-1", "typ": TYP}
PAYLOAD = b'{"clearance":"1"}'
TOKEN = sign_compact(PAYLOAD, typ=TYP, key_id="registry-1", private_key=KEY)


def b64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def signed_by_hand(
    header: dict[str, str] | list[dict[str, str]] | bytes, payload: bytes = PAYLOAD, key: Ed25519PrivateKey = KEY
) -> str:
    """A token whose signature is right and whose header is whatever an attacker with a key would like."""
    raw = header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":")).encode()
    signing_input = f"{b64url(raw)}.{b64url(payload)}"
    return f"{signing_input}.{b64url(key.sign(signing_input.encode()))}"


def verify(token: str, typ: str = TYP) -> tuple[str, bytes]:
    return verify_compact(token, typ=typ, resolve=lambda key_id: KEY.public_key())


def refused(token: str, code: str = "malformed") -> None:
    with pytest.raises(SignatureRefused) as caught:
        verify(token)
    assert caught.value.code == code


def test_a_token_gives_back_its_key_id_and_payload() -> None:
    assert verify(TOKEN) == ("registry-1", PAYLOAD)


def test_a_token_is_the_plain_reading_of_rfc_7515() -> None:
    assert signed_by_hand(HEADER) == TOKEN


def test_the_key_is_looked_up_by_the_key_id_of_the_token() -> None:
    asked = []

    def resolve(key_id: str) -> Ed25519PublicKey:
        asked.append(key_id)
        return KEY.public_key()

    verify_compact(TOKEN, typ=TYP, resolve=resolve)
    assert asked == ["registry-1"]


def test_whoever_looks_up_the_key_may_refuse() -> None:
    def unknown(key_id: str) -> NoReturn:
        raise LookupError(key_id)

    with pytest.raises(LookupError):
        verify_compact(TOKEN, typ=TYP, resolve=unknown)


def test_a_token_of_another_key_is_refused() -> None:
    refused(sign_compact(PAYLOAD, typ=TYP, key_id="registry-1", private_key=OTHER_KEY), "invalid")


def test_a_token_of_another_kind_is_refused() -> None:
    refused(sign_compact(PAYLOAD, typ="clearline-decision+jws", key_id="registry-1", private_key=KEY))


def test_a_changed_payload_is_refused() -> None:
    header, _payload, signature = TOKEN.split(".")
    refused(f"{header}.{b64url(b'{}')}.{signature}", "invalid")


def test_another_key_id_under_the_same_signature_is_refused() -> None:
    _header, payload, signature = TOKEN.split(".")
    other = b64url(json.dumps({**HEADER, "kid": "registry-2"}, separators=(",", ":")).encode())
    refused(f"{other}.{payload}.{signature}", "invalid")


@pytest.mark.parametrize("length", [1, 63, 65])
def test_a_signature_of_another_length_is_refused(length: int) -> None:
    header, payload, _signature = TOKEN.split(".")
    refused(f"{header}.{payload}.{b64url(bytes(length))}", "invalid")


@pytest.mark.parametrize(
    "header",
    [
        {**HEADER, "alg": "none"},
        {**HEADER, "alg": "EdDSA"},
        {**HEADER, "alg": "HS256"},
        {**HEADER, "alg": "Ed448"},
        {**HEADER, "crit": ["b64"], "b64": False},
        {**HEADER, "jwk": {"kty": "OKP", "crv": "Ed25519", "x": b64url(public_bytes(OTHER_KEY))}},
        {**HEADER, "jku": "https://attacker.example/keys"},
        {"alg": "Ed25519", "typ": TYP},
        {"alg": "Ed25519", "kid": "registry-1"},
        {"kid": "registry-1", "alg": "Ed25519", "typ": TYP},
        {**HEADER, "kid": 1},
        {**HEADER, "kid": "a b"},
        {**HEADER, "kid": "x" * 65},
        [HEADER],
        b"null",
        b'"alg"',
        b"\xff\xfe",
        b"{",
        b'{"alg":"Ed25519","alg":"Ed25519","kid":"registry-1","typ":"clearline-clearance+jws"}',
        b'{"alg": "Ed25519", "kid": "registry-1", "typ": "clearline-clearance+jws"}',
        b'{"alg":"Ed25519","kid":"registry-1","typ":"clearline-clearance+jws"}\n',
    ],
    ids=lambda header: str(header)[:80],
)
def test_a_header_that_we_would_not_have_written_is_refused_although_signed(
    header: dict[str, str] | list[dict[str, str]] | bytes,
) -> None:
    refused(signed_by_hand(header))


def test_the_public_key_is_no_hmac_secret() -> None:
    header = b64url(json.dumps({**HEADER, "alg": "HS256"}, separators=(",", ":")).encode())
    signing_input = f"{header}.{b64url(PAYLOAD)}"
    mac = hmac.digest(public_bytes(KEY), signing_input.encode(), hashlib.sha256)
    refused(f"{signing_input}.{b64url(mac)}")


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "...",
        TOKEN + ".",
        "." + TOKEN,
        TOKEN.rpartition(".")[0] + ".",
        TOKEN.replace(".", "..", 1),
        TOKEN + "=",
        TOKEN + " ",
        " " + TOKEN,
        TOKEN + "\n",
        TOKEN.replace(".", ".+", 1),
        TOKEN.replace(".", ".é", 1),
        TOKEN + "A" * 3,
        TOKEN + "A" * MAX_TOKEN_CHARACTERS,
    ],
)
def test_a_token_that_is_not_three_canonical_segments_is_refused(token: str) -> None:
    with pytest.raises(SignatureRefused):
        verify(token)


def test_a_second_spelling_of_the_signature_is_refused() -> None:
    # 64 bytes leave four spare bits in the last of 86 characters.
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(TOKEN[-1])
    refused(TOKEN[:-1] + alphabet[last | 1])


@given(st.integers(0, len(TOKEN) - 1), st.characters(codec="latin-1"))
def test_any_changed_character_is_refused(position: int, character: str) -> None:
    changed = TOKEN[:position] + character + TOKEN[position + 1 :]
    if changed != TOKEN:
        with pytest.raises(SignatureRefused):
            verify(changed)


@given(st.text(max_size=200))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    with pytest.raises(SignatureRefused):
        verify(text)


@pytest.mark.parametrize("payload", [b"", b"x" * MAX_TOKEN_CHARACTERS])
def test_a_payload_that_no_verifier_would_take_is_not_signed(payload: bytes) -> None:
    with pytest.raises(SignatureRefused):
        sign_compact(payload, typ=TYP, key_id="registry-1", private_key=KEY)


@pytest.mark.parametrize("typ", ["", "A", "a b", "x" * 65, 'a"'])
def test_a_token_type_that_would_need_quoting_is_refused(typ: str) -> None:
    with pytest.raises(SignatureRefused):
        sign_compact(PAYLOAD, typ=typ, key_id="registry-1", private_key=KEY)
    with pytest.raises(SignatureRefused):
        verify(TOKEN, typ=typ)


def test_a_key_id_that_would_need_quoting_is_not_signed() -> None:
    with pytest.raises(SignatureRefused):
        sign_compact(PAYLOAD, typ=TYP, key_id='a"', private_key=KEY)
