"""Measures the bare cryptography on this machine in the same run: on one core, and on all cores at once."""

import os
import statistics
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeVar

from cli.demo.plan import CUSTODIANS, THRESHOLD
from crypto.oprf.client import blind_batch
from crypto.oprf.server import blind_evaluate
from crypto.oprf.threshold import combine_batch, deal, verify_evaluation

ELEMENTS: Final = 500
FEWEST: Final = 50
"""Enough for a figure; a demonstration on a small sample measures no more than it sends."""
_ROUNDS: Final = 5

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class CryptoCost:
    """The seconds of one core for one element."""

    gateway: float
    """The seconds to hash to the group, blind, verify two proofs and combine."""
    custodian: float
    """The seconds to evaluate and prove, at one custodian."""

    @property
    def element(self) -> float:
        """Add up the seconds at the gateway and at as many custodians as the threshold."""
        return self.gateway + THRESHOLD * self.custodian


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """``alone``: one core works, the others idle. ``busy``: all cores do the same at once, as during the demo.

    Cores share caches, power and often their arithmetic units: an element takes each of them longer when all work.
    Wall time is compared with ``alone``, the CPU time of processes that ran side by side with ``busy``.
    """

    alone: CryptoCost
    busy: CryptoCost


def measure(elements: int = ELEMENTS) -> Calibration:
    """Return the best of a few rounds over one batch each: other load on the machine can only add time."""
    alone = [_round(elements) for _ in range(_ROUNDS)]
    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as threads:
        together = [list(threads.map(_round, [elements] * cores)) for _ in range(_ROUNDS)]
    busy = [(_mean(each[0] for each in lap), _mean(each[1] for each in lap)) for lap in together]
    return Calibration(alone=_best(alone), busy=_best(busy))


def _best(rounds: list[tuple[float, float]]) -> CryptoCost:
    return CryptoCost(gateway=min(each[0] for each in rounds), custodian=min(each[1] for each in rounds))


def _mean(values: Iterable[float]) -> float:
    return statistics.fmean(values)


def _round(elements: int) -> tuple[float, float]:
    inputs = [os.urandom(32) for _ in range(elements)]
    dealing = deal(None, THRESHOLD, len(CUSTODIANS), os.urandom)
    asked = dealing.shares[:THRESHOLD]
    blinded, blinding = _timed(lambda: blind_batch(inputs, os.urandom))
    sent = [each.blinded_element for each in blinded]
    answers, evaluating = _timed(
        lambda: {share.index: blind_evaluate(share.sk, share.pk, sent, os.urandom) for share in asked}
    )

    def finish() -> list[bytes]:
        for share in asked:
            evaluated, proof = answers[share.index]
            verify_evaluation(share.pk, sent, evaluated, proof)
        given = {index: evaluated for index, (evaluated, _) in answers.items()}
        return combine_batch([each.blind for each in blinded], given, threshold=THRESHOLD)

    _, finishing = _timed(finish)
    return (blinding + finishing) / elements, evaluating / THRESHOLD / elements


def _timed(work: Callable[[], _Result]) -> tuple[_Result, float]:
    begun = time.thread_time()
    result = work()
    return result, time.thread_time() - begun
