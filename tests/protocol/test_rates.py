"""The exact comparison of a count with a rate."""

import math
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binomtest

from protocol.rates import above

MILLION = 1_000_000


@st.composite
def cases(draw: Any) -> tuple[int, int, int]:
    number = draw(st.integers(1, 100_000))
    count = draw(st.integers(0, number) | st.integers(0, min(number, 30)))
    near = min(MILLION, max(0, round(count / number * MILLION) + draw(st.integers(-200_000, 1_000))))
    return count, number, draw(st.integers(0, MILLION) | st.just(near))


@given(cases())
def test_a_count_is_above_a_rate_where_the_bound_of_the_library_is(case: tuple[int, int, int]) -> None:
    count, number, ppm = case
    low = float(binomtest(count, number).proportion_ci(0.95, method="wilson").low)
    rate = ppm / MILLION
    # The library has 1.959964 where the test has 1.96: nothing is said of the sliver between.
    assume(abs(low - rate) > 1e-4 * math.sqrt(max(rate * (1 - rate), 1 / number) / number))
    assert above(count, number, ppm) is (low > rate)


@given(st.integers(0, 1_000), st.integers(0, 1_000), st.integers(0, MILLION))
def test_one_more_never_brings_a_count_below_a_rate(count: int, more: int, ppm: int) -> None:
    number = 2_000
    assert above(count + more, number, ppm) >= above(count, number, ppm)


def test_the_bound_is_exact_at_its_edge() -> None:
    # (k - np)^2 10^4 against 38416 np(1 - p) at n = 100, p = 0.5: (k - 50)^2 against 96.04.
    assert [above(count, 100, 500_000) for count in (50, 59, 60)] == [False, False, True]


def test_nothing_is_above_nothing_of_nobody_and_one_is_above_never() -> None:
    assert above(0, 0, 0) is False
    assert above(0, 50, 0) is False
    assert above(1, 50, 0) is True
    assert above(50, 50, MILLION) is False
