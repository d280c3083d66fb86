"""Prints the results in short tables: verdicts, decisions, and the speed beside the bare cryptography."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from cli.demo.calibrate import Calibration
from cli.demo.import_ import Imported
from serving.files import write_whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """One stretch of work: rows and evaluated elements, wall seconds, CPU seconds of all processes (None: unknown)."""

    rows: int
    elements: int
    wall: float
    cpu: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The measurements of reports and checks, and the cost of their elements in bare cryptography."""

    reports: Stretch
    checks: Stretch
    cost: Calibration

    @property
    def whole(self) -> Stretch:
        """Add both stretches up."""
        first, second = self.reports, self.checks
        return Stretch(
            rows=first.rows + second.rows,
            elements=first.elements + second.elements,
            wall=first.wall + second.wall,
            cpu=None if first.cpu is None or second.cpu is None else first.cpu + second.cpu,
        )


def ratios(stretch: Stretch, cost: Calibration) -> tuple[float | None, float | None]:
    """Divide the spent time by that of the elements' bare cryptography; None if unknown.

    Wall time is divided by the time of one core that works alone, CPU time by that of one of many busy cores.
    """
    if not stretch.elements:
        return None, None
    wall = stretch.wall / (stretch.elements * cost.alone.element)
    return wall, None if stretch.cpu is None else stretch.cpu / (stretch.elements * cost.busy.element)


def show(imported: Imported, figures: Figures) -> None:
    """Print the three tables."""
    console = Console()
    console.print(_counts("rows by verdict", "verdict", {k: v.verdicts for k, v in imported.reports.items()}))
    console.print(_counts("applicants by decision", "decision", {k: v.decisions for k, v in imported.checks.items()}))
    console.print(_speed(figures))


def write_figures(path: Path, figures: Figures) -> None:
    """Write the same figures for a program."""
    costs = {"alone": figures.cost.alone, "busy": figures.cost.busy}
    document: dict[str, Any] = {
        "cost": {name: asdict(each) | {"element": each.element} for name, each in costs.items()}
    }
    for name, stretch in _stretches(figures):
        wall, cpu = ratios(stretch, figures.cost)
        document[name] = asdict(stretch) | {
            "rows_per_second": stretch.rows / stretch.wall,
            "elements_per_second": stretch.elements / stretch.wall,
            "wall_over_crypto": wall,
            "cpu_over_crypto": cpu,
        }
    write_whole(path, (json.dumps(document, indent=2, sort_keys=True) + "\n").encode("ascii"))


def _counts(title: str, what: str, by_carrier: Mapping[str, Mapping[str, int]]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(what)
    for carrier in by_carrier:
        table.add_column(carrier, justify="right")
    table.add_column("all", justify="right")
    for code in sorted({code for counts in by_carrier.values() for code in counts}):
        cells = [counts.get(code, 0) for counts in by_carrier.values()]
        table.add_row(code, *_figures(cells), str(sum(cells)))
    totals = [sum(counts.values()) for counts in by_carrier.values()]
    table.add_section()
    table.add_row("all", *_figures(totals), str(sum(totals)))
    return table


def _figures(cells: Iterable[int]) -> list[str]:
    return [str(each) if each else "" for each in cells]


def _speed(figures: Figures) -> Table:
    cost = figures.cost
    alone, busy = (each.element * 1000 for each in (cost.alone, cost.busy))
    table = Table(
        title="speed",
        title_justify="left",
        caption=f"bare cryptography of an element: {alone:.3f} ms of one core alone "
        f"({cost.alone.gateway * 1000:.3f} at the gateway, {cost.alone.custodian * 1000:.3f} at each of two "
        f"custodians), {busy:.3f} ms of a core when all are busy",
        caption_justify="left",
    )
    table.add_column("")
    stretches = _stretches(figures)
    for name, _ in stretches:
        table.add_column(name, justify="right")
    both = [ratios(stretch, cost) for _, stretch in stretches]
    found = [stretch for _, stretch in stretches]
    table.add_row("rows", *(str(each.rows) for each in found))
    table.add_row("rows a second", *(f"{each.rows / each.wall:.0f}" for each in found))
    table.add_row("elements evaluated", *(str(each.elements) for each in found))
    table.add_row("elements a second", *(f"{each.elements / each.wall:.0f}" for each in found))
    table.add_row("wall seconds", *(f"{each.wall:.2f}" for each in found))
    table.add_row("  over bare cryptography, alone", *(_times(wall) for wall, _ in both))
    table.add_row("CPU seconds, all processes", *("" if each.cpu is None else f"{each.cpu:.2f}" for each in found))
    table.add_row("  over bare cryptography, busy", *(_times(cpu) for _, cpu in both))
    return table


def _times(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f}x"


def _stretches(figures: Figures) -> tuple[tuple[str, Stretch], ...]:
    return ("reports", figures.reports), ("checks", figures.checks), ("whole", figures.whole)
