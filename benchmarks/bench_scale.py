"""Measures inquiries on registries of different sizes, in turns, and the bytes of a record with all that hangs on it.

`python -m benchmarks.bench_scale --records 10000 1000000 --json benchmarks/results/scale.json`; the databases of a
million records take 5 GB below --folder, and 10,000,000 on PostgreSQL take 40 GB. CPU is that of this process, which
runs the use cases, and of PostgreSQL's connections.
"""

import argparse
import gc
import hashlib
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.bench_inquiry import database, postgres
from benchmarks.scale.fill import Template, fill
from protocol.codes import ServiceClass
from protocol.messages.inquiries import InquiryRequest
from protocol.messages.records import RecordReport
from registry.store.engines import make_engines
from registry.store.migrate import upgrade
from registry.store.transactions import Store
from registry.usecases.chunks import Chunk
from registry.usecases.inquiries.inquire import inquire, inquire_batch
from registry.usecases.records.report import report_chunk
from tests.support.builders import a_report, account, tokens
from tests.support.log_rounds import integrate_all
from tests.support.world import World, found_world

PEOPLE = 2_000
"""People with a real report in each registry: one of three inquiries is about one of them."""
_CHUNK = 500
_TICKS = os.sysconf("SC_CLK_TCK")
_SIZES = (
    "SELECT relname, pg_relation_size(oid), pg_indexes_size(oid), pg_total_relation_size(oid) FROM pg_class"
    " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_total_relation_size(oid) > 1000000"
)
_INDEXES = (
    "SELECT relname, indexrelname, pg_relation_size(indexrelid), idx_scan FROM pg_stat_user_indexes"
    " WHERE pg_relation_size(indexrelid) > 1000000 ORDER BY 1, 2"
)


@dataclass(slots=True, kw_only=True)
class Sized:
    """A registry of a size, and the seconds of its rounds by step: (clock, CPU here, CPU of the server)."""

    kind: str
    records: int
    url: str
    world: World
    rounds: dict[str, list[tuple[float, float, float]]]
    asked: int = 0

    @classmethod
    def made(cls, kind: str, url: str, records: int, folder: Path) -> "Sized":
        """Found a registry and fill it; half of the real reports come in the middle."""
        upgrade(url)
        world = found_world(Store(make_engines(url)))
        folder.mkdir()
        _report(world, "seed", [_a_report("seed")])
        integrate_all(world, folder)
        template = Template(url)
        began = time.monotonic()
        for part in range(2):
            fill(url, template, part * records // 2, (part + 1) * records // 2)
            people = range(part * PEOPLE // 2, (part + 1) * PEOPLE // 2)
            _report(world, f"people-{part}", [_a_report(f"person-{each}") for each in people])
        _tidy(url)
        print(f"{kind}: {records} records in {time.monotonic() - began:.0f} s")
        return cls(kind=kind, records=records, url=url, world=world, rounds={})

    def ask(self, count: int) -> None:
        """Ask ``count`` single inquiries, a third of them about people with a record."""
        for request in self._requests(count):
            inquire(self.world.registry, self.world.actor("carrier-b"), self.world.call(), request)

    def ask_together(self, count: int) -> None:
        """Ask a batch of as many."""
        inquire_batch(self.world.registry, self.world.actor("carrier-b"), self.world.call(), self._requests(count))

    def _requests(self, count: int) -> list[InquiryRequest]:
        numbers = range(self.asked, self.asked + count)
        self.asked += count
        names = [f"person-{each * 7 % PEOPLE}" if each % 3 == 0 else f"nobody-{each}" for each in numbers]
        return [
            InquiryRequest(inquiry_ref=str(each), tokens=tokens(name), service_class=ServiceClass.MOBILE)
            for each, name in zip(numbers, names, strict=True)
        ]

    def measure(self, step: str, count: int, work: Callable[["Sized", int], None]) -> None:
        """Run one round of a step and keep its seconds."""
        clock, here, there = time.perf_counter(), time.process_time(), self._server_seconds()
        work(self, count)
        taken = time.perf_counter() - clock, time.process_time() - here, self._server_seconds() - there
        self.rounds.setdefault(step, []).append(taken)

    def _server_seconds(self) -> float:
        if self.kind == "sqlite":
            return 0.0
        with psycopg.connect(self.url, autocommit=True) as connection:
            pids = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'clearline'"
            ).fetchall()
        return sum(_process_seconds(pid) for (pid,) in pids)


def _process_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _a_report(name: str) -> RecordReport:
    return a_report(
        "nobody", name, tokens=tokens(name, register=name, address=name), account_ref=account(name), dealer="D-0117"
    )


def _report(world: World, key: str, rows: Sequence[RecordReport]) -> None:
    for number, start in enumerate(range(0, len(rows), _CHUNK)):
        digest = hashlib.sha256(f"{key}/{number}".encode()).digest()
        part = tuple(rows[start : start + _CHUNK])
        report_chunk(
            world.registry,
            world.actor("carrier-a"),
            Chunk(batch_key=key, number=number, rows_digest=digest, rows=part),
        )


def _tidy(url: str) -> None:
    """Let the planner know the tables, as autovacuum does in time."""
    if not url.startswith("sqlite"):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")


def _figures(sized: Sized, counts: dict[str, int]) -> dict[str, Any]:
    """Compute the medians of the rounds in microseconds an inquiry."""
    return {"database": sized.kind, "records": sized.records} | {
        f"{step}_{name}_us": round(statistics.median(each[place] for each in sized.rounds[step]) / count * 1e6, 1)
        for step, count in counts.items()
        for place, name in enumerate(("clock", "cpu", "server_cpu"))
    }


def _growth(figures: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Compare each size with the smallest one of its database."""
    grown = []
    for each in figures:
        base = next(small for small in figures if small["database"] == each["database"])
        if base is not each:
            ratios = {step: round(_cost(each, step) / _cost(base, step), 2) for step in ("single", "batch")}
            grown.append({"database": each["database"], "records": each["records"], "of": base["records"]} | ratios)
    return grown


def _cost(figures: dict[str, Any], step: str) -> float:
    return float(figures[f"{step}_cpu_us"] + figures[f"{step}_server_cpu_us"])


def _sizes(sized: Sized) -> dict[str, Any]:
    """Read the bytes a record of each table and index, and how often each index was used; of SQLite the whole file."""
    if sized.kind == "sqlite":
        return {"file": round(Path(sized.url.removeprefix("sqlite:///")).stat().st_size / sized.records, 1)}
    with psycopg.connect(sized.url, autocommit=True) as connection:
        tables = connection.execute(_SIZES).fetchall()
        indexes = connection.execute(_INDEXES).fetchall()
    return {
        "tables": {
            name: {"rows": round(heap / sized.records, 1), "indexes": round(index / sized.records, 1)}
            for name, heap, index, _ in sorted(tables)
        },
        "indexes": {
            f"{table}.{name}": {"bytes": round(size / sized.records, 1), "scans": scans}
            for table, name, size, scans in indexes
        },
        "report": round(sum(total for *_, total in tables) / sized.records, 1),
    }


@contextmanager
def _urls(folder: Path, sizes: Sequence[int], only: str | None) -> Iterator[list[tuple[str, int, str]]]:
    """Give (database, records, URL) of each registry to be made."""
    with ExitStack() as stack:
        found: list[tuple[str, int, str]] = []
        if only != "postgresql":
            found += [("sqlite", each, f"sqlite:///{folder}/{each}.db") for each in sizes]
        if only != "sqlite":
            server = stack.enter_context(postgres(folder / "pg"))
            found += [("postgresql", each, database(server, f"of_{each}")) for each in sizes]
        yield found


def main() -> None:
    """Fill the registries, measure them in turns, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, nargs="+", default=[10_000, 1_000_000], help="sizes, smallest first")
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="one database instead of both")
    parser.add_argument("--rounds", type=int, default=15, help="rounds of each size (default 15)")
    parser.add_argument("--folder", type=Path, help="where the databases go (default: a temporary folder)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    options = parser.parse_args()
    counts = {"single": 100, "batch": 1_000}
    with (
        tempfile.TemporaryDirectory(prefix="clearline-scale-", dir=options.folder) as directory,
        _urls(Path(directory), options.records, options.only) as urls,
    ):
        folders = Path(directory)
        sized = [Sized.made(kind, url, count, folders / f"heads-{kind}-{count}") for kind, count, url in urls]
        gc.collect()
        gc.freeze()
        sizes = [{"database": each.kind, "records": each.records, **_sizes(each)} for each in sized]
        for each in sized:
            each.ask(50)
        for _ in range(options.rounds):
            for each in sized:
                each.measure("single", counts["single"], Sized.ask)
            for each in sized:
                each.measure("batch", counts["batch"], Sized.ask_together)
        figures = [_figures(each, counts) for each in sized]
        used = [_sizes(each).get("indexes", {}) for each in sized][-1]
    document = {
        "load": os.getloadavg()[0],
        "inquiries": figures,
        "growth": _growth(figures),
        "bytes_a_record": sizes,
        "scans": {name: value["scans"] for name, value in used.items()},
    }
    print(json.dumps(document, indent=1))
    if options.json:
        options.json.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
