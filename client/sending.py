"""The form in which a signed request is sent and a bounded answer comes back, whatever carries them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

import httpx

from client.deadline import Deadline

NO_ANSWER_IN_TIME: Final = "no answer in time"


class PeerSilent(Exception):
    """No usable answer: not reachable, too slow, cut off or too long; ``reason`` is a stable word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AnswerTooLong(PeerSilent):
    """The peer sent more than was agreed; a retry would fetch as much again."""

    def __init__(self) -> None:
        super().__init__("the answer is too long")


class ConnectionStale(PeerSilent):
    """A kept connection ended before a byte of the answer came: the peer may have acted, or have closed it before."""

    def __init__(self) -> None:
        super().__init__("the connection failed (closed by the peer)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """An answer as it came; ``headers`` finds a name in any case and gives a repeated one as one, joined by commas."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Sender(Protocol):
    """Something that carries requests to one peer: kept connections, or a client of httpx."""

    def send(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None,
        max_answer: int,
        deadline: Deadline | None = None,
    ) -> Received:
        """Send once; raises PeerSilent where no answer comes, or none of HTTP of at most ``max_answer`` bytes.

        ``deadline`` bounds all of it; without one, the sender's own seconds bound each wait for bytes.
        """


class HttpxSender:
    """Sends through a client of httpx: a command's few calls, or an application in the same process."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def send(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None,
        max_answer: int,
        deadline: Deadline | None = None,
    ) -> Received:
        # Ask for no compression: a signed answer's digest is over the sent bytes, and tokens do not compress.
        sent = {**headers, "Accept-Encoding": "identity"}
        timeout = self._http.timeout if deadline is None else httpx.Timeout(_some(deadline))
        try:
            with self._http.stream(method, target, content=body, headers=sent, timeout=timeout) as response:
                received = _read_bounded(response, max_answer, deadline)
                return Received(status=response.status_code, headers=response.headers, body=received)
        except httpx.ConnectError:
            raise PeerSilent("not reachable") from None
        except httpx.TimeoutException:
            raise PeerSilent(NO_ANSWER_IN_TIME) from None
        except httpx.HTTPError as trouble:
            raise PeerSilent(f"the connection failed ({type(trouble).__name__})") from None


def _some(deadline: Deadline) -> float:
    """Return the seconds that are left; raises PeerSilent for none."""
    left = deadline.left()
    if not left:
        raise PeerSilent(NO_ANSWER_IN_TIME)
    return left


def _read_bounded(response: httpx.Response, limit: int, deadline: Deadline | None) -> bytes:
    received = bytearray()
    for piece in response.iter_raw():
        received += piece
        if len(received) > limit:
            raise AnswerTooLong
        if deadline is not None:
            _some(deadline)
    return bytes(received)
