"""Measures the cost of a log's monthly partitions after twenty years: time and locks of each act (PostgreSQL)."""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from benchmarks.bench_large_firm import ask, dispute, postgres, state
from registry.domain.retention import months_from
from registry.store.engines import Engines, make_engines
from registry.store.migrate import upgrade
from registry.store.transactions import Store
from registry.usecases.archive.forget_subjects import forget_subjects
from registry.usecases.archive.purge_records import purge_records
from registry.usecases.archive.run_retention import run_retention
from registry.usecases.archive.seal_records import seal_records
from registry.usecases.disputes.run import run_disputes
from tests.support.large_firm import report_firm
from tests.support.partitions import ensure_months
from tests.support.world import found_world

YEARS = (0, 5, 20)
ROUNDS = 10
_LOCKS = sa.text("SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid()")


class Locks:
    """Counts a transaction's locks at its commit: the most of any since the last call."""

    def __init__(self, engines: Engines) -> None:
        self._most = 0
        event.listen(engines.write, "commit", self._note)

    def most(self) -> int:
        """Return the most locks of one transaction, and start again."""
        found, self._most = self._most, 0
        return found

    def _note(self, connection: sa.Connection) -> None:
        self._most = max(self._most, connection.execute(_LOCKS).scalar_one())


def measure(url: str, years: int) -> dict[str, Any]:
    """Measure the acts on a registry whose log began so many years ago."""
    upgrade(url)
    engines = make_engines(url)
    store = Store(engines)
    world = found_world(store)
    today = world.clock().date()
    months = months_from(today.replace(year=today.year - years), 12 * years + 3)
    ensure_months(store, months)
    store.write(lambda tx: tx.partitions.drop("inquiry", months[-27] if years else months[0]))
    locks = Locks(engines)
    figures: dict[str, Any] = {}

    def take(name: str, act: Callable[[], object], rounds: int = 1) -> None:
        locks.most()
        took = []
        for _ in range(rounds):
            begun = time.perf_counter()
            act()
            took.append(time.perf_counter() - begun)
        figures[name] = {"milliseconds": round(1000 * statistics.median(took), 1), "locks": locks.most()}

    take("report of 20 records", lambda: report_firm(world, 20))
    take("inquiry", lambda: ask(world, "firm", "PAY_FIRST"), ROUNDS)
    take("statement", lambda: state(world, 20), 2)
    take("dispute", lambda: dispute(world, 20))
    world.clock.forward(days=70)
    take("suspension and lapse", lambda: run_disputes(world.registry))
    world.clock.forward(days=210)
    take("seal", lambda: seal_records(world.registry))
    world.clock.forward(days=800)
    take("purge", lambda: purge_records(world.registry))
    world.clock.forward(days=1)
    take("forgetting", lambda: forget_subjects(world.registry))
    take("retention, a round", lambda: run_retention(world.registry))
    partitions = store.read(lambda tx: tx.partitions.count("log_opening"))
    store.close()
    return {"years": years, "partitions_of_the_log": partitions, "acts": figures}


def main() -> None:
    """Measure registries of different ages, each on an empty PostgreSQL; write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, nargs="+", default=YEARS)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/log_partitions.json"))
    options = parser.parse_args()
    figures: dict[str, Any] = {"load_average": os.getloadavg()[1]}
    with postgres() as empty:
        figures["ages"] = [measure(empty(years), years) for years in options.years]
    options.out.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
