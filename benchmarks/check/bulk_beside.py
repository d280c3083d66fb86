"""Measures bulk work alone and beside a full house of checks: a report's file, and outcomes of orders in batches."""

import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from benchmarks.check.system import ASKS, System, checks
from benchmarks.inquiry.servers import post_bytes
from cli.demo.plan import EXAMPLES
from cli.demo.processes import ROOT
from cli.demo.tokens import bearer
from gateway.local.tokens import Scope
from protocol.activations import ActivationOutcome, UncheckedCause
from protocol.beijing import beijing_date
from protocol.codes import ServiceClass
from protocol.context import Channel
from protocol.messages.limits import MAX_BATCH
from serving.clock import system_clock

ASKERS: Final = 32
"""Twice the places of checks: whoever finds none asks again when the answer says."""
REPORTED: Final = 9_000
"""Rows of three carriers, a third of them the asker's."""
BATCHES: Final = 6
_RUNS: Final = count()


@dataclass(frozen=True, slots=True, kw_only=True)
class BesideChecks:
    """One kind of bulk work in one state of the system; ``ratio`` is its pace beside the checks over that alone."""

    state: str
    work: str
    rows: int
    rows_per_second_alone: float
    rows_per_second_beside: float
    ratio: float
    checks: dict[str, int]
    longest_check_seconds: float
    machine_load: float


@dataclass(slots=True)
class House:
    """The answers to the checks of a full house."""

    statuses: Counter[int] = field(default_factory=Counter)
    longest: float = 0.0


def send(port: int, request: bytes) -> http.client.HTTPResponse:
    """Send one request on a connection of its own, and read the whole answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.connect()
        connection.sock.sendall(request)
        answer = http.client.HTTPResponse(connection.sock)
        answer.begin()
        answer.read()
        return answer
    finally:
        connection.close()


@contextmanager
def full_house(here: System) -> Iterator[House]:
    """Keep all places of checks taken until the block ends."""
    house, over, lock = House(), threading.Event(), threading.Lock()
    requests = checks(here, ASKERS, in_context=True)

    def ask(request: bytes) -> None:
        while not over.is_set():
            began = time.monotonic()
            answer = send(here.port, request)
            with lock:
                house.statuses[answer.status] += 1
                house.longest = max(house.longest, time.monotonic() - began)
            if answer.status != http.HTTPStatus.OK:
                over.wait(float(answer.headers.get("Retry-After", "1")))

    threads = [threading.Thread(target=ask, args=(request,)) for request in requests]
    for each in threads:
        each.start()
    try:
        time.sleep(1.0)
        yield house
    finally:
        over.set()
        for each in threads:
            each.join()


def report(here: System) -> int:
    """Report an export of some thousand rows from the command line, as a billing run does; returns its rows."""
    folder = here.plan.var / "beside"
    if not folder.is_dir():
        maker = [sys.executable, str(EXAMPLES / "make_sample.py"), str(folder), "--rows", str(REPORTED)]
        as_of = beijing_date(system_clock()).isoformat()
        subprocess.run([*maker, "--applicants", "1", "--seed", "11", "--as-of", as_of], check=True)  # noqa: S603 - ours
    source, out = folder / f"{ASKS}.csv", folder / f"out-{next(_RUNS)}.csv"
    words = ["gateway", "report", str(source), "--mapping", str(here.plan.sample.mapping(ASKS)), "--out", str(out)]
    config = here.plan.var / ASKS / "gateway.toml"
    command = [sys.executable, "-m", "cli", *words, "--config", str(config)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603 - our own command
    return sum(1 for _ in out.open(encoding="utf-8")) - 1


def activate(here: System) -> int:
    """Post batches of outcomes through the gateway that serves the checks; returns their rows."""
    headers = {"Content-Type": "application/json", **bearer(here.plan.var / ASKS, Scope.CHECK)}
    for _ in range(BATCHES):
        run = next(_RUNS)
        rows = [
            {
                "order": f"OLD-{run}-{place}",
                "outcome": ActivationOutcome.ACTIVATED.value,
                "unchecked": UncheckedCause.MIGRATED.value,
                "service_class": ServiceClass.MOBILE.value,
                "channel": Channel.ONLINE.value,
            }
            for place in range(MAX_BATCH)
        ]
        body = json.dumps({"outcomes": rows}).encode("ascii")
        answer = send(here.port, post_bytes("/activations/batch", body, headers))
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(f"a batch was answered {answer.status}")
    return BATCHES * MAX_BATCH


WORKS: Final[dict[str, Callable[[System], int]]] = {"gateway report FILE": report, "POST /activations/batch": activate}


def beside_checks(here: System, state: str, work: str) -> BesideChecks:
    """Measure one kind of work alone and then beside a full house, in the state that the system is in."""
    load = os.getloadavg()[0]
    rows, alone = paced(lambda: WORKS[work](here))
    with full_house(here) as house:
        _, beside = paced(lambda: WORKS[work](here))
    return BesideChecks(
        state=state,
        work=work,
        rows=rows,
        rows_per_second_alone=round(alone),
        rows_per_second_beside=round(beside),
        ratio=round(beside / alone, 2),
        checks={str(status): number for status, number in sorted(house.statuses.items())},
        longest_check_seconds=round(house.longest, 3),
        machine_load=load,
    )


def paced(work: Callable[[], int]) -> tuple[int, float]:
    """Do some work; its rows, and rows a second."""
    began = time.monotonic()
    rows = work()
    return rows, rows / (time.monotonic() - began)
