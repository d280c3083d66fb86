"""Measures POST /check at a carrier's own gateway, with custodians, registry and database as real processes.

Each applicant has three elements: a person, a household register and an address. The first figure is CPU over all
processes, tree by tree; bare Flask stands beside it, so that the machine's own speed is seen. It needs Linux (/proc).
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.bench_inquiry import database, postgres
from benchmarks.check.system import System, checks, system
from benchmarks.inquiry import servers
from benchmarks.inquiry.load import Load, send
from benchmarks.multiplication import multiplication_us
from cli.demo.processes import tree_seconds

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round; milliseconds of CPU a check by process tree, and the machine's load and speed before it."""

    on: str
    load: Load
    cpu_ms: dict[str, float]
    machine_load: float
    multiplication_us: float
    """CPU of one multiplication by libsodium, of which a check has 43 in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """The medians of the rounds on one database at one number of connections."""

    on: str
    connections: int
    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    cpu_ms_of: dict[str, float]
    of_bare_flask: float
    """CPU of a check, where an empty answer of bare Flask in the same run is 1."""
    machine_load: float
    multiplication_us: float


def measured(here: System, count: int, connections: int, on: str, *, in_context: bool) -> Round:
    """Send one round of checks; each has to be answered by a decision."""
    prepared, machine, speed = checks(here, count, in_context=in_context), os.getloadavg()[0], multiplication_us()
    before = here.cpu_seconds()
    load = send("127.0.0.1", here.port, prepared, connections)
    spent = {name: (after - before[name]) / count * 1e3 for name, after in here.cpu_seconds().items()}
    told = f"{on}, in a context" if in_context else on
    return Round(on=told, load=load, cpu_ms=spent, machine_load=machine, multiplication_us=speed)


def bare(server: servers.Server, count: int, connections: int) -> Round:
    """Send one round to bare Flask."""
    prepared, machine, speed = server.requests(count), os.getloadavg()[0], multiplication_us()
    before = tree_seconds(server.pid)
    load = send("127.0.0.1", server.port, prepared, connections)
    spent = {server.name: (tree_seconds(server.pid) - before) / count * 1e3}
    return Round(on=server.name, load=load, cpu_ms=spent, machine_load=machine, multiplication_us=speed)


def figures(rounds: Sequence[Round]) -> list[Figure]:
    """The medians, each beside bare Flask's at the same number of connections."""
    found = []
    for on, connections in sorted({(each.on, each.load.connections) for each in rounds}):
        own = [each for each in rounds if (each.on, each.load.connections) == (on, connections)]
        flask = [each for each in rounds if (each.on, each.load.connections) == ("bare-flask", connections)]
        cpu = statistics.median(sum(each.cpu_ms.values()) for each in own)
        figure = Figure(
            on=on,
            connections=connections,
            per_second=statistics.median(each.load.per_second for each in own),
            p50_ms=statistics.median(each.load.p50_ms for each in own),
            p99_ms=statistics.median(each.load.p99_ms for each in own),
            cpu_ms=cpu,
            cpu_ms_of={name: statistics.median(each.cpu_ms[name] for each in own) for name in own[0].cpu_ms},
            of_bare_flask=cpu / statistics.median(sum(each.cpu_ms.values()) for each in flask),
            machine_load=statistics.median(each.machine_load for each in own),
            multiplication_us=statistics.median(each.multiplication_us for each in own),
        )
        found.append(figure)
    return found


def table(found: Sequence[Figure]) -> str:
    """A Markdown table."""
    lines = [
        "| on | c | checks/s | p50 / p99 | CPU a check | of which | load | a multiplication |",
        "|---|---:|---:|---:|---:|---|---:|---:|",
    ]
    for each in found:
        of = ", ".join(f"{name} {spent:.1f}" for name, spent in each.cpu_ms_of.items())
        lines.append(
            f"| {each.on} | {each.connections} | {each.per_second:,.0f} | {each.p50_ms:.1f} / {each.p99_ms:.1f} ms "
            f"| {each.cpu_ms:.1f} ms | {of} | {each.machine_load:.1f} | {each.multiplication_us:.0f} µs |"
        )
    return "\n".join(lines) + "\n"


@contextmanager
def _systems(home: Path, wanted: Sequence[str]) -> Iterator[dict[str, System]]:
    with ExitStack() as stack:
        running = {}
        if "sqlite" in wanted:
            running["sqlite"] = stack.enter_context(system(home / "sqlite", database_url=None, postmaster=None))
        if "postgresql" in wanted:
            server = stack.enter_context(postgres(home / "data"))
            postmaster = int((home / "data" / "postmaster.pid").read_text().splitlines()[0])
            url = database(server, "clearline")
            running["postgresql"] = stack.enter_context(
                system(home / "postgresql", database_url=url, postmaster=postmaster)
            )
        yield running


def main() -> None:
    """Start everything, measure in turn, and write the results."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=5, help="most rounds at each number of connections")
    arguments.add_argument("--checks", type=int, default=100, help="a round")
    arguments.add_argument("--seconds", type=float, default=30, help="begin no further round after this time")
    arguments.add_argument("--connections", type=int, nargs="+", default=[1, 8])
    arguments.add_argument("--on", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"])
    arguments.add_argument("--out", type=Path, default=RESULTS / "check.json")
    given = arguments.parse_args()
    rounds: list[Round] = []
    with (
        tempfile.TemporaryDirectory() as place,
        servers.bare_flask() as flask,
        _systems(Path(place), given.on) as running,
    ):
        for name, here in running.items():
            measured(here, 60, 8, name, in_context=True)  # warm: pools, connections, caches, plans
        begun = time.monotonic()
        for number in range(given.rounds):
            if number and time.monotonic() - begun > given.seconds:
                break
            for connections in given.connections:
                rounds.append(bare(flask, 4 * given.checks, connections))
                # With a context and without, each first as often as the other.
                for in_context in (True, False) if number % 2 else (False, True):
                    rounds += [
                        measured(here, given.checks, connections, name, in_context=in_context)
                        for name, here in running.items()
                    ]
    found = figures(rounds)
    print(table(found))
    document = {"figures": [asdict(each) for each in found], "rounds": [asdict(each) for each in rounds]}
    given.out.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
