"""Signs and verifies HTTP messages under a closed profile of RFC 9421: Ed25519, one signature a message.

A request covers @method, @target-uri and each of `_COVERED_WHEN_PRESENT` that it carries; one with a body must carry
content-type and content-digest. The agent of an office's reading is covered like a body, by its digest: signature bases
are kept for ever, and name no member of staff. An answer covers @status, content-type, content-digest, each of
`_IN_SOME_ANSWERS` that it carries and, with the "req" flag (section 2.4), the request's method, target, digest and
signature; it repeats the request's nonce. The target URI is the configured public base URL plus the raw path and
query: neither Host nor a forwarding header can move a signature to another server.

signature_input.py reads and writes the two signature fields, signature_base.py writes the base. Only what
the profile allows is written or taken, so that neither needs a parser; a general library checks both in the tests.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from crypto.errors import SignatureRefused
from crypto.signing.content_digest import (
    BodyDigest,
    agent_digest,
    content_digest,
    read_content_digest,
    verify_agent_digest,
    verify_content_digest,
)
from crypto.signing.signature_base import METHOD, STATUS, TARGET_URI, of_field, of_request, signature_base
from crypto.signing.signature_input import (
    LABEL,
    SignatureClaims,
    lower_names,
    read_claims,
    write_parameters,
    write_signature,
)

__all__ = [
    "AGENT_HEADER",
    "FUTURE_TOLERANCE",
    "INCARNATION_HEADER",
    "LOG_ENTRY_HEADER",
    "MAX_AGE",
    "PURPOSE_HEADER",
    "BodyDigest",
    "SignedRequest",
    "Verified",
    "content_digest",
    "peek_key_id",
    "sign_request",
    "sign_response",
    "verify_content_digest",
    "verify_request",
    "verify_response",
]

MAX_AGE: Final = timedelta(seconds=300)
FUTURE_TOLERANCE: Final = timedelta(seconds=30)
"""Another clock may run ahead by this; a nonce must be remembered for MAX_AGE + FUTURE_TOLERANCE."""

INCARNATION_HEADER: Final = "Clearline-Incarnation"
"""This header carries the incarnation of the registry's database, a number that each restore raises."""
_INCARNATION: Final = INCARNATION_HEADER.lower()
PURPOSE_HEADER: Final = "Clearline-Purpose"
"""This header says what an office reads for."""
AGENT_HEADER: Final = "Clearline-Agent"
"""This header names the member of an office's staff that reads, by a reference and a salt."""
AGENT_DIGEST_HEADER: Final = "Clearline-Agent-Digest"
LOG_ENTRY_HEADER: Final = "Clearline-Log-Entry"
"""This header of an answer names the log's entry of the reading that it answers."""
_AGENT: Final = AGENT_HEADER.lower()
_AGENT_DIGEST: Final = AGENT_DIGEST_HEADER.lower()
_COVERED_WHEN_PRESENT: Final = (
    "content-type",
    "content-digest",
    "content-encoding",
    "idempotency-key",
    _INCARNATION,
    PURPOSE_HEADER.lower(),
    _AGENT_DIGEST,
)
_NEEDED_WITH_BODY: Final = ("content-type", "content-digest")
_DIGEST: Final = of_field("content-digest")
_IN_EACH_ANSWER: Final = ("content-type", "content-digest")
_IN_SOME_ANSWERS: Final = (_INCARNATION, LOG_ENTRY_HEADER.lower())
_COVERED_OF_REQUEST: Final = ("signature", "content-digest")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """A request as both sides see it: `target_uri` is never taken from the Host header."""

    method: str
    target_uri: str
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A verified message. `signature_base` and `signature` prove to others that its signer signed it.

    The body is still unread: pass `content_digest` and the digest of what arrives to `verify_content_digest`.
    """

    key_id: str
    nonce: str = field(repr=False)
    created: datetime
    content_digest: str | None
    signature_base: bytes = field(repr=False)
    signature: bytes = field(repr=False)


def sign_request(
    *,
    method: str,
    target_uri: str,
    content_type: str | None,
    content_digest: str | None,
    key_id: str,
    private_key: Ed25519PrivateKey,
    created: datetime,
    nonce: str,
    idempotency_key: str | None = None,
    content_encoding: str | None = None,
    incarnation: int | None = None,
    purpose: str | None = None,
    agent: str | None = None,
) -> dict[str, str]:
    """Sign a request; returns every header that it must be sent with. `content_digest` is None without a body.

    `purpose` and `agent` are the values of an office's reading (ASCII); `agent` is sent beside its covered digest.
    """
    optional = {
        "Content-Type": content_type,
        "Content-Digest": content_digest,
        "Content-Encoding": content_encoding,
        "Idempotency-Key": idempotency_key,
        INCARNATION_HEADER: None if incarnation is None else str(incarnation),
        PURPOSE_HEADER: purpose,
        AGENT_HEADER: agent,
        AGENT_DIGEST_HEADER: None if agent is None else agent_digest(agent),
    }
    headers = {name: value for name, value in optional.items() if value is not None}
    values = _request_values(method, target_uri, lower_names(headers), has_body=content_digest is not None)
    return headers | _sign(values, key_id=key_id, private_key=private_key, created=created, nonce=nonce)


def peek_key_id(headers: Mapping[str, str]) -> str:
    """Return the key id that a signature names, so that the caller can look up the key. It is not verified yet."""
    return read_claims(lower_names(headers)).key_id


def verify_request(
    request: SignedRequest,
    *,
    has_body: bool,
    public_key: Ed25519PublicKey,
    now: datetime,
    max_age: timedelta = MAX_AGE,
) -> Verified:
    """Verify a request before its body is read; `public_key` is the one that `peek_key_id` led to.

    `has_body` comes from the framing (Content-Length above zero, or Transfer-Encoding), not from the signer.
    The caller must still refuse a used nonce and, once the body is read, a wrong digest.
    """
    fields = lower_names(request.headers)
    values = _request_values(request.method, request.target_uri, fields, has_body=has_body)
    verified = _verify(read_claims(fields), values, public_key=public_key, now=now, max_age=max_age)
    if _AGENT in fields:
        verify_agent_digest(fields[_AGENT_DIGEST], fields[_AGENT])
    return verified


def sign_response(
    *,
    status: int,
    content_type: str,
    content_digest: str,
    request: SignedRequest,
    key_id: str,
    private_key: Ed25519PrivateKey,
    created: datetime,
    incarnation: int | None = None,
    log_entry: str | None = None,
) -> dict[str, str]:
    """Sign the answer to a signed request; returns the headers to send with it.

    `log_entry` is the id of the entry (ASCII) that logs the reading which this answers.
    """
    headers = {"Content-Type": content_type, "Content-Digest": content_digest}
    if incarnation is not None:
        headers[INCARNATION_HEADER] = str(incarnation)
    if log_entry is not None:
        headers[LOG_ENTRY_HEADER] = log_entry
    asked = lower_names(request.headers)
    values = _response_values(status, lower_names(headers), request, asked)
    nonce = read_claims(asked).nonce
    return headers | _sign(values, key_id=key_id, private_key=private_key, created=created, nonce=nonce)


def verify_response(
    *,
    status: int,
    headers: Mapping[str, str],
    request: SignedRequest,
    public_key: Ed25519PublicKey,
    now: datetime,
    max_age: timedelta = MAX_AGE,
) -> Verified:
    """Verify that this is the pinned server's answer to exactly this `request` (its headers as they were sent)."""
    fields, asked = lower_names(headers), lower_names(request.headers)
    claims, nonce = read_claims(fields), read_claims(asked).nonce
    values = _response_values(status, fields, request, asked)
    verified = _verify(claims, values, public_key=public_key, now=now, max_age=max_age)
    if verified.nonce != nonce:
        raise SignatureRefused("invalid", "the answer's nonce is not the request's")
    return verified


def _request_values(method: str, target_uri: str, fields: Mapping[str, str], *, has_body: bool) -> dict[str, str]:
    """Pair each component that the profile covers in this request with its value."""
    if has_body and not all(name in fields for name in _NEEDED_WITH_BODY):
        raise SignatureRefused("malformed", "a request with a body needs Content-Type and Content-Digest")
    if (_AGENT in fields) != (_AGENT_DIGEST in fields):
        raise SignatureRefused("malformed", "Clearline-Agent needs its digest, and the digest needs it")
    covered = {of_field(name): fields[name] for name in _COVERED_WHEN_PRESENT if name in fields}
    return {METHOD: method, TARGET_URI: target_uri} | covered


def _response_values(
    status: int, fields: Mapping[str, str], request: SignedRequest, asked: Mapping[str, str]
) -> dict[str, str]:
    """The same for an answer to a request whose fields are `asked`; the request's signature binds the rest of it."""
    values = {STATUS: str(status)}
    if not all(name in fields for name in _IN_EACH_ANSWER):
        raise SignatureRefused("invalid", "an answer needs Content-Type and Content-Digest")
    values |= {of_field(name): fields[name] for name in (*_IN_EACH_ANSWER, *_IN_SOME_ANSWERS) if name in fields}
    values |= {of_request(METHOD): request.method, of_request(TARGET_URI): request.target_uri}
    values |= {of_request(of_field(name)): asked[name] for name in _COVERED_OF_REQUEST if name in asked}
    return values


def _sign(
    values: Mapping[str, str], *, key_id: str, private_key: Ed25519PrivateKey, created: datetime, nonce: str
) -> dict[str, str]:
    """Sign the components in their order; returns the two signature fields."""
    parameters = write_parameters(values, created=int(created.timestamp()), key_id=key_id, nonce=nonce)
    try:
        if _DIGEST in values:
            read_content_digest(values[_DIGEST])
        base = signature_base(values, values, parameters)
    except SignatureRefused as refused:
        raise SignatureRefused("malformed", "the message cannot be signed") from refused
    return {
        "Signature-Input": f"{LABEL}={parameters}",
        "Signature": write_signature(private_key.sign(base)),
    }


def _verify(
    claims: SignatureClaims,
    values: Mapping[str, str],
    *,
    public_key: Ed25519PublicKey,
    now: datetime,
    max_age: timedelta,
) -> Verified:
    # The signature must cover exactly these components, in any order: we would not look at any other.
    if set(claims.components) != values.keys():
        raise SignatureRefused("malformed", "the signature does not cover exactly the components of the profile")
    created = _check_freshness(claims, now=now, max_age=max_age)
    base = signature_base(claims.components, values, claims.parameters)
    try:
        public_key.verify(claims.signature, base)
    except InvalidSignature as error:
        raise SignatureRefused("invalid", "the signature does not verify") from error
    return Verified(
        key_id=claims.key_id,
        nonce=claims.nonce,
        created=created,
        content_digest=values.get(_DIGEST),
        signature_base=base,
        signature=claims.signature,
    )


def _check_freshness(claims: SignatureClaims, *, now: datetime, max_age: timedelta) -> datetime:
    created = datetime.fromtimestamp(claims.created, tz=UTC)
    if created > now + FUTURE_TOLERANCE:
        raise SignatureRefused("stale", "the signature is from the future")
    if now - created > max_age:
        raise SignatureRefused("stale", "the signature is too old")
    return created
