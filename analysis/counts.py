"""Count bad orders by letter and by bin, and say of each step between two of them if it is in order."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from analysis.orders import Orders
from protocol.grades import ABSENT, CreditInput, Grade
from protocol.grading import CreditFacts, graded
from protocol.messages.grades import Bin, Characteristic, GradeTerms
from protocol.messages.rules import PER_MILLION
from protocol.rates import above

FEW: Final = 30
"""Of fewer orders than this no rate is told."""


class Order(StrEnum):
    """The relation of a rate to that of the next better letter or bin, by exact tests at 95 %."""

    BEST = "best"
    """Nothing better is there to compare with."""
    ABOVE = "above"
    """The rate is above the better one's, as it has to be."""
    NOT_SHOWN = "not-shown"
    REVERSED = "reversed"
    """The better one's rate is above this one."""
    TOO_FEW = "too-few"


@dataclass(frozen=True, slots=True)
class Count:
    """So many orders, and so many of them bad."""

    number: int = 0
    bad: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.number + other.number, self.bad + other.bad)

    @property
    def is_few(self) -> bool:
        """Tell whether there are too few orders for a rate."""
        return self.number < FEW


def compare(worse: Count, better: Count | None) -> Order:
    """Compare the rate of a worse letter or bin with that of a better one; no test is made of too few orders."""
    if worse.is_few:
        return Order.TOO_FEW
    if better is None:
        return Order.BEST
    if above(worse.bad, worse.number, better.bad * PER_MILLION // better.number):
        return Order.ABOVE
    if above(better.bad, better.number, worse.bad * PER_MILLION // worse.number):
        return Order.REVERSED
    return Order.NOT_SHOWN


def in_all(orders: Orders) -> Count:
    """Count all orders."""
    return _sum(Count(number, bad) for _, number, bad in orders.kinds())


def by_letter(orders: Orders, terms: GradeTerms) -> dict[Grade, Count]:
    """Count the orders of each letter, best letter first."""
    counts = dict.fromkeys(Grade, Count())
    for kind, number, bad in orders.kinds():
        counts[graded(kind.facts, terms).grade] += Count(number, bad)
    return counts


def by_points(orders: Orders, terms: GradeTerms, *, with_open: bool) -> dict[int, Count]:
    """Count the orders of each number of points; those with an open debt, if wanted, lie below all others."""
    counts: dict[int, Count] = defaultdict(Count)
    blocked = Count()
    for kind, number, bad in orders.kinds():
        if kind.facts.open:
            blocked += Count(number, bad)
        else:
            counts[graded(kind.facts, terms).points] += Count(number, bad)
    if with_open and blocked.number:
        counts[min(counts, default=0) - 1] = blocked
    return dict(sorted(counts.items()))


def by_bin(orders: Orders, characteristic: Characteristic) -> dict[Bin, Count]:
    """Count the orders of each bin. Those with an open debt are left out: their letter is E, whatever else is so."""
    counts = dict.fromkeys(characteristic.bins, Count())
    for kind, number, bad in orders.kinds():
        if not kind.facts.open:
            counts[bin_of(characteristic, kind.facts)] += Count(number, bad)
    return counts


def bin_of(characteristic: Characteristic, facts: CreditFacts) -> Bin:
    """Return the bin into which the inputs fall."""
    value = facts.value(characteristic.input)
    return next(each for each in reversed(characteristic.bins) if each.from_value <= value)


def letter_orders(counts: Mapping[Grade, Count]) -> dict[Grade, Order]:
    """Compare each letter with the next better one that has enough orders."""
    return dict(zip(counts, _in_steps(counts.values()), strict=True))


def bin_orders(counts: Mapping[Bin, Count]) -> dict[Bin, Order]:
    """Compare each bin with those of the next higher points, which count together."""
    pools: dict[int, Count] = defaultdict(Count)
    for each, count in counts.items():
        pools[each.points] += count
    better = _betters(dict(sorted(pools.items(), reverse=True)))
    return {each: compare(count, better[each.points]) for each, count in counts.items()}


def moves(orders: Orders, old: GradeTerms, new: GradeTerms) -> dict[tuple[Grade, Grade], Count]:
    """Count the orders by their letters under two scorecards."""
    counts: dict[tuple[Grade, Grade], Count] = defaultdict(Count)
    for kind, number, bad in orders.kinds():
        counts[graded(kind.facts, old).grade, graded(kind.facts, new).grade] += Count(number, bad)
    return dict(counts)


def told_otherwise(orders: Orders, terms: GradeTerms) -> int | None:
    """Count the orders whose letter in the table is not that of the scorecard; None where the table tells none."""
    if any(kind.told is None for kind, _, _ in orders.kinds()):
        return None
    return sum(number for kind, number, _ in orders.kinds() if kind.told != graded(kind.facts, terms).grade)


def bin_name(characteristic: Characteristic, one: Bin) -> str:
    """Write the values of a bin: ``none``, ``0 to 90`` or ``181+``; a spreadsheet takes ``12-23`` for a date."""
    if one.from_value == ABSENT:
        return "none"
    after = [each.from_value for each in characteristic.bins if each.from_value > one.from_value]
    if not after:
        return f"{one.from_value}+"
    last = min(after) - 1
    return str(last) if last == one.from_value else f"{one.from_value} to {last}"


def bins_of(terms: GradeTerms) -> Iterator[tuple[CreditInput, Characteristic]]:
    """Yield the characteristics of a scorecard in the order of the inputs."""
    by_input = {each.input: each for each in terms.characteristics}
    yield from ((name, by_input[name]) for name in CreditInput if name in by_input)


def _in_steps(counts: Iterable[Count]) -> Iterator[Order]:
    better: Count | None = None
    for count in counts:
        yield compare(count, better)
        better = better if count.is_few else count


def _betters(pools: Mapping[int, Count]) -> dict[int, Count | None]:
    """Return for each number of points the nearest better pool that has enough orders."""
    betters: dict[int, Count | None] = {}
    better: Count | None = None
    for points, pool in pools.items():
        betters[points] = better
        better = better if pool.is_few else pool
    return betters


def _sum(counts: Iterable[Count]) -> Count:
    return sum(counts, Count())
