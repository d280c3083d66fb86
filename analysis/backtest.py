"""Judge a scorecard by the orders that came after it, and a proposed one beside it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from analysis import counts
from analysis.counts import Count, Order
from analysis.figures import Interval, Separation, separation, wilson
from analysis.orders import Orders
from analysis.stability import Stability, stability
from protocol.grades import CreditInput, Grade
from protocol.messages.grades import Characteristic, GradeTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A letter or a bin. ``bad`` and ``interval`` are None where there are too few orders for a rate."""

    name: str
    number: int
    bad: int | None
    interval: Interval | None
    order: Order | None = None
    points: int | None = None
    """Of a bin."""

    @property
    def rate(self) -> float | None:
        """Return the share of bad orders."""
        return None if self.bad is None else self.bad / self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The figures of one scorecard."""

    letters: tuple[Line, ...]
    everybody: Separation | None
    not_blocked: Separation | None
    """Of the orders without an open debt: the others are told by their records, and need no scorecard."""
    bins: Mapping[CreditInput, tuple[Line, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Orders that have one letter under the scorecard in force and another, or the same, under the proposed one."""

    old: Grade
    new: Grade
    line: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """The result; no figure in it is of one order."""

    first: dt.date
    last: dt.date
    left_out: int
    """Orders whose inquiry has no inputs in the log."""
    everything: Line
    in_force: Judged
    told_otherwise: int | None
    """The orders whose letter in the table is not that of the scorecard in force; None where the table tells none."""
    stability: Stability | None
    proposed: Judged | None
    moves: tuple[Move, ...]


def backtest(
    orders: Orders, in_force: GradeTerms, *, baseline: Orders | None = None, proposed: GradeTerms | None = None
) -> Backtest:
    """Compute all figures of a table of orders."""
    return Backtest(
        first=orders.first,
        last=orders.last,
        left_out=orders.left_out,
        everything=_line("all", counts.in_all(orders)),
        in_force=_judged(orders, in_force),
        told_otherwise=counts.told_otherwise(orders, in_force),
        stability=None if baseline is None else stability(orders, baseline, in_force),
        proposed=None if proposed is None else _judged(orders, proposed),
        moves=() if proposed is None else _moves(orders, in_force, proposed),
    )


def _judged(orders: Orders, terms: GradeTerms) -> Judged:
    letters = counts.by_letter(orders, terms)
    steps = counts.letter_orders(letters)
    return Judged(
        letters=tuple(_line(letter.value, count, steps[letter]) for letter, count in letters.items()),
        everybody=separation(counts.by_points(orders, terms, with_open=True)),
        not_blocked=separation(counts.by_points(orders, terms, with_open=False)),
        bins={name: _bin_lines(orders, each) for name, each in counts.bins_of(terms)},
    )


def _bin_lines(orders: Orders, characteristic: Characteristic) -> tuple[Line, ...]:
    by_bin = counts.by_bin(orders, characteristic)
    steps = counts.bin_orders(by_bin)
    return tuple(
        _line(counts.bin_name(characteristic, each), count, steps[each], each.points) for each, count in by_bin.items()
    )


def _moves(orders: Orders, old: GradeTerms, new: GradeTerms) -> tuple[Move, ...]:
    return tuple(
        Move(old=before, new=after, line=_line(f"{before} to {after}", count))
        for (before, after), count in sorted(counts.moves(orders, old, new).items())
    )


def _line(name: str, count: Count, order: Order | None = None, points: int | None = None) -> Line:
    return Line(
        name=name,
        number=count.number,
        bad=None if count.is_few else count.bad,
        interval=None if count.is_few else wilson(count),
        order=order,
        points=points,
    )
