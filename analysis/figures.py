"""Compute intervals and separation with SciPy."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest, ks_2samp, mannwhitneyu

from analysis.counts import Count

_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """Bounds of a rate."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Separation:
    """The difference between good and bad orders, by their points.

    ``auc`` is the share of pairs in which the good order has more points, a tie counting half; ``ks`` is the largest
    distance between the two distributions.
    """

    auc: float
    ks: float


def wilson(count: Count) -> Interval:
    """Return Wilson's interval at 95 % of the rate of bad orders."""
    bounds = binomtest(count.bad, count.number).proportion_ci(_CONFIDENCE, method="wilson")
    return Interval(float(bounds.low), float(bounds.high))


def separation(counts: Mapping[int, Count]) -> Separation | None:
    """Measure the separation of orders that are counted by points; None where all are good, or all bad."""
    points = np.fromiter(counts, dtype=np.int64, count=len(counts))
    good = points.repeat([each.number - each.bad for each in counts.values()])
    bad = points.repeat([each.bad for each in counts.values()])
    if not good.size or not bad.size:
        return None
    # Nobody asks for p-values here: their exact distributions are not computed, nor is it told that a few orders have
    # none of the other kind.
    with np.errstate(all="ignore"):
        pairs = mannwhitneyu(good, bad, method="asymptotic").statistic
        distance = ks_2samp(good, bad, method="asymp").statistic
    return Separation(float(pairs / (good.size * bad.size)), float(distance))
