"""Reads Signature-Input and Signature strictly (RFC 9421, section 4): one label, our parameters, canonical form.

The profile leaves these fields so little freedom that they are matched, not parsed. A general parser would also take
a second label, a token for a string, spaces or a repeated parameter; none of these matches.
"""

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from crypto.errors import SignatureRefused
from crypto.signing.keys import check_key_id

LABEL: Final = "clearline"
TAG: Final = "clearline-v1"
ALGORITHM: Final = "ed25519"
NONCE: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")
_MAX_FIELD_CHARACTERS: Final = 2048

_COMPONENT: Final = r'"[a-z@-]+"(?:;req)?'
_PARAMETER: Final = r';[a-z]+=(?:"[A-Za-z0-9._:-]+"|0|[1-9][0-9]*)'
_INPUT: Final = re.compile(rf"{LABEL}=\(({_COMPONENT}(?: {_COMPONENT})*)\)((?:{_PARAMETER})+)")
_SIGNATURE: Final = re.compile(rf"{LABEL}=:([A-Za-z0-9+/]{{86}}==):")
_PARAMETERS: Final = frozenset({"created", "keyid", "alg", "nonce", "tag"})
_MAX_CREATED: Final = 253_402_300_799  # 9999-12-31T23:59:59Z, the last second that datetime can hold


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureClaims:
    """The claims of a signature; the caller must not trust them before the signature is verified."""

    key_id: str
    nonce: str = field(repr=False)
    created: int
    components: tuple[str, ...]
    """As they are spelled and in their order, each once."""
    parameters: str = field(repr=False)
    """The inner list with its parameters, the value of @signature-params (section 2.3)."""
    signature: bytes = field(repr=False)


def lower_names(headers: Mapping[str, str]) -> dict[str, str]:
    """Write all field names in lower case; refuse a mapping that holds one name in two spellings."""
    fields = {name.lower(): value for name, value in headers.items()}
    if len(fields) != len(headers):
        raise SignatureRefused("malformed", "a header field appears under two spellings")
    return fields


def read_claims(fields: Mapping[str, str]) -> SignatureClaims:
    """Read the two signature fields (names in lower case) and refuse everything outside the profile."""
    if "signature-input" not in fields or "signature" not in fields:
        raise SignatureRefused("missing", "the message carries no signature")
    components, parameters = _read_input(fields["signature-input"])
    if (parameters["alg"], parameters["tag"]) != (f'"{ALGORITHM}"', f'"{TAG}"'):
        raise SignatureRefused("malformed", f"the signature's alg and tag are not {ALGORITHM} and {TAG}")
    key_id, nonce = _string(parameters["keyid"]), _string(parameters["nonce"])
    check_key_id(key_id)
    check_nonce(nonce)
    return SignatureClaims(
        key_id=key_id,
        nonce=nonce,
        created=_time(parameters["created"]),
        components=components,
        parameters=fields["signature-input"].removeprefix(f"{LABEL}="),
        signature=_read_signature(fields["signature"]),
    )


def check_nonce(nonce: str) -> None:
    """Refuse a nonce that is too long or needs quoting: it goes into a database column and a header."""
    if NONCE.fullmatch(nonce) is None:
        raise SignatureRefused("malformed", "the nonce is not 16 to 64 of A-Z a-z 0-9 _ -")


def _read_input(value: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """Read the components and, as they are spelled, the parameters' values; both may come in any order."""
    match = _INPUT.fullmatch(value) if len(value) <= _MAX_FIELD_CHARACTERS else None
    if match is None:
        raise SignatureRefused("malformed", f"Signature-Input is not one canonical '{LABEL}' member")
    components, given = match[1].split(" "), match[2][1:].split(";")
    parameters = dict(parameter.split("=") for parameter in given)
    if parameters.keys() != _PARAMETERS or len(given) != len(_PARAMETERS):
        raise SignatureRefused("malformed", "the signature parameters are not created, keyid, alg, nonce and tag")
    if len(set(components)) != len(components):
        raise SignatureRefused("malformed", "a component is covered twice")
    return tuple(components), parameters


def _read_signature(value: str) -> bytes:
    match = _SIGNATURE.fullmatch(value)
    signature = b"" if match is None else base64.b64decode(match[1])
    # The last character has spare bits: refuse any spelling but our own.
    if write_signature(signature) != value:
        raise SignatureRefused("malformed", f"Signature is not one canonical '{LABEL}' member of 64 bytes")
    return signature


def write_parameters(components: Iterable[str], *, created: int, key_id: str, nonce: str) -> str:
    """Write the inner list of the components with the profile's parameters, in the order in which we send them."""
    check_key_id(key_id)
    check_nonce(nonce)
    return f'({" ".join(components)});created={created};keyid="{key_id}";alg="{ALGORITHM}";nonce="{nonce}";tag="{TAG}"'


def write_signature(signature: bytes) -> str:
    """Write the Signature field of the profile."""
    return f"{LABEL}=:{base64.b64encode(signature).decode('ascii')}:"


def _string(value: str) -> str:
    if not value.startswith('"'):
        raise SignatureRefused("malformed", "keyid and nonce are not strings")
    return value[1:-1]


def _time(value: str) -> int:
    if not value.isdigit() or len(value) > len(str(_MAX_CREATED)) or int(value) > _MAX_CREATED:
        raise SignatureRefused("malformed", "created is not a time in seconds")
    return int(value)
