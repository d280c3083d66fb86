"""One signed HTTP exchange with one peer: sign, send over a kept connection, read a bounded answer."""

import datetime as dt
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Final, Self

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from client.deadline import Deadline
from client.lifeline import Lifeline
from client.sending import ConnectionStale, HttpxSender, Sender
from crypto.signing import http_message
from crypto.signing.http_message import SignedRequest
from protocol.encodings import b64url_encode
from protocol.readings import AGENT_SALT_BYTES, Agent, ReadingPurpose, write_agent

_NONCE_BYTES: Final = 18
JSON: Final = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """The carrier's signing identity, with the clock and the randomness for nonces."""

    key_id: str
    private_key: Ed25519PrivateKey = field(repr=False)
    clock: Callable[[], dt.datetime]
    random: Callable[[int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingContext:
    """The purpose for which an office reads, and its reference (16 bytes) of the member of staff that does."""

    purpose: ReadingPurpose | None = None
    agent: bytes | None = field(default=None, repr=False)

    def headers(self, random: Callable[[int], bytes]) -> dict[str, str | None]:
        """Write purpose and agent for one request, the agent under a new salt, as ``sign_request`` takes them."""
        agent = None if self.agent is None else Agent(reference=self.agent, salt=random(AGENT_SALT_BYTES))
        return {
            "purpose": None if self.purpose is None else self.purpose.value,
            "agent": None if agent is None else write_agent(agent),
        }


NOT_TOLD: Final = ReadingContext()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A peer's answer; ``request`` is the sent request, to which a signed answer is bound."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    request: SignedRequest = field(repr=False)

    @property
    def media_type(self) -> str:
        return str(self.headers.get("Content-Type", "")).partition(";")[0].strip().lower()


class SignedPeer:
    """A peer under a configured base URL; thread-safe, as what carries its requests is."""

    def __init__(
        self, base_url: str, http: httpx.Client | Sender, signer: Signer, lifeline: Lifeline | None = None
    ) -> None:
        """``lifeline`` is told how every call ends, and may forbid one."""
        self.lifeline = lifeline
        self._tries = False
        self._base_url = base_url
        self._sender = HttpxSender(http) if isinstance(http, httpx.Client) else http
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
        reading: ReadingContext = NOT_TOLD,
        deadline: Deadline | None = None,
    ) -> Answer:
        """Send under a fresh nonce; raises ``PeerSilent`` when nothing usable came back.

        Where a kept connection turns out to be dead, the peer may have acted on the request: what changes nothing, or
        carries an idempotency key, is then signed anew and sent once more; anything else is not.
        """
        target = self._base_url + path

        def once() -> Answer:
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
                **reading.headers(self._signer.random),
            )
            received = self._sender.send(
                method, target, headers=headers, body=body, max_answer=max_answer, deadline=deadline
            )
            request = SignedRequest(method=method, target_uri=target, headers=headers)
            return Answer(status=received.status, headers=received.headers, body=received.body, request=request)

        def twice() -> Answer:
            try:
                return once()
            except ConnectionStale:
                if method != "GET" and idempotency_key is None:
                    raise
                return once()

        return twice() if self.lifeline is None else self.lifeline.call(twice, deadline, is_trial=self._tries)

    def trying(self) -> Self:
        """Return the peer for calls that find out whether it answers, although it did not lately."""
        trying = copy(self)
        trying._tries = True  # noqa: SLF001 - its own
        return trying
