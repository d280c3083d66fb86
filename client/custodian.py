"""Call a key custodian: ask it for an evaluation or for its public key. Its answers are not signed."""

from dataclasses import dataclass
from typing import Final, TypeVar

from client.deadline import Deadline
from client.peer import SignedPeer
from client.problems import problem_name
from client.sending import PeerSilent
from protocol import strict_json
from protocol.encodings import canonical_json
from protocol.messages.evaluations import CustodianKey, EvaluationAnswer, EvaluationRequest
from protocol.wire.codec import Malformed, read, write

_MAX_ANSWER: Final = 64 * 1024
_OK: Final = 200
M = TypeVar("M")


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """The custodian gave no answer; it may be well again soon."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The custodian refused; ``reason`` is the problem's stable name and its status, ``problem`` the name alone."""

    reason: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Misformed:
    """The custodian answered in another form than the agreed one."""


def evaluate(
    peer: SignedPeer, request: EvaluationRequest, deadline: Deadline | None = None
) -> EvaluationAnswer | Silent | Refused | Misformed:
    """Have blinded elements evaluated. The caller verifies the proof before it uses the answer."""
    body = canonical_json(write(request))
    return _ask(peer, "POST", "/v1/evaluations", EvaluationAnswer, body=body, deadline=deadline)


def read_key(peer: SignedPeer, deadline: Deadline | None = None) -> CustodianKey | Silent | Refused | Misformed:
    """Read the custodian's public key; it costs nothing of the quota."""
    return _ask(peer, "GET", "/v1/key", CustodianKey, body=None, deadline=deadline)


def _ask(
    peer: SignedPeer, method: str, path: str, answer: type[M], *, body: bytes | None, deadline: Deadline | None
) -> M | Silent | Refused | Misformed:
    try:
        received = peer.exchange(method, path, body=body, max_answer=_MAX_ANSWER, deadline=deadline)
    except PeerSilent as silent:
        return Silent(reason=silent.reason)
    if received.status != _OK:
        problem = problem_name(received)
        return Refused(reason=f"{problem} ({received.status})", problem=problem)
    try:
        return read(answer, strict_json.load_object(received.body, max_bytes=_MAX_ANSWER), open_ended=True)
    except (strict_json.StrictJsonError, Malformed):
        return Misformed()
