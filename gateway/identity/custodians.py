"""Asks t of n key custodians in parallel, believes nothing without its proof, and names who is slow, dead or wrong."""

import itertools
import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Final

from client.errors import CustodianFaulty, CustodiansUnavailable
from client.peer import PeerSilent, SignedPeer
from client.problems import problem_name
from crypto.errors import CryptoRefusal
from crypto.oprf.threshold import verify_evaluation
from gateway.settings import CustodianPeer
from protocol import strict_json
from protocol.encodings import EncodingError, canonical_json
from protocol.messages.evaluations import EvaluationAnswer, EvaluationRequest
from protocol.wire.codec import read, write

_MAX_ANSWER: Final = 64 * 1024
_REST_SECONDS: Final = 30.0
"""How long a custodian that failed is asked last only."""
_HEDGE_SECONDS_PER_ELEMENT: Final = 0.005
"""A full batch costs a custodian about 0.1 s of one core; several batches may queue before it."""
_log = logging.getLogger("clearline.gateway")


class CustodianSilent(Exception):
    """A custodian that gave no answer, or a refusal; it may be well again soon."""

    def __init__(self, index: int, reason: str) -> None:
        super().__init__(f"custodian {index}: {reason}")
        self.index = index
        self.reason = reason


class CustodianClient:
    """One custodian as this carrier has pinned it."""

    def __init__(self, pinned: CustodianPeer, peer: SignedPeer) -> None:
        self.index = pinned.index
        self._public_key = pinned.public_key
        self._peer = peer

    def evaluate(self, request: EvaluationRequest) -> tuple[bytes, ...]:
        """The verified evaluated elements; raises ``CustodianSilent`` or ``CustodianFaulty``."""
        answer = self._ask(request)
        if answer.index != self.index:
            raise CustodianFaulty(self.index, "answered with another index")
        if answer.epoch != request.epoch:
            raise CustodianFaulty(self.index, "answered for another epoch")
        if len(answer.evaluated_elements) != len(request.blinded_elements):
            raise CustodianFaulty(self.index, "answered with another number of elements")
        try:
            verify_evaluation(self._public_key, request.blinded_elements, answer.evaluated_elements, answer.proof)
        except CryptoRefusal:
            raise CustodianFaulty(self.index, "the proof does not verify under its pinned key") from None
        return answer.evaluated_elements

    def _ask(self, request: EvaluationRequest) -> EvaluationAnswer:
        body = canonical_json(write(request))
        try:
            answer = self._peer.exchange("POST", "/v1/evaluations", body=body, max_answer=_MAX_ANSWER)
        except PeerSilent as silent:
            raise CustodianSilent(self.index, silent.reason) from None
        if answer.status != 200:  # noqa: PLR2004 (HTTP's OK)
            raise CustodianSilent(self.index, f"refused: {problem_name(answer)} ({answer.status})")
        try:
            return read(EvaluationAnswer, strict_json.load_object(answer.body, max_bytes=_MAX_ANSWER))
        except (strict_json.StrictJsonError, EncodingError, KeyError, TypeError, ValueError):
            raise CustodianFaulty(self.index, "the answer is not an evaluation") from None


class CustodianPool:
    """The custodians of one key epoch. Thread-safe: several batches may be evaluated at once."""

    def __init__(
        self,
        members: Sequence[CustodianClient],
        *,
        epoch: int,
        threshold: int,
        hedge_seconds: float,
        monotonic: Callable[[], float],
        parallel_batches: int,
    ) -> None:
        self._members = tuple(members)
        self._epoch = epoch
        self._threshold = threshold
        self._hedge_seconds = hedge_seconds
        self._monotonic = monotonic
        self._turn = itertools.count()
        self._lock = threading.Lock()
        self._rests_until: dict[int, float] = {}
        self._faults: dict[int, str] = {}
        self._threads = ThreadPoolExecutor(len(self._members) * parallel_batches, thread_name_prefix="custodian")

    @property
    def faults(self) -> dict[int, str]:
        """Custodians that answered wrongly since the start (index to reason); somebody should look at them."""
        with self._lock:
            return dict(self._faults)

    def evaluate(self, blinded_elements: Sequence[bytes]) -> dict[int, tuple[bytes, ...]]:
        """Exactly t verified answers, by index; raises ``CustodiansUnavailable`` when there are not so many."""
        request = EvaluationRequest(epoch=self._epoch, blinded_elements=tuple(blinded_elements))
        hedge_after = self._hedge_seconds + _HEDGE_SECONDS_PER_ELEMENT * len(blinded_elements)
        waiting, asked = self._order(), dict[Future[tuple[bytes, ...]], int]()
        usable, reasons, spare = dict[int, tuple[bytes, ...]](), dict[int, str](), 0
        while len(usable) < self._threshold:
            while waiting and len(asked) + len(usable) < self._threshold + spare:
                member = waiting.pop(0)
                asked[self._threads.submit(member.evaluate, request)] = member.index
            if not asked:
                raise CustodiansUnavailable(self._threshold, len(usable), reasons)
            done, _ = wait(asked, timeout=hedge_after if waiting else None, return_when=FIRST_COMPLETED)
            spare += 0 if done else 1
            for future in done:
                self._take(future, asked.pop(future), usable, reasons)
        # Answers that come later than t others are dropped: combining takes exactly one set of indexes.
        return dict(sorted(usable.items())[: self._threshold])

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _take(
        self,
        future: Future[tuple[bytes, ...]],
        index: int,
        usable: dict[int, tuple[bytes, ...]],
        reasons: dict[int, str],
    ) -> None:
        try:
            usable[index] = future.result()
        except CustodianFaulty as faulty:
            _log.error("custodian faulty index=%d reason=%s", index, faulty.reason)
            reasons[index] = faulty.reason
            self._note(index, faulty.reason)
        except CustodianSilent as silent:
            _log.warning("custodian silent index=%d reason=%s", index, silent.reason)
            reasons[index] = silent.reason
            self._note(index, None)

    def _note(self, index: int, fault: str | None) -> None:
        with self._lock:
            self._rests_until[index] = self._monotonic() + _REST_SECONDS
            if fault is not None:
                self._faults[index] = fault

    def _order(self) -> list[CustodianClient]:
        """In turn, so that quotas are used evenly; those that failed lately come last."""
        first, now = next(self._turn) % len(self._members), self._monotonic()
        with self._lock:
            resting = {index for index, until in self._rests_until.items() if until > now}
        turned = [*self._members[first:], *self._members[:first]]
        return sorted(turned, key=lambda member: member.index in resting)
