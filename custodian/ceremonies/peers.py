"""Asks other custodians for what they hold of a ceremony: signed requests, bounded answers, read strictly."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, TypeVar

import httpx

from ceremony.steps import PartySigner
from ceremony.terms import ceremony_id
from crypto.signing import http_message
from custodian.settings import Peer
from protocol import strict_json
from protocol.encodings import b64url_encode
from protocol.messages.ceremonies import Minutes, Offered
from protocol.wire.codec import Malformed, read

MAX_ANSWER: Final = 4 * 1024 * 1024
"""All steps of 24 members, each at its largest, and the proposal."""
_PATH: Final = "/v1/ceremonies"
_NONCE_BYTES: Final = 18
_TIMEOUT: Final = httpx.Timeout(5.0, connect=2.0)
_WHOLE_SECONDS: Final = 20.0
"""The longest that one answer may take: a peer that sends a byte a second is as good as silent."""
_TOO_SLOW: Final = "gives no answer in time"
_AT_A_TIME: Final = 4
_FIRST_REST_SECONDS: Final = 0.2
_MOST_DOUBLINGS: Final = 4
M = TypeVar("M")


class PeerFailed(Exception):
    """A peer gave no usable answer; the message repeats nothing of it."""


class PeerCaller:
    """One peer at its pinned address. No redirect is followed and no proxy of the environment is used."""

    def __init__(
        self,
        peer: Peer,
        signer: PartySigner,
        *,
        clock: Callable[[], dt.datetime],
        monotonic: Callable[[], float],
        random: Callable[[int], bytes],
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """``transport`` is the way to a peer in this process; None: the network."""
        self._peer = peer
        self._signer = signer
        self._clock = clock
        self._monotonic = monotonic
        self._random = random
        self._http = httpx.Client(transport=transport, timeout=_TIMEOUT, trust_env=False, follow_redirects=False)

    def offered(self) -> Offered:
        """Return the ceremonies that the peer offers, and its newest committee; raises PeerFailed."""
        return self._get(Offered, _PATH) or Offered(ceremonies=())

    def minutes(self, ceremony: str) -> Minutes | None:
        """Return what the peer holds of a ceremony; None if it does not take part so far. Raises PeerFailed."""
        minutes = self._get(Minutes, f"{_PATH}/{ceremony}")
        if minutes is not None and ceremony_id(minutes.proposal) != ceremony:
            raise PeerFailed("answers with another ceremony")
        return minutes

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _get(self, message: type[M], path: str) -> M | None:
        status, body = self._exchange(self._peer.url + path)
        if status == HTTPStatus.NOT_FOUND:
            return None
        if status == HTTPStatus.UNAUTHORIZED:
            raise PeerFailed("does not let this custodian in (401): has it pinned its key, and are both clocks right?")
        if status != HTTPStatus.OK:
            raise PeerFailed(f"answers {status}")
        try:
            return read(message, strict_json.load_object(body, max_bytes=MAX_ANSWER))
        except (strict_json.StrictJsonError, Malformed):
            raise PeerFailed("sends what is no answer") from None

    def _exchange(self, target: str) -> tuple[int, bytes]:
        headers = http_message.sign_request(
            method="GET",
            target_uri=target,
            content_type=None,
            content_digest=None,
            key_id=self._signer.key_id,
            private_key=self._signer.private_key,
            created=self._clock(),
            nonce=b64url_encode(self._random(_NONCE_BYTES)),
        )
        until = self._monotonic() + _WHOLE_SECONDS
        try:
            # Ask for no compression: a few bytes could unfold to any number.
            with self._http.stream("GET", target, headers={**headers, "Accept-Encoding": "identity"}) as response:
                body = bytearray()
                for piece in response.iter_raw():
                    body += piece
                    if len(body) > MAX_ANSWER:
                        raise PeerFailed("sends too much")
                    if self._monotonic() > until:
                        raise PeerFailed(_TOO_SLOW)
                return response.status_code, bytes(body)
        except httpx.TimeoutException:
            raise PeerFailed(_TOO_SLOW) from None
        except (httpx.HTTPError, httpx.InvalidURL) as trouble:
            raise PeerFailed(f"cannot be reached ({type(trouble).__name__})") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One peer's answer about one ceremony, or the reason why there is none."""

    peer: str
    ceremony: str
    minutes: Minutes | None = None
    failure: str | None = None


class Peers:
    """Asks all peers side by side, so that a slow one keeps nobody waiting; one that failed is asked less often."""

    def __init__(self, callers: Mapping[str, PeerCaller], *, monotonic: Callable[[], float]) -> None:
        self._callers = callers
        self._monotonic = monotonic
        # Threads of its own for each: a peer that sends a byte now and then holds up nobody else's.
        self._pools = {peer: ThreadPoolExecutor(max_workers=_AT_A_TIME) for peer in callers}
        self._under_way: dict[tuple[str, str], tuple[Future[Minutes | None], float]] = {}
        self._failures: dict[str, int] = {}
        self._rests_until: dict[str, float] = {}

    def hear(self, wanted: Iterable[tuple[str, str]], *, patience_seconds: float) -> list[Heard]:
        """Ask for these (peer, ceremony), wait a moment, and return all answers that have come by now."""
        fresh = []
        for peer, ceremony in wanted:
            rests = self._monotonic() < self._rests_until.get(peer, 0.0)
            if peer in self._callers and (peer, ceremony) not in self._under_way and not rests:
                future = self._pools[peer].submit(self._callers[peer].minutes, ceremony)
                self._under_way[peer, ceremony] = future, self._monotonic() + _WHOLE_SECONDS
                fresh.append(future)
        wait(fresh, timeout=patience_seconds)
        now = self._monotonic()
        over = [place for place, (future, until) in self._under_way.items() if future.done() or now > until]
        return [self._heard(*place, self._under_way.pop(place)[0]) for place in over]

    def close(self) -> None:
        """Ask nobody any more."""
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)
        for caller in self._callers.values():
            caller.close()

    def _heard(self, peer: str, ceremony: str, future: Future[Minutes | None]) -> Heard:
        try:
            minutes = _result(future)
        except PeerFailed as failed:
            failures = self._failures.get(peer, 0)
            self._failures[peer] = min(failures + 1, _MOST_DOUBLINGS)
            self._rests_until[peer] = self._monotonic() + _FIRST_REST_SECONDS * 2**failures
            return Heard(peer=peer, ceremony=ceremony, failure=str(failed))
        self._failures.pop(peer, None)
        self._rests_until.pop(peer, None)
        return Heard(peer=peer, ceremony=ceremony, minutes=minutes)


def _result(future: Future[Minutes | None]) -> Minutes | None:
    if not future.done():
        raise PeerFailed(_TOO_SLOW)
    return future.result()
