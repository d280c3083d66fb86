"""Who asks: the RFC 9421 signature of a request, verified and burnt before anything of its body is read."""

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import Request

from crypto.errors import SignatureRefused
from crypto.signing import http_message
from crypto.signing.keys import load_public
from custodian.ledger import Ledger, NonceUsed
from custodian.settings import CarrierKey
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
    """A carrier whose signature verified, and the body digest that it signed."""

    carrier: str
    content_digest: str | None

    def check_body(self, body: bytes) -> None:
        """Refuse a body that is not the signed one."""
        try:
            http_message.verify_content_digest(self.content_digest, hashlib.sha256(body).digest())
        except SignatureRefused:
            raise Refusal(Problem.DIGEST_MISMATCH) from None


class Door:
    """Knows the carriers' keys; lets a request in once."""

    def __init__(
        self, *, public_url: str, carriers: tuple[CarrierKey, ...], ledger: Ledger, clock: Callable[[], dt.datetime]
    ) -> None:
        self._public_url = public_url
        self._ledger = ledger
        self._clock = clock
        self._carriers: Mapping[str, tuple[str, Ed25519PublicKey]] = {
            each.key_id: (each.carrier, load_public(each.public_key)) for each in carriers
        }

    def admit(self, request: Request) -> Caller:
        """Verify the headers of ``request``; its body stays unread. A replayed nonce is found on disk."""
        try:
            return self._verify(request)
        except SignatureRefused as refused:
            raise Refusal(_PROBLEMS[refused.code]) from None
        except NonceUsed:
            raise Refusal(Problem.SIGNATURE_REPLAYED) from None

    def _verify(self, request: Request) -> Caller:
        headers = dict(request.headers)
        known = self._carriers.get(http_message.peek_key_id(headers))
        if known is None:
            raise Refusal(Problem.KEY_UNKNOWN)
        carrier, public_key = known
        now = self._clock()
        verified = http_message.verify_request(
            http_message.SignedRequest(method=request.method, target_uri=self._target_uri(request), headers=headers),
            has_body=bool(request.content_length) or "Transfer-Encoding" in request.headers,
            public_key=public_key,
            now=now,
            max_age=MAX_AGE,
        )
        # Only a verified nonce is stored: strangers cannot fill the ledger.
        keep = MAX_AGE + http_message.FUTURE_TOLERANCE
        self._ledger.use_nonce(verified.key_id, verified.nonce, now=now, keep=keep)
        return Caller(carrier=carrier, content_digest=verified.content_digest)

    def _target_uri(self, request: Request) -> str:
        # From the request line as it was sent; scheme and authority come from the settings, never from Host.
        raw = str(request.environ.get("RAW_URI") or quote(request.environ.get("PATH_INFO", "")))
        query = request.environ.get("QUERY_STRING", "")
        path, mark, _ = raw.partition("?")
        return self._public_url + (f"{path}?{query}" if query or mark else path)
