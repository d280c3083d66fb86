"""Measures the access log's cost for a registry: integration, publication, receipts, bytes, and an audit.

    python benchmarks/bench_log.py [--leaves 1000000] [--batch 1000] [--only sqlite|postgresql] [--json FILE]

It runs the registry's own code on a real database with durable settings. Figures are seconds of wall time on this
machine; each stands beside its bound, and a broken bound ends the run with exit code 1.
"""

import argparse
import json
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.bench_store import postgresql
from benchmarks.log_steps import YEAR, LogBench, table_bytes
from registry.store.migrate import upgrade


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure; ``least`` is its floor, ``most`` its ceiling, both None for a figure without a bound."""

    database: str
    what: str
    value: float
    least: float | None = None
    most: float | None = None

    @property
    def holds(self) -> bool:
        return (self.least is None or self.value >= self.least) and (self.most is None or self.value <= self.most)


LEAST_PER_SECOND = {"sqlite": 50_000, "postgresql": 30_000}
MOST_BYTES = {"sqlite": 170, "postgresql": 240}


def measure(database: str, url: str, folder: Path, leaves: int, batch: int) -> Iterator[Figure]:
    """Measure all figures of one database."""
    upgrade(url)
    bench = LogBench(url, folder)

    def figure(what: str, value: float, *, least: float | None = None, most: float | None = None) -> Figure:
        return Figure(database=database, what=what, value=value, least=least, most=most)

    runs = bench.integrate(leaves, batch)
    # Take the least disturbed quarter of the batches: the code's cost without the machine's other load.
    quiet = statistics.quantiles([each.seconds for each in runs], n=4)[0]
    yield figure("integrated leaves a second", round(batch / quiet), least=LEAST_PER_SECOND[database])
    yield figure("integrated leaves a second, all batches", round(leaves / sum(each.seconds for each in runs)))
    processor = statistics.median(each.processor for each in runs) / batch
    yield figure("processor time of this process, us a leaf", round(processor * 1e6, 1))
    ratio = statistics.median(each.processor / each.hashing for each in runs)
    yield figure("times the processor of hashing alone", round(ratio, 1))
    yield figure("a round that publishes, ms", round(bench.publish_seconds() * 1000, 1))
    yield figure("bytes a leaf in tables and indexes", round(table_bytes(url) / leaves, 1), most=MOST_BYTES[database])
    sizes, times = bench.receipts(200)
    yield figure("receipt, bytes", max(sizes), most=1_200)
    yield figure("receipt, ms (median)", round(statistics.median(times) * 1000, 2), most=5)
    yield figure("receipt, ms (worst)", round(max(times) * 1000, 2))
    yield figure("tree derived from leaves, s", round(bench.rederive(), 2), most=round(leaves / 100_000, 2))
    yield figure("log check, entries included, s", round(bench.check(), 2))
    cuts = statistics.quantiles(bench.under_load(seconds=10, per_second=40), n=100)
    yield figure("commit to published, p50 s", round(cuts[49], 3))
    yield figure("commit to published, p99 s", round(cuts[98], 3), most=1)
    bench.close()


def main() -> None:
    """Measure, print the table, write it, and exit 1 on a broken bound."""
    logging.basicConfig(level=logging.WARNING)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--leaves", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=1_000)
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="one database instead of both")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    given = parser.parse_args()
    figures: list[Figure] = []
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="clearline-bench-") as directory:
        for name, opened in _databases(Path(directory), given.only):
            with opened as url:
                for figure in measure(name, url, Path(directory) / name, given.leaves, given.batch):
                    figures.append(figure)
                    _show(figure)
    print(f"year {YEAR}, {given.leaves:,} leaves, {time.monotonic() - began:.0f} s")
    if given.json is not None:
        document = {"leaves": given.leaves, "batch": given.batch, "figures": [asdict(each) for each in figures]}
        given.json.write_text(json.dumps(document, indent=1) + "\n")
    sys.exit(0 if all(each.holds for each in figures) else 1)


def _databases(directory: Path, only: str | None) -> Iterator[tuple[str, AbstractContextManager[str]]]:
    if only != "postgresql":
        yield "sqlite", _sqlite(directory)
    if only != "sqlite":
        yield "postgresql", postgresql(directory)


@contextmanager
def _sqlite(directory: Path) -> Iterator[str]:
    yield f"sqlite:///{directory}/registry.db"


def _show(figure: Figure) -> None:
    bound = "" if figure.least is None else f">= {figure.least:,}"
    bound = bound if figure.most is None else f"<= {figure.most:,}"
    kept = "" if figure.holds else "BROKEN"
    print(f"{figure.database:<12}{figure.what:<42}{figure.value:>12,}  {bound:<12}{kept}", flush=True)


if __name__ == "__main__":
    main()
