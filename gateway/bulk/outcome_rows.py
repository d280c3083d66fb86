"""Write and read again the lines of a file of verdicts on outcomes, round by round."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from gateway.counter.activations import LocalVerdict
from gateway.orders.values import Plan
from protocol.activations import ActivationVerdict
from protocol.messages.activations import ActivationRowVerdict

HEADER: Final = (
    "row",
    "order",
    "part",
    "revision",
    "verdict",
    "activation_id",
    "basis",
    "obeyed",
    "unchecked_lines",
    "notes",
    "detail",
)
ORDER_UNKNOWN: Final = LocalVerdict.REJ_ORDER_UNKNOWN.value
MALFORMED: Final = ActivationVerdict.REJ_MALFORMED_ROW.value
_EDGE: Final = ActivationVerdict.REJ_EDGE.value
_VERDICT: Final = HEADER.index("verdict")
_BETWEEN: Final = "+"


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Lines of one pass over the file, in the order of its rows: all of them, or those that came too early before."""

    first: int
    lines: int = 0
    early: int = 0
    """Rows whose revision came before its predecessor."""


def local_line(row: int, label: str, verdict: str, detail: str = "") -> tuple[str, ...]:
    """Write a row that never left."""
    return (str(row), label, "", "", verdict, "", "", "", "", "", detail)


def told_line(row: int, label: str, plan: Plan, told: ActivationRowVerdict) -> tuple[str, ...]:
    """Write the registry's verdict on a row."""
    return (
        str(row),
        label,
        str(plan.wish.part_number),
        str(plan.revision),
        told.verdict.value,
        str(told.activation_id or ""),
        "" if told.basis is None else told.basis.value,
        "" if told.obeyed is None else told.obeyed.value,
        "" if told.unchecked_lines is None else str(told.unchecked_lines),
        _BETWEEN.join(each.value for each in told.notes),
        " ".join(f"{each.field}:{each.code}" for each in told.errors),
    )


def rounds_of(path: Path) -> list[Round]:
    """Find the rounds of a partial file: rows go up within one, and fall where the next one begins."""
    rounds: list[Round] = []
    last = 0
    for place, line in enumerate(_lines(path)):
        row = int(line[0])
        if row <= last or not rounds:
            rounds.append(Round(first=place))
        now = rounds[-1]
        is_early = line[_VERDICT] == _EDGE
        rounds[-1] = Round(first=now.first, lines=now.lines + 1, early=now.early + is_early)
        last = row
    return rounds


def early_rows(path: Path, its: Round) -> Iterator[int]:
    """Yield the numbers of the rows that a round found to come too early."""
    for line in _of_round(path, its):
        if line[_VERDICT] == _EDGE:
            yield int(line[0])


def final_lines(path: Path, rounds: list[Round]) -> Iterator[list[str]]:
    """Yield one line a row: the last word on it."""
    later = final_lines(path, rounds[1:]) if len(rounds) > 1 else None
    for line in _of_round(path, rounds[0]) if rounds else ():
        yield line if later is None or line[_VERDICT] != _EDGE else next(later)


def verdict_in(line: Iterable[str]) -> str:
    """Return the verdict of a line."""
    return tuple(line)[_VERDICT]


def _of_round(path: Path, its: Round) -> Iterator[list[str]]:
    return islice(_lines(path), its.first, its.first + its.lines)


def _lines(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from islice(csv.reader(file, strict=True), 1, None)
