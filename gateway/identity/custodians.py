"""Ask t of n key custodians in parallel, verify each answer's proof, and name the slow, dead and wrong ones."""

import itertools
import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Final

from client import custodian
from client.custodian import Misformed, Refused, Silent
from client.deadline import Deadline
from client.peer import SignedPeer
from client.sending import NO_ANSWER_IN_TIME
from crypto.errors import CryptoRefusal
from crypto.oprf.threshold import verify_evaluation
from gateway.errors import CustodiansUnavailable
from gateway.settings import CustodianPeer
from protocol.messages.evaluations import EvaluationAnswer, EvaluationRequest
from protocol.problems import Problem

_REST_SECONDS: Final = 30.0
"""The seconds for which a custodian that failed, or was slower than the one asked in its place, is asked last only."""
_HEDGE_SECONDS_PER_ELEMENT: Final = 0.005
"""A full batch costs a custodian about 0.1 s of one core; several batches may queue before it."""
_log = logging.getLogger("clearline.gateway")


@dataclass(frozen=True, slots=True, kw_only=True)
class Usable:
    """Evaluated elements whose proof verified under the custodian's pinned key."""

    elements: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Faulty:
    """A wrong answer, which is not used: a person should look at this custodian."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """The custodian serves no share of the pinned committee: another one may have taken over."""

    reason: str


class CustodianClient:
    """One custodian as this carrier has pinned it."""

    def __init__(self, pinned: CustodianPeer, peer: SignedPeer) -> None:
        self.index = pinned.index
        self.public_key = pinned.public_key
        self.peer = peer

    def evaluate(self, request: EvaluationRequest, deadline: Deadline | None = None) -> Usable | Faulty | Silent | Gone:
        """Ask for an evaluation and verify it; a refusal counts as silence."""
        match custodian.evaluate(self.peer, request, deadline):
            case Silent() as silent:
                return silent
            case Refused(reason=reason, problem=Problem.COMMITTEE_UNKNOWN.value.name):
                return Gone(reason=f"refused: {reason}")
            case Refused(reason=reason):
                return Silent(reason=f"refused: {reason}")
            case Misformed():
                return Faulty(reason="the answer is not an evaluation")
            case answer:
                return self._verified(request, answer)

    def _verified(self, request: EvaluationRequest, answer: EvaluationAnswer) -> Usable | Faulty:
        if answer.index != self.index:
            return Faulty(reason="answered with another index")
        if answer.epoch != request.epoch:
            return Faulty(reason="answered for another epoch")
        if answer.committee != request.committee:
            return Faulty(reason="answered for another committee")
        if len(answer.evaluated_elements) != len(request.blinded_elements):
            return Faulty(reason="answered with another number of elements")
        try:
            verify_evaluation(self.public_key, request.blinded_elements, answer.evaluated_elements, answer.proof)
        except CryptoRefusal:
            return Faulty(reason="the proof does not verify under its pinned key")
        return Usable(elements=answer.evaluated_elements)


class CustodianPool:
    """The members of one committee. Thread-safe: several batches may be evaluated at once."""

    def __init__(
        self,
        members: Sequence[CustodianClient],
        *,
        epoch: int,
        committee: int,
        threshold: int,
        hedge_seconds: float,
        monotonic: Callable[[], float],
        parallel_batches: int,
    ) -> None:
        self._members = tuple(members)
        self.threshold = threshold
        self._epoch = epoch
        self._committee = committee
        self._hedge_seconds = hedge_seconds
        self._monotonic = monotonic
        self._turn = itertools.count()
        self._lock = threading.Lock()
        self._rests_until: dict[int, float] = {}
        self._faults: dict[int, str] = {}
        self.is_left_by_members = False
        """A member has said that it serves no share of this committee."""
        self.is_left = threading.Event()
        """Set once another pool stands in place of this one, or the gateway is closed."""
        self._threads = ThreadPoolExecutor(len(self._members) * parallel_batches, thread_name_prefix="custodian")

    @property
    def members(self) -> tuple[CustodianClient, ...]:
        return self._members

    @property
    def faults(self) -> dict[int, str]:
        """Custodians that answered wrongly since the start (index to reason); a person should look at them."""
        with self._lock:
            return dict(self._faults)

    def evaluate(
        self, blinded_elements: Sequence[bytes], deadline: Deadline | None = None
    ) -> dict[int, tuple[bytes, ...]]:
        """Collect exactly t verified answers, by index; raises ``CustodiansUnavailable`` where fewer come in time."""
        request = EvaluationRequest(
            epoch=self._epoch, committee=self._committee, blinded_elements=tuple(blinded_elements)
        )
        hedge_after = self._hedge_seconds + _HEDGE_SECONDS_PER_ELEMENT * len(blinded_elements)
        waiting, asked = self._order(), dict[Future[Usable | Faulty | Silent | Gone], int]()
        usable, reasons, spare, gone = dict[int, tuple[bytes, ...]](), dict[int, str](), 0, False
        while len(usable) < self.threshold:
            while waiting and len(asked) + len(usable) < self.threshold + spare:
                member = waiting.pop(0)
                asked[self._threads.submit(member.evaluate, request, deadline)] = member.index
            if not asked:
                raise CustodiansUnavailable(self.threshold, len(usable), reasons, is_committee_gone=gone)
            left = None if deadline is None else deadline.left()
            if left == 0:
                self._rest(asked.values())
                reasons |= dict.fromkeys(asked.values(), NO_ANSWER_IN_TIME)
                raise CustodiansUnavailable(self.threshold, len(usable), reasons, is_committee_gone=gone)
            patience = [each for each in (hedge_after if waiting else None, left) if each is not None]
            done, _ = wait(asked, timeout=min(patience, default=None), return_when=FIRST_COMPLETED)
            spare += 0 if done else 1
            for future in done:
                index = asked.pop(future)
                match future.result():
                    case Usable(elements=elements):
                        usable[index] = elements
                    case failure:
                        gone = gone or isinstance(failure, Gone)
                        reasons[index] = failure.reason
                        self._note(index, failure)
        if spare and deadline is not None:
            self._rest(asked.values())
        # Answers that come later than t others are dropped: combining takes exactly one set of indexes.
        return dict(sorted(usable.items())[: self.threshold])

    def close(self) -> None:
        """Drop what is under way."""
        self.is_left.set()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def note_fault(self, index: int, reason: str) -> None:
        """Remember what a person should look at."""
        _log.error("custodian faulty index=%d reason=%s", index, reason)
        with self._lock:
            self._faults[index] = reason

    def _note(self, index: int, failure: Faulty | Silent | Gone) -> None:
        self._rest([index])
        self.is_left_by_members = self.is_left_by_members or isinstance(failure, Gone)
        if isinstance(failure, Faulty):
            self.note_fault(index, failure.reason)
        else:
            _log.warning("custodian silent index=%d reason=%s", index, failure.reason)

    def _rest(self, indexes: Iterable[int]) -> None:
        with self._lock:
            self._rests_until |= dict.fromkeys(indexes, self._monotonic() + _REST_SECONDS)

    def _order(self) -> list[CustodianClient]:
        """Order the custodians in turn, so that quotas are used evenly; those that failed lately come last."""
        first, now = next(self._turn) % len(self._members), self._monotonic()
        with self._lock:
            resting = {index for index, until in self._rests_until.items() if until > now}
        turned = [*self._members[first:], *self._members[:first]]
        return sorted(turned, key=lambda member: member.index in resting)
