"""Measures the cost of the triggers that check each row's log entry: bulk reports with and without them."""

import argparse
import gc
import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg

from benchmarks.bench_store import postgresql
from benchmarks.store_rows import Reports, found
from registry.store.engines import make_engines
from registry.store.migrate import upgrade
from registry.store.transactions import Store

LOOKED_FOR = 3
"""The rows of one report that name an entry: the record and its two transitions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Microseconds on the clock for a reported row, as medians of the requests.

    ``difference_us`` is the median of the differences of two consecutive requests, which is more exact than the
    difference of the medians on a machine with other load.
    """

    database: str
    rows: int
    with_us: float
    without_us: float
    difference_us: float


def compare(database: str, checked: str, unchecked: str, requests: int, rows: int) -> Price:
    """Report in bulk on two databases in turn, so that the machine's other load hits both."""
    stores = [Store(make_engines(url)) for url in (checked, unchecked)]
    for store in stores:
        store.write(found)
        store.write(Reports.of(range(1 << 30, (1 << 30) + 10)).write)
    reports = [Reports.of(range(each * rows, (each + 1) * rows)) for each in range(requests)]
    gc.collect()
    gc.freeze()
    taken: list[list[float]] = [[], []]
    for number, each in enumerate(reports):
        for place in (0, 1) if number % 2 else (1, 0):
            taken[place].append(_clock(lambda store=stores[place], report=each: store.write(report.write)) / rows)
    for store in stores:
        store.close()
    return Price(
        database=database,
        rows=requests * rows,
        with_us=round(statistics.median(taken[0]), 1),
        without_us=round(statistics.median(taken[1]), 1),
        difference_us=round(statistics.median(one - other for one, other in zip(*taken, strict=True)), 1),
    )


def _clock(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e6


def _sqlite(directory: str, name: str) -> str:
    url = f"sqlite:///{directory}/{name}.db"
    upgrade(url)
    return url


def _drop_in_sqlite(url: str) -> None:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE name GLOB '*_names_an_entry*'").fetchall()
        for (name,) in names:
            connection.execute(f"DROP TRIGGER {name}")
    connection.close()


def _drop_in_postgresql(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP FUNCTION log_entry_must_exist() CASCADE")


def main() -> None:
    """Measure both databases and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=30, help="bulk requests to each database (default 30)")
    parser.add_argument("--rows", type=int, default=1_000, help="reported rows in a request (default 1,000)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    options = parser.parse_args()
    prices = []
    with tempfile.TemporaryDirectory(prefix="clearline-bench-") as directory:
        checked, unchecked = _sqlite(directory, "checked"), _sqlite(directory, "unchecked")
        _drop_in_sqlite(unchecked)
        prices.append(compare("sqlite", checked, unchecked, options.requests, options.rows))
        with postgresql(Path(directory)) as url:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("CREATE DATABASE unchecked")
            other = url.replace("/postgres?", "/unchecked?")
            for each in (url, other):
                upgrade(each)
            _drop_in_postgresql(other)
            prices.append(compare("postgresql", url, other, options.requests, options.rows))
    for each in prices:
        print(f"{each} {each.difference_us / LOOKED_FOR:.1f} us for each row that names an entry")
    if options.json:
        options.json.write_text(json.dumps([asdict(each) for each in prices], indent=1) + "\n")


if __name__ == "__main__":
    main()
