"""Verifies the RFC 9421 signature of a request before its body is read, and uses its nonce up before it is answered."""

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import Request

from crypto.errors import SignatureRefused
from crypto.signing import http_message
from crypto.signing.keys import load_public
from custodian.ledger import Ledger, NonceUse, NonceUsed, QuotaExceeded
from custodian.settings import Admission, Peer
from protocol.problems import Problem, Refusal

MAX_AGE: Final = dt.timedelta(seconds=300)
_KEEP: Final = MAX_AGE + http_message.FUTURE_TOLERANCE
_KEYS_REMEMBERED: Final = 256
_PROBLEMS: Final = {
    "missing": Problem.SIGNATURE_MISSING,
    "malformed": Problem.SIGNATURE_INVALID,
    "invalid": Problem.SIGNATURE_INVALID,
    "stale": Problem.SIGNATURE_STALE,
    "digest": Problem.DIGEST_MISMATCH,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A carrier whose signature verified, its key, and the body digest that it signed."""

    carrier: str
    key_id: str
    daily_quota: int
    """The most elements that the carrier may have evaluated on a UTC day."""
    content_digest: str | None
    nonce: str = field(repr=False)
    created: dt.datetime

    def check_body(self, body: bytes) -> None:
        """Refuse a body whose digest is not the signed one."""
        try:
            http_message.verify_content_digest(self.content_digest, hashlib.sha256(body).digest())
        except SignatureRefused:
            raise Refusal(Problem.DIGEST_MISMATCH) from None


class Door:
    """Admits each request once, under a key that is valid at that moment: it asks ``admission`` for each request."""

    def __init__(
        self,
        *,
        public_url: str,
        admission: Callable[[], Admission],
        ledger: Ledger,
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._public_url = public_url
        self._ledger = ledger
        self._clock = clock
        self._admission = admission

    def admit(self, request: Request) -> Caller:
        """Verify the headers of ``request`` without its body, and use its nonce up. Raises Refusal."""
        caller = self.verify(request)
        self.use_up(caller)
        return caller

    def admit_peer(self, request: Request) -> Peer:
        """Do the same for another custodian, to whom alone ceremonies are shown. Raises Refusal: others are unknown."""
        headers, admission = dict(request.headers), self._admission()
        try:
            peer = admission.peer(http_message.peek_key_id(headers))
            if peer is None:
                raise Refusal(Problem.KEY_UNKNOWN)
            verified = self._verified(request, headers, peer.public_key)
        except SignatureRefused as refused:
            raise Refusal(_PROBLEMS[refused.code]) from None
        self.use_up(verified)
        return peer

    def verify(self, request: Request) -> Caller:
        """Verify the headers; ``count`` or ``use_up`` has to follow once the body is read. Raises Refusal."""
        try:
            return self._verify(request)
        except SignatureRefused as refused:
            raise Refusal(_PROBLEMS[refused.code]) from None

    def use_up(self, caller: Caller | http_message.Verified) -> None:
        """Use up the nonce of a request that counts nothing; the ledger on disk finds a replayed one."""
        use = self._use(caller)
        try:
            self._ledger.use_nonce(use.key_id, use.nonce, now=use.now, keep=use.keep)
        except NonceUsed:
            raise Refusal(Problem.SIGNATURE_REPLAYED) from None

    def count(self, caller: Caller, elements: int) -> None:
        """Use the nonce up and count the elements, in one commit: a disk's round trip for each would double the wait.

        Count before the evaluation: neither a failure afterwards nor a crash gives quota back. If we die before the
        commit, nothing was evaluated and the request may come again.
        """
        use = self._use(caller)
        day = use.now.astimezone(dt.UTC).date()
        try:
            self._ledger.consume(caller.carrier, day=day, elements=elements, quota=caller.daily_quota, use=use)
        except NonceUsed:
            raise Refusal(Problem.SIGNATURE_REPLAYED) from None
        except QuotaExceeded:
            raise Refusal(Problem.QUOTA_EXCEEDED) from None

    def _use(self, caller: Caller | http_message.Verified) -> NonceUse:
        now = self._clock()
        # A body may take its time, and a used nonce is forgotten: what is stale by now must not come in again.
        if now - caller.created > MAX_AGE:
            raise Refusal(Problem.SIGNATURE_STALE)
        # Store verified nonces only, so that strangers cannot fill the ledger.
        return NonceUse(key_id=caller.key_id, nonce=caller.nonce, now=now, keep=_KEEP)

    def _verify(self, request: Request) -> Caller:
        headers = dict(request.headers)
        admission = self._admission()
        known = admission.key(http_message.peek_key_id(headers))
        if known is None:
            raise Refusal(Problem.KEY_UNKNOWN)
        verified = self._verified(request, headers, known.public_key)
        return Caller(
            carrier=known.carrier,
            key_id=known.key_id,
            daily_quota=admission.daily_quota,
            content_digest=verified.content_digest,
            nonce=verified.nonce,
            created=verified.created,
        )

    def _verified(self, request: Request, headers: Mapping[str, str], public_key: bytes) -> http_message.Verified:
        return http_message.verify_request(
            http_message.SignedRequest(method=request.method, target_uri=self._target_uri(request), headers=headers),
            has_body=bool(request.content_length) or "Transfer-Encoding" in request.headers,
            public_key=_public_key(public_key),
            now=self._clock(),
            max_age=MAX_AGE,
        )

    def _target_uri(self, request: Request) -> str:
        # Take the path from the request line as sent; scheme and authority come from the settings, not from Host.
        raw = str(request.environ.get("RAW_URI") or quote(request.environ.get("PATH_INFO", "")))
        query = request.environ.get("QUERY_STRING", "")
        path, mark, _ = raw.partition("?")
        return self._public_url + (f"{path}?{query}" if query or mark else path)


@lru_cache(maxsize=_KEYS_REMEMBERED)
def _public_key(encoded: bytes) -> Ed25519PublicKey:
    """Read a key once for all of its requests; the admission decides at each request whether the key is good."""
    return load_public(encoded)
