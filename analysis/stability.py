"""Measure if today's applicants are still like those of a baseline: the population stability index, in two parts.

PSI = sum (p - q) ln(p / q) over cells. It is the sum of two divergences, so it follows their chain rule: the index of
letter-without-attestation and band together is the index of the letter alone (the adverse part) plus that of the band
for a given letter (the tenure part). Attestations that grow move the second part for years, and mean nothing bad.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeVar

from analysis.counts import bin_of, bins_of
from analysis.orders import Orders
from protocol.grades import CreditInput, Grade, Tenure
from protocol.grading import graded
from protocol.messages.grades import Bin, Characteristic, GradeTerms

_MOVED: Final = 0.10
_FAR: Final = 0.25
_HALF: Final = 0.5
"""Half an order is added to each cell, since an empty one has no logarithm."""


class Shift(StrEnum):
    """The usual rule of thumb for an index: below 0.10, below 0.25, and above. It decides nothing."""

    STABLE = "stable"
    MOVED = "moved"
    FAR = "far"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """Indices against a baseline. ``total`` = ``adverse`` + ``tenure``."""

    total: float
    adverse: float
    tenure: float
    characteristics: Mapping[CreditInput, float]


Cell = TypeVar("Cell", bound=Hashable)


def shift(index: float) -> Shift:
    """Name the size of an index."""
    return Shift.STABLE if index < _MOVED else Shift.MOVED if index < _FAR else Shift.FAR


def stability(now: Orders, baseline: Orders, terms: GradeTerms) -> Stability:
    """Compare two samples under one scorecard."""
    p, q = _shares(_letters_and_bands(now, terms), _letters_and_bands(baseline, terms))
    total, adverse = _index(p, q), _index(_letters(p), _letters(q))
    return Stability(
        total=total,
        adverse=adverse,
        tenure=total - adverse,
        characteristics={
            name: _index(*_shares(_bins(now, characteristic), _bins(baseline, characteristic)))
            for name, characteristic in bins_of(terms)
        },
    )


def _letters_and_bands(orders: Orders, terms: GradeTerms) -> Counter[tuple[Grade, Tenure]]:
    """Count orders by the letter that they would have without an attestation, and by their band."""
    counts = Counter[tuple[Grade, Tenure]]()
    for kind, number, _ in orders.kinds():
        bare = graded(replace(kind.facts, tenure=Tenure.NONE), terms).grade
        counts[bare, kind.facts.tenure] += number
    return counts


def _bins(orders: Orders, characteristic: Characteristic) -> Counter[Bin]:
    counts = Counter[Bin]()
    for kind, number, _ in orders.kinds():
        counts[bin_of(characteristic, kind.facts)] += number
    return counts


def _shares(now: Counter[Cell], baseline: Counter[Cell]) -> tuple[dict[Cell, float], dict[Cell, float]]:
    """Return the shares of the cells that either sample has."""
    cells = now.keys() | baseline.keys()
    both = ((counts, counts.total() + _HALF * len(cells)) for counts in (now, baseline))
    p, q = ({cell: (counts[cell] + _HALF) / whole for cell in cells} for counts, whole in both)
    return p, q


def _letters(shares: Mapping[tuple[Grade, Tenure], float]) -> dict[Grade, float]:
    sums: dict[Grade, float] = defaultdict(float)
    for (letter, _), share in shares.items():
        sums[letter] += share
    return sums


def _index(p: Mapping[Cell, float], q: Mapping[Cell, float]) -> float:
    return math.fsum((p[cell] - q[cell]) * math.log(p[cell] / q[cell]) for cell in p)
