"""Measures `POST /check` beside that of another checkout, in turns on one machine, with a context and without.

`python -m benchmarks.bench_check_beside FOLDER`: FOLDER holds the other checkout. Each side has a whole system (SQLite)
with processes of its own, and one connection; the ratio is the median of the rounds' ratios.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parents[1]
WORK: Final = Path(__file__).parent / "beside" / "checks.py"
KINDS: Final = ("before", "now", "now, in a context")
RESULTS: Final = HERE / "benchmarks" / "results" / "check_beside.json"


class Side:
    """The system of one checkout."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, str(WORK)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        if self._answer() != "ready":
            raise RuntimeError(f"the system of {folder} did not start")

    def round(self, number: int, *, in_context: bool) -> dict[str, float]:
        """Send one round of checks."""
        if self._process.stdin is None:
            raise RuntimeError("the process has no standard input")
        self._process.stdin.write(f"{number} {int(in_context)}\n")
        self._process.stdin.flush()
        return dict(json.loads(self._answer()))

    def end(self) -> None:
        """End the system."""
        self._process.communicate(timeout=60)

    def _answer(self) -> str:
        return "" if self._process.stdout is None else self._process.stdout.readline().strip()


def measured(before: Side, now: Side, *, rounds: int, number: int) -> list[dict[str, Any]]:
    """Measure the three kinds; they go in one order and in the other by turns."""
    sides = dict(zip(KINDS, ((before, False), (now, False), (now, True)), strict=True))
    found: dict[str, list[dict[str, float]]] = {kind: [] for kind in KINDS}
    for turn in range(-1, rounds):
        for kind in KINDS if turn % 2 else reversed(KINDS):
            side, in_context = sides[kind]
            one = side.round(number, in_context=in_context)
            if turn >= 0:  # the first warms pools, caches and plans
                found[kind].append(one)
    return [_figure(kind, found[kind], found["before"]) for kind in KINDS]


def _figure(kind: str, own: list[dict[str, float]], other: list[dict[str, float]]) -> dict[str, Any]:
    figure: dict[str, Any] = {"kind": kind}
    for name in ("p50_ms", "cpu_ms"):
        ratios = [mine[name] / theirs[name] for mine, theirs in zip(own, other, strict=True)]
        figure[name] = round(statistics.median(each[name] for each in own), 2)
        figure[f"{name.partition('_')[0]}_ratio"] = round(statistics.median(ratios), 3)
    return figure | {"rounds": len(own), "machine_load": round(os.getloadavg()[0], 1)}


def main() -> None:
    """Measure, print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path, help="the folder of the other checkout")
    parser.add_argument("--rounds", type=int, default=24)
    parser.add_argument("--checks", type=int, default=80, help="a round")
    parser.add_argument("--json", type=Path, default=RESULTS, metavar="FILE", help="where the figures go")
    given = parser.parse_args()
    before, now = Side(given.before.resolve()), Side(HERE)
    figures = measured(before, now, rounds=given.rounds, number=given.checks)
    before.end()
    now.end()
    for each in figures:
        print(each)
    given.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
