"""Signs and verifies compact JWS (RFC 7515) with Ed25519: one header form, one spelling, size-capped."""

import base64
import re
from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from crypto.errors import SignatureRefused
from crypto.signing.keys import KEY_ID, check_key_id

# RFC 9864 replaced the polymorphic "EdDSA" by an identifier that names the curve: a token cannot choose another one.
ALGORITHM: Final = "Ed25519"
MAX_TOKEN_CHARACTERS: Final = 16_384
_TYPE: Final = re.compile(r"[a-z0-9+.-]{1,64}")
_SEGMENT: Final = re.compile(r"[A-Za-z0-9_-]+")
_SEGMENTS: Final = 3


def sign_compact(payload: bytes, *, typ: str, key_id: str, private_key: Ed25519PrivateKey) -> str:
    """Sign `payload`; `typ` names the kind of token, so that no kind is taken for another (RFC 8725, 3.11)."""
    check_key_id(key_id)
    _check_type(typ)
    # RFC 7515, 5.1: the signing input is both segments as they are sent.
    signing_input = f"{_b64url(_write_header(typ, key_id))}.{_b64url(payload)}"
    token = f"{signing_input}.{_b64url(private_key.sign(signing_input.encode('ascii')))}"
    if not payload or len(token) > MAX_TOKEN_CHARACTERS:
        raise SignatureRefused("malformed", "the payload is empty or too long for a token")
    return token


def verify_compact(token: str, *, typ: str, resolve: Callable[[str], Ed25519PublicKey]) -> tuple[str, bytes]:
    """Verify a token of kind `typ`; returns (key id, payload). `resolve` finds the key of a key id, or raises."""
    header, payload, signature = _canonical_segments(token)
    key_id = _read_header(header, typ)
    _verify(token, signature, resolve(key_id))
    return key_id, payload


def verify_if_known(token: str, *, typ: str, resolve: Callable[[str], Ed25519PublicKey | None]) -> tuple[str, bytes]:
    """Do as `verify_compact`, but leave a signature unread whose key `resolve` does not have.

    For a reader that has another proof of the payload, which also covers the key's id.
    """
    header, payload, signature = _canonical_segments(token)
    key_id = _read_header(header, typ)
    key = resolve(key_id)
    if key is not None:
        _verify(token, signature, key)
    return key_id, payload


def _verify(token: str, signature: bytes, key: Ed25519PublicKey) -> None:
    try:
        key.verify(signature, token.rpartition(".")[0].encode("ascii"))
    except InvalidSignature as error:
        raise SignatureRefused("invalid", "the token's signature does not verify") from error


def _canonical_segments(token: str) -> list[bytes]:
    segments = token.split(".") if len(token) <= MAX_TOKEN_CHARACTERS else []
    if len(segments) != _SEGMENTS:
        raise SignatureRefused("malformed", "not a compact JWS")
    return [_decode_segment(segment) for segment in segments]


def _decode_segment(segment: str) -> bytes:
    # No base64 has a length of 4n + 1. The last character has spare bits, so that one value has several spellings:
    # refuse all but ours.
    decodable = _SEGMENT.fullmatch(segment) is not None and len(segment) % 4 != 1
    value = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)) if decodable else b""
    if not value or _b64url(value) != segment:
        raise SignatureRefused("malformed", "a segment of the token is not canonical base64url")
    return value


def _write_header(typ: str, key_id: str) -> bytes:
    return f'{{"alg":"{ALGORITHM}","kid":"{key_id}","typ":"{typ}"}}'.encode("ascii")


def _read_header(header: bytes, typ: str) -> str:
    # The header has one form, so it is matched, not parsed: another algorithm, jwk, jku, b64 or crit does not match.
    _check_type(typ)
    form = rf'{{"alg":"{ALGORITHM}","kid":"({KEY_ID.pattern})","typ":"{re.escape(typ)}"}}'
    match = re.fullmatch(form.encode("ascii"), header)
    if match is None:
        raise SignatureRefused("malformed", "the token's header is not ours for this kind of token")
    return match[1].decode("ascii")


def _check_type(typ: str) -> None:
    if _TYPE.fullmatch(typ) is None:
        raise SignatureRefused("malformed", "the token type is not 1 to 64 of a-z 0-9 + . -")


def _b64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii")
