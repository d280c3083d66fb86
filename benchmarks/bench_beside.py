"""Measures the registry's work beside the same work of another checkout, in turns on one machine.

`python -m benchmarks.bench_beside FOLDER`: FOLDER holds the other checkout, of before a change for example. Each side
has a process and a PostgreSQL of its own. CPU in microseconds a piece, of both processes, medians over the rounds; the
ratio is the median of the rounds' ratios, so that load that comes and goes meets both sides.
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
WORK: Final = Path(__file__).parent / "beside" / "work.py"
PIECES: Final = {
    "an inquiry": 60,
    "an inquiry in a context": 60,
    "a graded inquiry": 60,
    "a group of 4": 25,
    "a group of 16": 10,
    "a first report": 40,
    "another report": 40,
    "a batch of 1,000 first reports": 1,
}
"""The number of pieces of each kind in a round."""


class Side:
    """The process of one checkout."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, str(WORK)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if self._answer() != "ready":
            raise RuntimeError(f"the work of {folder} did not begin")

    def cost(self, kind: str) -> tuple[float, float]:
        """Do one round; returns CPU in microseconds a piece, of the registry and of PostgreSQL."""
        if self._process.stdin is None:
            raise RuntimeError("the process has no standard input")
        self._process.stdin.write(f"{kind}\t{PIECES[kind]}\n")
        self._process.stdin.flush()
        ours, server = map(float, self._answer().split())
        return ours, server

    def end(self) -> None:
        """End the process with its database."""
        self._process.communicate(timeout=60)

    def _answer(self) -> str:
        return "" if self._process.stdout is None else self._process.stdout.readline().strip()


def one_kind(before: Side, now: Side, kind: str, rounds: int) -> dict[str, Any]:
    """Measure one kind of work; the sides begin by turns."""
    costs: dict[Side, list[tuple[float, float]]] = {before: [], now: []}
    for number in range(rounds):
        for side in (before, now) if number % 2 else (now, before):
            costs[side].append(side.cost(kind))
    ratios = [sum(mine) / sum(other) for mine, other in zip(costs[now], costs[before], strict=True)]
    return {
        "kind": kind,
        "before_us": [round(statistics.median(each)) for each in zip(*costs[before], strict=True)],
        "now_us": [round(statistics.median(each)) for each in zip(*costs[now], strict=True)],
        "ratio": round(statistics.median(ratios), 3),
        "machine_load": round(os.getloadavg()[0], 1),
    }


def main() -> None:
    """Measure every kind and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path, help="the folder of the other checkout")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    parser.add_argument("--kind", choices=sorted(PIECES), action="append", help="only this kind (may be repeated)")
    options = parser.parse_args()
    before, now = Side(options.before.resolve()), Side(HERE)
    figures = []
    for kind in options.kind or PIECES:
        figures.append(one_kind(before, now, kind, options.rounds))
        print(figures[-1], flush=True)
    before.end()
    now.end()
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
