"""Runs the registry's own work in a process of its own, so that its CPU time and memory are nobody else's.

`python -m benchmarks.bulk.work URL FILE` founds a registry in an empty database, reports the file, and asks about its
debtors in batches; it prints its figures as JSON. The work is what a request does from its body's blocks to the
answer's bytes: HTTP and the request's one signature are left out.
"""

import argparse
import gc
import json
import os
import resource
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import psycopg

from api.limits import Limits
from api.rows import chunks, lines
from benchmarks.bulk.rows import applicants
from registry.store.engines import make_engines
from registry.store.migrate import upgrade
from registry.store.transactions import Store
from registry.usecases.inquiries.inquire import inquire_batch
from registry.usecases.records.report import report_chunk
from tests.support.world import World, found_world

_BLOCK: Final = 1 << 16
_SAMPLES: Final = 200
BATCH: Final = 1_000
_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The seconds of one step: this process, its database's server, and the clock."""

    units: int
    process_cpu: float
    server_cpu: float
    clock: float


class Meter:
    """Adds up CPU time; ``postmaster`` is 0 where the database is no server."""

    def __init__(self, postmaster: int) -> None:
        self._postmaster = postmaster
        self._start = self._now()

    def cost(self, units: int) -> Cost:
        """Return the cost since the meter was made."""
        process, server, clock = (now - then for now, then in zip(self._now(), self._start, strict=True))
        return Cost(units=units, process_cpu=process, server_cpu=server, clock=clock)

    def _now(self) -> tuple[float, float, float]:
        return time.process_time(), server_seconds(self._postmaster), time.perf_counter()


def server_seconds(postmaster: int) -> float:
    """Add up the CPU seconds of a PostgreSQL and of all its processes, ended ones included."""
    if not postmaster:
        return 0.0
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(stat.parent.name) == postmaster:
            ticks += sum(map(int, fields[11:15]))
        elif int(fields[1]) == postmaster:
            ticks += sum(map(int, fields[11:13]))
    return ticks / _TICKS


def memory_mb() -> float:
    """Return the resident memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def report_file(world: World, path: Path, rows: int, key: str) -> list[tuple[int, float]]:
    """Report a file as one batch; returns the memory after so many rows, in MB."""
    actor = world.actor("carrier-a")
    line_bytes = Limits().line_bytes
    done, every, memory = 0, max(1, rows // _SAMPLES), [(0, memory_mb())]
    for chunk in chunks(lines(_blocks(path), line_bytes), batch_key=key, first_chunk=0, line_bytes=line_bytes):
        world.clock.forward(milliseconds=250)
        verdicts = report_chunk(world.registry, actor, chunk)
        assert b"REJ_" not in verdicts
        done += len(chunk.rows)
        if done >= memory[-1][0] + every:
            memory.append((done, round(memory_mb(), 1)))
    assert done == rows
    return memory


def ask(world: World, batches: int, listed: int, meter_of: int) -> Cost:
    """Ask in batches about people, a third of whom are listed; the first batch warms and is not measured."""
    requests = applicants((batches + 1) * BATCH, listed)
    actor, meter = world.actor("carrier-b"), Meter(meter_of)
    gc.collect()
    gc.freeze()
    for start in range(0, len(requests), BATCH):
        if start == BATCH:
            meter = Meter(meter_of)
        world.clock.forward(milliseconds=250)
        inquire_batch(world.registry, actor, world.call(), requests[start : start + BATCH])
    return meter.cost(batches * BATCH)


def analyze(url: str) -> None:
    """Let PostgreSQL count its rows, as it does by itself some time after a file."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ANALYZE")


def main() -> None:
    """Do the work and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("file", type=Path)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--batches", type=int, default=5)
    parser.add_argument("--postmaster", type=int, default=0)
    options = parser.parse_args()
    upgrade(options.url)
    store = Store(make_engines(options.url, prepared_statements=True))
    world = found_world(store)
    figures: dict[str, Any] = {}
    gc.collect()
    gc.freeze()  # as the server does with what it has loaded
    meter = Meter(options.postmaster)
    memory = report_file(world, options.file, options.rows, "bulk")
    figures["report"] = asdict(meter.cost(options.rows))
    figures["memory"] = memory
    figures["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3, 1)
    if options.postmaster:
        analyze(options.url)
    figures["inquire"] = asdict(ask(world, options.batches, options.rows, options.postmaster))
    store.close()
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
