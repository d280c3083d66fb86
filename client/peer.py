"""One signed HTTP exchange with one peer: sign, send over a kept connection, read a bounded answer."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.signing import http_message
from crypto.signing.http_message import SignedRequest
from protocol.encodings import b64url_encode

_NONCE_BYTES: Final = 18
JSON: Final = "application/json"


class PeerSilent(Exception):
    """No usable answer: not reachable, too slow, cut off or too long; ``reason`` is a stable word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AnswerTooLong(PeerSilent):
    """The peer sent more than was agreed; a retry would fetch as much again."""

    def __init__(self) -> None:
        super().__init__("the answer is too long")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """The carrier's signing identity, with the clock and the randomness for nonces."""

    key_id: str
    private_key: Ed25519PrivateKey = field(repr=False)
    clock: Callable[[], dt.datetime]
    random: Callable[[int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A peer's answer; ``request`` is the sent request, to which a signed answer is bound."""

    status: int
    headers: httpx.Headers = field(repr=False)
    body: bytes = field(repr=False)
    request: SignedRequest = field(repr=False)

    @property
    def media_type(self) -> str:
        return str(self.headers.get("Content-Type", "")).partition(";")[0].strip().lower()


class SignedPeer:
    """A peer under a configured base URL; thread-safe, as ``httpx.Client`` is."""

    def __init__(self, base_url: str, http: httpx.Client, signer: Signer) -> None:
        self._base_url = base_url
        self._http = http
        self._signer = signer

    def exchange(
        self,
        method: str,
        path: str,
        *,
        max_answer: int,
        body: bytes | None = None,
        content_type: str = JSON,
        idempotency_key: str | None = None,
        incarnation: int | None = None,
    ) -> Answer:
        """Send once, under a fresh nonce; raises ``PeerSilent`` when nothing usable came back."""
        target = self._base_url + path
        headers = http_message.sign_request(
            method=method,
            target_uri=target,
            content_type=None if body is None else content_type,
            content_digest=None if body is None else http_message.content_digest(body),
            key_id=self._signer.key_id,
            private_key=self._signer.private_key,
            created=self._signer.clock(),
            nonce=b64url_encode(self._signer.random(_NONCE_BYTES)),
            idempotency_key=idempotency_key,
            incarnation=incarnation,
        )
        request = SignedRequest(method=method, target_uri=target, headers=headers)
        # Ask for no compression: a signed answer's digest is over the sent bytes, and tokens do not compress.
        sent = {**headers, "Accept-Encoding": "identity"}
        try:
            with self._http.stream(method, target, content=body, headers=sent) as response:
                received = _read_bounded(response, max_answer)
                return Answer(status=response.status_code, headers=response.headers, body=received, request=request)
        except httpx.ConnectError:
            raise PeerSilent("not reachable") from None
        except httpx.TimeoutException:
            raise PeerSilent("no answer in time") from None
        except httpx.HTTPError as trouble:
            raise PeerSilent(f"the connection failed ({type(trouble).__name__})") from None


def _read_bounded(response: httpx.Response, limit: int) -> bytes:
    received = bytearray()
    for piece in response.iter_raw():
        received += piece
        if len(received) > limit:
            raise AnswerTooLong
    return bytes(received)
