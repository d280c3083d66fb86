"""Strict reading of Signature-Input and Signature (RFC 9421, section 4): one label, our parameters, canonical form."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import http_sf

from crypto.errors import SignatureRefused
from crypto.signing.keys import check_key_id

LABEL: Final = "clearline"
TAG: Final = "clearline-v1"
ALGORITHM: Final = "ed25519"
SIGNATURE_BYTES: Final = 64
NONCE: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")
_MAX_FIELD_CHARACTERS: Final = 2048
_PARAMETERS: Final = frozenset({"created", "keyid", "alg", "nonce", "tag"})
_MAX_CREATED: Final = 253_402_300_799  # 9999-12-31T23:59:59Z, the last second that datetime can hold


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureClaims:
    """What a signature says of itself; nothing of it is true until the signature has been verified."""

    key_id: str
    nonce: str = field(repr=False)
    created: int
    components: Sequence[str]
    signature: bytes = field(repr=False)


def lower_names(headers: Mapping[str, str]) -> dict[str, str]:
    """Field names are case-insensitive; two spellings of one name in a mapping are one too many."""
    fields = {name.lower(): value for name, value in headers.items()}
    if len(fields) != len(headers):
        raise SignatureRefused("malformed", "a header field appears under two spellings")
    return fields


def read_claims(fields: Mapping[str, str]) -> SignatureClaims:
    """Parse the two signature fields (names in lower case) and refuse everything outside the profile."""
    if "signature-input" not in fields or "signature" not in fields:
        raise SignatureRefused("missing", "the message carries no signature")
    components, parameters = _read_input(fields["signature-input"])
    if parameters.keys() != _PARAMETERS:
        raise SignatureRefused("malformed", "the signature parameters are not created, keyid, alg, nonce and tag")
    created = parameters["created"]
    if type(created) is not int or not 0 <= created <= _MAX_CREATED:
        raise SignatureRefused("malformed", "created is not a time in seconds")
    key_id, nonce = _string(parameters["keyid"]), _string(parameters["nonce"])
    if (_string(parameters["alg"]), _string(parameters["tag"])) != (ALGORITHM, TAG):
        raise SignatureRefused("malformed", f"the signature's alg and tag are not {ALGORITHM} and {TAG}")
    check_key_id(key_id)
    check_nonce(nonce)
    signature = _read_signature(fields["signature"])
    return SignatureClaims(key_id=key_id, nonce=nonce, created=created, components=components, signature=signature)


def check_nonce(nonce: str) -> None:
    """A nonce goes into a database column and a header: bounded, and nothing that needs quoting."""
    if NONCE.fullmatch(nonce) is None:
        raise SignatureRefused("malformed", "the nonce is not 16 to 64 of A-Z a-z 0-9 _ -")


def _string(parameter: object) -> str:
    # A Structured Field token compares equal to the string of the same letters; it is another value on the wire.
    if not isinstance(parameter, str):
        raise SignatureRefused("malformed", "keyid, alg, nonce and tag are not all strings")
    return parameter


def _read_input(value: str) -> tuple[list[str], Mapping[str, object]]:
    member = _only_member(value, "Signature-Input")
    inner_list, parameters = member if isinstance(member, tuple) else (None, {})
    if not isinstance(inner_list, list):
        raise SignatureRefused("malformed", "Signature-Input is not a list of components")
    # Each item is (value, parameters): ser gives `"@method"` for a plain name, `"signature";req` for the request's.
    components = [http_sf.ser(item) for item in inner_list]
    if len(set(components)) != len(components):
        raise SignatureRefused("malformed", "a component is covered twice")
    return components, parameters


def _read_signature(value: str) -> bytes:
    member = _only_member(value, "Signature")
    signature, parameters = member if isinstance(member, tuple) else (None, {})
    if not isinstance(signature, bytes) or len(signature) != SIGNATURE_BYTES or parameters:
        raise SignatureRefused("malformed", f"the signature is not {SIGNATURE_BYTES} bytes without parameters")
    return signature


def _only_member(value: str, name: str) -> object:
    """Parse a dictionary field that must have our label, no other, and the spelling that we would have written."""
    malformed = SignatureRefused("malformed", f"{name} is not one canonical '{LABEL}' member")
    if len(value) > _MAX_FIELD_CHARACTERS or not value.isascii():
        raise malformed
    try:
        dictionary = http_sf.parse(value.encode("ascii"), tltype="dictionary")
    except ValueError as error:
        raise malformed from error
    # Serializing again also shows a repeated label, since the parser keeps the last one only.
    if not isinstance(dictionary, dict) or dictionary.keys() != {LABEL} or http_sf.ser(dictionary) != value:
        raise malformed
    return dictionary[LABEL]
