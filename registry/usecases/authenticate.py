"""Authenticates a request before its body is read, and stores it so that it can be neither replayed nor denied."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from crypto.errors import SignatureRefused
from crypto.signing.content_digest import verify_content_digest
from crypto.signing.http_message import FUTURE_TOLERANCE, MAX_AGE, SignedRequest, Verified, peek_key_id, verify_request
from crypto.signing.keys import load_public
from protocol.codes import Role
from protocol.log_entries import request_digest
from protocol.problems import Problem, Refusal
from registry.domain.ids import uuid7
from registry.domain.participants import Actor, Participant, SigningKey
from registry.domain.requests import Arrival, KeptRequest
from registry.usecases.arrivals import arrive
from registry.usecases.clock.judge_clock import require_clock
from registry.usecases.context import Registry

NONCE_LIFE = MAX_AGE + FUTURE_TOLERANCE
"""A nonce must be stored for this long: an older signature is refused."""

_PROBLEMS = {
    "missing": Problem.SIGNATURE_MISSING,
    "malformed": Problem.SIGNATURE_INVALID,
    "stale": Problem.SIGNATURE_STALE,
    "invalid": Problem.SIGNATURE_INVALID,
    "digest": Problem.DIGEST_MISMATCH,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingRequest:
    """A request before its body is read.

    ``target_uri`` is built from the configured public URL, never from Host; ``has_body`` comes from the framing.
    """

    method: str
    target_uri: str
    headers: Mapping[str, str] = field(repr=False)
    has_body: bool


def authenticate(registry: Registry, request: IncomingRequest, *, in_its_work: bool = False) -> Actor:
    """Verify the signature, let the request in, and return the sender.

    ``in_its_work``: the transaction of its work lets it in (``answer_once``), or ``arrive_alone`` where that is
    refused. Raises Refusal: SIGNATURE_MISSING, SIGNATURE_INVALID, SIGNATURE_STALE, SIGNATURE_REPLAYED, KEY_UNKNOWN;
    before all of them CLOCK_NOT_TRUSTED: a clock in doubt can neither find a signature stale nor date an act.
    """
    require_clock(registry)
    try:
        key_id = peek_key_id(request.headers)
        signer = registry.known_keys.find(key_id, lambda: _read_key(registry, key_id))
        if signer is None:
            raise Refusal(Problem.KEY_UNKNOWN)
        now = registry.clock()
        verified = verify_request(
            SignedRequest(method=request.method, target_uri=request.target_uri, headers=request.headers),
            has_body=request.has_body,
            public_key=signer.public_key,
            now=now,
        )
    except SignatureRefused as refused:
        raise Refusal(_PROBLEMS[refused.code]) from None
    sender = _sender(registry, signer.participant, verified, now)
    if in_its_work:
        return sender
    registry.store.write(lambda tx: arrive(registry, tx, sender))
    return replace(sender, arrival=None)


def check_body_digest(headers: Mapping[str, str], sha256_of_body: bytes) -> None:
    """Compare the body that arrived with the signed Content-Digest; raises Refusal DIGEST_MISMATCH."""
    header = {name.lower(): value for name, value in headers.items()}.get("content-digest")
    try:
        verify_content_digest(header, sha256_of_body)
    except SignatureRefused:
        raise Refusal(Problem.DIGEST_MISMATCH) from None


def require_role(actor: Actor, *roles: Role) -> None:
    """Raise Refusal ROLE_MISSING unless the actor holds one of ``roles``."""
    if actor.roles.isdisjoint(roles):
        raise Refusal(Problem.ROLE_MISSING)


def _read_key(registry: Registry, key_id: str) -> SigningKey | None:
    found = registry.store.read(lambda tx: tx.participants.key(key_id))
    if found is None or found[1].revoked_at is not None:
        return None
    participant, key = found
    return SigningKey(participant=participant, public_key=load_public(key.public_key))


def _sender(registry: Registry, participant: Participant, verified: Verified, now: dt.datetime) -> Actor:
    kept = KeptRequest(
        request_id=uuid7(now, registry.random),
        participant_id=participant.participant_id,
        key_id=verified.key_id,
        signature_base=verified.signature_base,
        signature=verified.signature,
        received_at=now,
    )
    return Actor(
        participant_id=participant.participant_id,
        key_id=verified.key_id,
        roles=participant.roles,
        request_id=kept.request_id,
        request_digest=request_digest(verified.signature_base, verified.signature),
        arrival=Arrival(nonce=verified.nonce, kept=kept),
    )
