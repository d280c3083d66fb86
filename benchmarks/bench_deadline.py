"""Measures what the counter hears when many ask at once while registry or custodians are frozen, dead or well.

Then it measures bulk work beside a full house of checks: its pace over the pace that it has alone, in the same state.

Whole system as real processes on loopback. Each case begins well and ends well: the seconds until /readyz tells the
truth, both ways, are part of it.
"""

import argparse
import http.client
import json
import os
import signal
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from benchmarks.check.bulk_beside import WORKS, BesideChecks, beside_checks
from benchmarks.check.system import System, checks, system

RESULTS: Final = Path(__file__).parent / "results"
_PATIENCE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The answers to so many checks at once in one state of the system; times in seconds."""

    state: str
    at_once: int
    statuses: dict[str, int]
    median_seconds: float
    longest_seconds: float
    longest_of_monitors_seconds: float
    afterwards_seconds: float
    """The longest of ten checks, one behind the other, once readiness tells the state."""
    readiness_told_after_seconds: float
    well_again_after_seconds: float
    machine_load: float


def asked(here: System, request: bytes) -> tuple[int, float]:
    """Send one request on a connection of its own; the status, and the seconds until the whole answer was there."""
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", here.port, timeout=120)
    connection.connect()
    connection.sock.sendall(request)
    answer = http.client.HTTPResponse(connection.sock)
    answer.begin()
    answer.read()
    taken = time.monotonic() - began
    connection.close()
    return answer.status, taken


def monitor(path: str) -> bytes:
    """Write a monitor's question."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def told(here: System, status: int) -> float:
    """Wait until ``/readyz`` has the status; the seconds that it took."""
    began = time.monotonic()
    while asked(here, monitor("/readyz"))[0] != status:
        if time.monotonic() - began > _PATIENCE_SECONDS:
            raise TimeoutError(f"/readyz never became {status}")
        time.sleep(0.05)
    return time.monotonic() - began


@contextmanager
def frozen(here: System, names: Sequence[str]) -> Iterator[None]:
    """Stop the processes of some servers."""
    groups = [here.servers.child(name).process.pid for name in names]
    for group in groups:
        os.killpg(group, signal.SIGSTOP)
    try:
        yield
    finally:
        for group in groups:
            os.killpg(group, signal.SIGCONT)


@contextmanager
def dead(here: System) -> Iterator[None]:
    """Kill the registry, and start it again."""
    registry = here.servers.child("registry")
    arguments = Path(f"/proc/{registry.process.pid}/cmdline").read_bytes().split(b"\0")
    config = Path(arguments[arguments.index(b"--config") + 1].decode())
    os.killpg(registry.process.pid, signal.SIGKILL)
    registry.process.wait()
    try:
        yield
    finally:
        here.servers.start("registry", ["registry", "serve", "--config", str(config)])


def measured(here: System, state: str, at_once: int) -> Case:
    """Bring the system into a state, let many ask at once, and bring it back."""
    custodians = [name for name in here.names if name.startswith("custodian")]
    load = os.getloadavg()[0]
    requests = checks(here, at_once, in_context=False)
    match state:
        case "well":
            broken = frozen(here, [])
        case "registry dead":
            broken = dead(here)
        case "registry frozen":
            broken = frozen(here, ["registry"])
        case "one custodian frozen":
            broken = frozen(here, custodians[:1])
        case _:
            broken = frozen(here, custodians[:2])
    told(here, 200)
    with broken:
        began = time.monotonic()
        with ThreadPoolExecutor(at_once) as threads:
            under_way = [threads.submit(asked, here, request) for request in requests]
            monitors = []
            while not all(each.done() for each in under_way):
                monitors += [asked(here, monitor(path))[1] for path in ("/healthz", "/readyz")]
                time.sleep(0.02)
            answers = [each.result() for each in under_way]
        told(here, 200 if state in {"well", "one custodian frozen"} else 503)
        until_told = time.monotonic() - began
        later = [asked(here, request)[1] for request in requests[:10]]
    return Case(
        state=state,
        at_once=at_once,
        statuses={str(status): count for status, count in sorted(Counter(status for status, _ in answers).items())},
        median_seconds=round(statistics.median(seconds for _, seconds in answers), 3),
        longest_seconds=round(max(seconds for _, seconds in answers), 3),
        longest_of_monitors_seconds=round(max(monitors, default=0.0), 3),
        afterwards_seconds=round(max(later), 3),
        readiness_told_after_seconds=round(until_told, 1),
        well_again_after_seconds=round(told(here, 200), 1),
        machine_load=load,
    )


def bulk_beside(here: System) -> list[BesideChecks]:
    """Measure each kind of bulk work in a well system, and with a custodian frozen; both are done once before."""
    custodians = [name for name in here.names if name.startswith("custodian")]
    for work in WORKS.values():
        work(here)
    found = [beside_checks(here, "well", work) for work in WORKS]
    with frozen(here, custodians[:1]):
        found += [beside_checks(here, "one custodian frozen", work) for work in WORKS]
    told(here, 200)
    return found


STATES: Final = ("well", "registry frozen", "registry dead", "one custodian frozen", "two custodians frozen")


def main() -> None:
    """Start everything, measure each state, and write the results."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--at-once", type=int, nargs="*", default=[60, 200], help="none: keep the cases of --out")
    arguments.add_argument("--out", type=Path, default=RESULTS / "deadline.json")
    given = arguments.parse_args()
    with (
        tempfile.TemporaryDirectory() as place,
        system(Path(place) / "system", database_url=None, postmaster=None) as here,
    ):
        cases = [asdict(measured(here, state, at_once)) for at_once in given.at_once for state in STATES]
        beside = bulk_beside(here)
    for each in (*cases, *beside):
        print(each)
    kept = [] if cases else json.loads(given.out.read_text())["cases"]
    document = {"cases": cases or kept, "bulk_beside_checks": [asdict(each) for each in beside]}
    given.out.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
