"""Signs and verifies HTTP messages under a closed profile of RFC 9421: Ed25519, one signature a message.

A request covers @method, @target-uri and each of `_COVERED_WHEN_PRESENT` that it carries; one with a body must carry
content-type and content-digest. An answer covers @status, content-type, content-digest, clearline-incarnation if it
carries that and, with the "req" flag (section 2.4), the request's method, target, digest and signature; it repeats
the request's nonce. The target URI is the
configured public base URL plus the raw path and query: neither Host nor a forwarding header can move a signature to
another server.

The library canonicalises (section 2.5), signs and verifies. The profile is enforced here, since its defaults would take
any components, any label, any parameters, and the wall clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    MappingKeyResolver,
)
from http_message_signatures.algorithms import ED25519

from crypto.errors import SignatureRefused
from crypto.signing.content_digest import BodyDigest, content_digest, verify_content_digest
from crypto.signing.keys import check_key_id
from crypto.signing.signature_input import (
    LABEL,
    TAG,
    SignatureClaims,
    check_nonce,
    lower_names,
    read_claims,
    write_signature,
)

__all__ = [
    "FUTURE_TOLERANCE",
    "INCARNATION_HEADER",
    "MAX_AGE",
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
_COVERED_WHEN_PRESENT: Final = ("content-type", "content-digest", "content-encoding", "idempotency-key", _INCARNATION)
_NEEDED_WITH_BODY: Final = ("content-type", "content-digest")


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
) -> dict[str, str]:
    """Sign a request; returns every header that it must be sent with. `content_digest` is None without a body."""
    optional = {
        "Content-Type": content_type,
        "Content-Digest": content_digest,
        "Content-Encoding": content_encoding,
        "Idempotency-Key": idempotency_key,
        INCARNATION_HEADER: None if incarnation is None else str(incarnation),
    }
    headers = {name: value for name, value in optional.items() if value is not None}
    components = _request_components(lower_names(headers), has_body=content_digest is not None)
    message = _Request(method=method, url=target_uri, headers=headers)
    _sign(message, components, key_id=key_id, private_key=private_key, created=created, nonce=nonce)
    return headers


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
    message = _Request(method=request.method, url=request.target_uri, headers=fields)
    components = _request_components(fields, has_body=has_body)
    return _verify(message, components, public_key=public_key, now=now, max_age=max_age)


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
) -> dict[str, str]:
    """Sign the answer to a signed request; returns the headers to send with it."""
    headers = {"Content-Type": content_type, "Content-Digest": content_digest}
    if incarnation is not None:
        headers[INCARNATION_HEADER] = str(incarnation)
    message, claims = _answer_to(request, status=status, headers=headers)
    components = _response_components(lower_names(headers), message.request.headers)
    _sign(message, components, key_id=key_id, private_key=private_key, created=created, nonce=claims.nonce)
    return headers


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
    fields = lower_names(headers)
    message, claims = _answer_to(request, status=status, headers=fields)
    components = _response_components(fields, message.request.headers)
    verified = _verify(message, components, public_key=public_key, now=now, max_age=max_age)
    if verified.nonce != claims.nonce:
        raise SignatureRefused("invalid", "the answer's nonce is not the request's")
    return verified


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """The attributes that the library reads from a request."""

    method: str
    url: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Response:
    """The attributes that the library reads from a response."""

    status_code: int
    headers: dict[str, str]
    request: _Request


class _ProfileVerifier(HTTPMessageVerifier):
    """The library's verifier without its wall clock: freshness is checked against the `now` that is passed in."""

    def validate_created_and_expires(self, sig_input: object, max_age: timedelta | None = None) -> None:
        """Do nothing: `_check_freshness` ran before, and the profile has no parameter `expires`."""


def _answer_to(request: SignedRequest, *, status: int, headers: dict[str, str]) -> tuple[_Response, SignatureClaims]:
    fields = lower_names(request.headers)
    asked = _Request(method=request.method, url=request.target_uri, headers=fields)
    return _Response(status_code=status, headers=headers, request=asked), read_claims(fields)


def _request_components(fields: Mapping[str, str], *, has_body: bool) -> list[str]:
    if has_body and not all(name in fields for name in _NEEDED_WITH_BODY):
        raise SignatureRefused("malformed", "a request with a body needs Content-Type and Content-Digest")
    return ["@method", "@target-uri", *(name for name in _COVERED_WHEN_PRESENT if name in fields)]


def _response_components(fields: Mapping[str, str], request_fields: Mapping[str, str]) -> list[str]:
    own = ["@status", "content-type", "content-digest", *(name for name in (_INCARNATION,) if name in fields)]
    of_request = ["@method", "@target-uri", "signature"]
    if "content-digest" in request_fields:
        of_request.append("content-digest")
    return [*own, *(f'"{name}";req' for name in of_request)]


def _sign(
    message: _Request | _Response,
    components: list[str],
    *,
    key_id: str,
    private_key: Ed25519PrivateKey,
    created: datetime,
    nonce: str,
) -> None:
    check_key_id(key_id)
    check_nonce(nonce)
    signer = HTTPMessageSigner(signature_algorithm=ED25519)
    try:
        prepared = signer.prepare(
            message,
            key_id=key_id,
            created=created,
            nonce=nonce,
            label=LABEL,
            tag=TAG,
            covered_component_ids=components,
            use_existing_digest="content-digest" in components,
        )
    except HTTPMessageSignaturesException as error:
        raise SignatureRefused("malformed", "the message cannot be signed") from error
    # Do not call signer.apply: it builds the whole base a second time, which only a remote signer needs.
    message.headers["Signature-Input"] = f"{LABEL}={prepared.signature_params}"
    message.headers["Signature"] = write_signature(private_key.sign(prepared.signature_base))


def _verify(
    message: _Request | _Response,
    components: list[str],
    *,
    public_key: Ed25519PublicKey,
    now: datetime,
    max_age: timedelta,
) -> Verified:
    claims = read_claims(message.headers)
    _check_coverage(claims, components)
    created = _check_freshness(claims, now=now, max_age=max_age)
    verifier = _ProfileVerifier(
        signature_algorithm=ED25519,
        key_resolver=MappingKeyResolver(public_keys={claims.key_id: public_key}, private_keys={}),
    )
    try:
        # Pass no `body`: it is not read yet. The signature covers the digest; verify_content_digest compares it later.
        [result] = verifier.verify(message, max_age=None, expect_tag=TAG, require_components=components)
    except HTTPMessageSignaturesException as error:
        raise SignatureRefused("invalid", "the signature does not verify") from error
    base = "\n".join(f"{name}: {value}" for name, value in result.covered_components.items())
    return Verified(
        key_id=claims.key_id,
        nonce=claims.nonce,
        created=created,
        content_digest=message.headers.get("content-digest"),
        signature_base=base.encode("ascii"),
        signature=claims.signature,
    )


def _check_coverage(claims: SignatureClaims, components: list[str]) -> None:
    # The signature must cover exactly these components, in any order: we would not look at any other.
    required = {name if name.startswith('"') else f'"{name}"' for name in components}
    if claims.components != required:
        raise SignatureRefused("malformed", "the signature does not cover exactly the components of the profile")


def _check_freshness(claims: SignatureClaims, *, now: datetime, max_age: timedelta) -> datetime:
    created = datetime.fromtimestamp(claims.created, tz=UTC)
    if created > now + FUTURE_TOLERANCE:
        raise SignatureRefused("stale", "the signature is from the future")
    if now - created > max_age:
        raise SignatureRefused("stale", "the signature is too old")
    return created
