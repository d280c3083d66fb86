"""Measures how long one carrier's inquiries take while another asks about nothing but one very large firm.

On PostgreSQL, two workers, over HTTP. `benchmarks/results/fairness.json` has the medians of the rounds, each of them
without and with the other carrier.
"""

import argparse
import json
import os
import statistics
import tempfile
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.bench_inquiry import database, postgres
from benchmarks.inquiry.load import Load, send
from benchmarks.inquiry.servers import THREADS, WORKERS, Inquiries, fill
from tests.support.mass import many_tokens
from tests.support.one_registry import one_registry

RESULTS = Path(__file__).parent / "results" / "fairness.json"
HOST = "127.0.0.1"
PEOPLE = 1_500
CONNECTIONS = 8
FIRM_CONNECTIONS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Medians over the rounds in milliseconds, and their growth beside the other carrier."""

    firm_records: int
    firm_alone_p50_ms: float
    quiet_p50_ms: float
    quiet_p99_ms: float
    beside_p50_ms: float
    beside_p99_ms: float
    growth_p50: float
    growth_p99: float
    machine_load: float


def main() -> None:
    """Fill a registry, measure, and write the results."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--records", type=int, default=20_000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--json", type=Path, default=RESULTS)
    chosen = arguments.parse_args()
    found = measured(chosen.records, chosen.rounds)
    chosen.json.write_text(json.dumps(asdict(found), indent=2) + "\n")
    print(json.dumps(asdict(found), indent=2))


def measured(records: int, rounds: int) -> Figures:
    """Ask in turn without and with the other carrier."""
    with tempfile.TemporaryDirectory() as place, postgres(Path(place) / "data") as server:
        home = Path(place) / "registry"
        home.mkdir()
        url = database(server, "fairness")
        more = "prepared_statements = true\n"
        with one_registry(home, database_url=url, workers=WORKERS, threads=THREADS, more=more) as here:
            people = list(many_tokens(PEOPLE + 1))
            firm = people.pop()
            fill(here, [firm] * records + people[::3])
            here.servers.start("worker", ["registry", "worker", "--config", str(here.config)])
            port = int(here.url.rpartition(":")[2])
            many = Inquiries(here.url, here.signer("carrier-b"), people)
            large = Inquiries(here.url, here.signer("carrier-a"), [firm])
            send(HOST, port, many.take(300), CONNECTIONS)
            alone = send(HOST, port, large.take(4), 1)
            quiet, beside = [], []
            for _ in range(rounds):
                quiet.append(send(HOST, port, many.take(600), CONNECTIONS))
                beside.append(_beside(port, many, large))
    return _figures(records, alone, quiet, beside)


def _beside(port: int, many: Inquiries, large: Inquiries) -> Load:
    """Ask while another asks about the firm, from before the first question until after the last answer."""
    over = threading.Event()
    failed: list[Exception] = []

    def ask() -> None:
        try:
            while not over.is_set():
                send(HOST, port, large.take(FIRM_CONNECTIONS), FIRM_CONNECTIONS)
        except Exception as error:
            failed.append(error)
            raise

    other = threading.Thread(target=ask)
    other.start()
    try:
        return send(HOST, port, many.take(600), CONNECTIONS)
    finally:
        over.set()
        other.join()
        if failed:
            raise RuntimeError("the other carrier got no answer")


def _figures(records: int, alone: Load, quiet: list[Load], beside: list[Load]) -> Figures:
    def median(loads: list[Load], name: str) -> float:
        return statistics.median(float(getattr(each, name)) for each in loads)

    return Figures(
        firm_records=records,
        firm_alone_p50_ms=alone.p50_ms,
        quiet_p50_ms=median(quiet, "p50_ms"),
        quiet_p99_ms=median(quiet, "p99_ms"),
        beside_p50_ms=median(beside, "p50_ms"),
        beside_p99_ms=median(beside, "p99_ms"),
        growth_p50=median(beside, "p50_ms") / median(quiet, "p50_ms"),
        growth_p99=median(beside, "p99_ms") / median(quiet, "p99_ms"),
        machine_load=os.getloadavg()[0],
    )


if __name__ == "__main__":
    main()
