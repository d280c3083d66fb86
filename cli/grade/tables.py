"""Write a backtest as tables for a reader, and as one CSV for a spreadsheet."""

import csv
from collections.abc import Iterator, Sequence
from typing import IO, Final, NamedTuple

from analysis.backtest import Backtest, Judged, Line
from analysis.counts import Order
from analysis.figures import Separation
from analysis.stability import Stability, shift
from protocol.table_cells import plain_cell

COLUMNS: Final = ("scorecard", "table", "name", "number", "bad", "rate", "low", "high", "points", "value", "mark")
"""The columns of the CSV; later releases only add to them."""
_DIGITS: Final = 6
_IN_FORCE, _PROPOSED = "in force", "proposed"
_TOO_FEW: Final = "too few"
_WORDS: Final = {
    Order.BEST: "",
    Order.ABOVE: "",
    Order.NOT_SHOWN: "? not shown to be above the better one",
    Order.REVERSED: "! below the better one",
    Order.TOO_FEW: "",
}


class _Cells(NamedTuple):
    """A row of the CSV, without the cells that it leaves empty."""

    scorecard: str
    table: str
    name: str
    line: Line | None = None
    value: float | None = None
    mark: str = ""


def csv_of(result: Backtest, file: IO[str]) -> None:
    """Write the CSV (RFC 4180): a row a figure, rates as fractions, and no text that a spreadsheet runs."""
    table = csv.writer(file)
    table.writerow(COLUMNS)
    for row in _rows(result):
        table.writerow(_written(row))


def text_of(result: Backtest) -> str:
    """Write the tables for a reader, rates in per cent."""
    parts = [f"{result.first} to {result.last}, {_counted(result.everything)}"]
    if result.left_out:
        parts.append(f"left out, since the log has no inputs of their inquiries: {result.left_out}")
    if result.told_otherwise is not None:
        parts.append(f"letters in the table that the scorecard in force gives otherwise: {result.told_otherwise}")
    parts += ["", *_judged_text(_IN_FORCE, result.in_force)]
    if result.stability is not None:
        parts += ["", *_stability_text(result.stability)]
    if result.proposed is not None:
        parts += ["", *_judged_text(_PROPOSED, result.proposed), "", *_moves_text(result)]
    return "\n".join(each.rstrip() for each in parts) + "\n"


def _rows(result: Backtest) -> Iterator[_Cells]:
    yield _Cells("", "all", "all", result.everything)
    if result.left_out:
        yield _Cells("", "left out", "orders", value=result.left_out)
    if result.told_otherwise is not None:
        yield _Cells(_IN_FORCE, "told otherwise", "letters", value=result.told_otherwise)
    yield from _judged_rows(_IN_FORCE, result.in_force)
    if result.stability is not None:
        yield from _stability_rows(result.stability)
    if result.proposed is not None:
        yield from _judged_rows(_PROPOSED, result.proposed)
    yield from (_Cells("", "moves", each.line.name, each.line) for each in result.moves)


def _judged_rows(scorecard: str, judged: Judged) -> Iterator[_Cells]:
    for line in judged.letters:
        yield _Cells(scorecard, "letter", line.name, line, mark=_code(line))
    for name, separation in _separations(judged):
        if separation is not None:
            yield _Cells(scorecard, "auc", name, value=separation.auc)
            yield _Cells(scorecard, "ks", name, value=separation.ks)
    for characteristic, lines in judged.bins.items():
        for line in lines:
            yield _Cells(scorecard, characteristic.value, line.name, line, mark=_code(line))


def _stability_rows(stability: Stability) -> Iterator[_Cells]:
    for name, index in _indices(stability):
        yield _Cells(_IN_FORCE, "psi", name, value=index, mark=shift(index).value)


def _written(row: _Cells) -> list[str]:
    line, value = row.line, "" if row.value is None else _fraction(row.value)
    figures = [""] * 6
    if line is not None:
        figures[0] = str(line.number)
        if line.rate is not None and line.interval is not None:
            shares = (_fraction(each) for each in (line.rate, line.interval.low, line.interval.high))
            figures[1:5] = [str(line.bad), *shares]
        figures[5] = "" if line.points is None else str(line.points)
    texts = (plain_cell(each) for each in (row.scorecard, row.table, row.name))
    return [*texts, *figures, value, plain_cell(row.mark)]


def _judged_text(scorecard: str, judged: Judged) -> Iterator[str]:
    yield f"scorecard {scorecard}"
    yield from _table(("letter", "orders", "bad", "rate", "95 %", ""), [_line_text(each) for each in judged.letters])
    for name, separation in _separations(judged):
        figures = "all good or all bad"
        if separation is not None:
            figures = f"AUC {separation.auc:.3f}  KS {separation.ks:.3f}"
        yield f"{figures}  ({name})"
    for characteristic, lines in judged.bins.items():
        yield ""
        heading = (characteristic.value, "orders", "bad", "rate", "95 %", "points", "")
        yield from _table(heading, [_line_text(each, with_points=True) for each in lines])


def _line_text(line: Line, *, with_points: bool = False) -> list[str]:
    figures = [_TOO_FEW, "", ""]
    if line.rate is not None and line.interval is not None:
        figures = [str(line.bad), f"{line.rate:.1%}", f"{line.interval.low:.1%} - {line.interval.high:.1%}"]
    points = [f"{line.points:+d}" if line.points else "0"] if with_points else []
    return [line.name, str(line.number), *figures, *points, "" if line.order is None else _WORDS[line.order]]


def _stability_text(stability: Stability) -> Iterator[str]:
    yield "against the baseline (PSI; 0.10 and 0.25 are a rule of thumb)"
    rows = [[name, f"{index:.4f}", shift(index).value] for name, index in _indices(stability)]
    yield from _table(("part", "PSI", ""), rows)


def _moves_text(result: Backtest) -> Iterator[str]:
    letters = [each.name for each in result.in_force.letters]
    number = {each.line.name: str(each.line.number) for each in result.moves}
    yield "orders by letter: in force (down) to proposed (across)"
    rows = [[old, *(number.get(f"{old} to {new}", "0") for new in letters)] for old in letters]
    yield from _table(("", *letters), rows)


def _table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Align names to the left and figures to the right; words, below a heading that is empty, follow as they are."""
    ends = None if heading[-1] else -1
    widths = [max(len(each) for each in column) for column in zip(heading, *rows, strict=True)]
    for cells in (heading, *rows):
        figures = [cell.rjust(width) for cell, width in zip(cells, widths, strict=True)][1:ends]
        yield "  ".join([cells[0].ljust(widths[0]), *figures, *([] if ends is None else cells[ends:])])


def _separations(judged: Judged) -> tuple[tuple[str, Separation | None], ...]:
    return ("all orders", judged.everybody), ("without an open debt", judged.not_blocked)


def _indices(stability: Stability) -> Iterator[tuple[str, float]]:
    yield from (("total", stability.total), ("adverse part", stability.adverse), ("tenure part", stability.tenure))
    yield from ((name.value, index) for name, index in stability.characteristics.items())


def _counted(line: Line) -> str:
    if line.rate is None:
        return f"{line.number} orders: too few for a rate"
    return f"{line.number} orders, {line.bad} bad ({line.rate:.1%})"


def _code(line: Line) -> str:
    return "" if line.order is None else line.order.value


def _fraction(value: float) -> str:
    return f"{value:.{_DIGITS}f}"
