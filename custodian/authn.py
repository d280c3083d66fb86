"""Verifies the RFC 9421 signature of a request and burns its nonce before it reads the body."""

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from flask import Request

from crypto.errors import SignatureRefused
from crypto.signing import http_message
from crypto.signing.keys import load_public
from custodian.ledger import Ledger, NonceUsed
from custodian.settings import Admission
from protocol.problems import Problem, Refusal

MAX_AGE: Final = dt.timedelta(seconds=300)
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
        """Verify the headers of ``request`` without its body; the ledger on disk finds a replayed nonce."""
        try:
            return self._verify(request)
        except SignatureRefused as refused:
            raise Refusal(_PROBLEMS[refused.code]) from None
        except NonceUsed:
            raise Refusal(Problem.SIGNATURE_REPLAYED) from None

    def _verify(self, request: Request) -> Caller:
        headers = dict(request.headers)
        admission = self._admission()
        known = admission.key(http_message.peek_key_id(headers))
        if known is None:
            raise Refusal(Problem.KEY_UNKNOWN)
        now = self._clock()
        verified = http_message.verify_request(
            http_message.SignedRequest(method=request.method, target_uri=self._target_uri(request), headers=headers),
            has_body=bool(request.content_length) or "Transfer-Encoding" in request.headers,
            public_key=load_public(known.public_key),
            now=now,
            max_age=MAX_AGE,
        )
        # Store verified nonces only, so that strangers cannot fill the ledger.
        keep = MAX_AGE + http_message.FUTURE_TOLERANCE
        self._ledger.use_nonce(verified.key_id, verified.nonce, now=now, keep=keep)
        return Caller(
            carrier=known.carrier,
            key_id=known.key_id,
            daily_quota=admission.daily_quota,
            content_digest=verified.content_digest,
        )

    def _target_uri(self, request: Request) -> str:
        # Take the path from the request line as sent; scheme and authority come from the settings, not from Host.
        raw = str(request.environ.get("RAW_URI") or quote(request.environ.get("PATH_INFO", "")))
        query = request.environ.get("QUERY_STRING", "")
        path, mark, _ = raw.partition("?")
        return self._public_url + (f"{path}?{query}" if query or mark else path)
