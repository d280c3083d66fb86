"""Measures the file of orders: a token that is kept, a report that is noted, and a file of outcomes that is read.

The token does not wait for the disk, the note does: both are measured in turn, on the disk of ``--folder``. The file
has orders that nobody asked about, so that the gateway's own work is measured; its memory is compared over the chunks.
"""

import argparse
import datetime as dt
import json
import os
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import httpx

from gateway.bulk.applications import Application
from gateway.bulk.check import Checker
from gateway.gateway import Gateway
from gateway.identity.context import Circumstances
from gateway.identity.documents import RawIdentity
from gateway.orders.book import OrderBook
from gateway.orders.values import KeptDecision
from protocol.codes import ServiceClass
from protocol.context import Channel, IdentityCheck, Purpose
from protocol.identifiers import DocumentKind
from registry.store.engines import make_engines
from registry.store.migrate import upgrade
from registry.store.transactions import Store
from tests.support.apps import an_app
from tests.support.exports import resident
from tests.support.orders import AT, a_decision, a_wish
from tests.support.parties import REGISTRY_URL, gather
from tests.support.world import found_world

TOKEN = ".".join(("x" * 330, "y" * 600, "z" * 86))
"""As long as a decision token with its sealed handle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Milliseconds of wall time, bytes, rows; and the memory that the last chunk held beyond the tenth."""

    orders: int
    check_ms: float
    """A check in one process, the p50, whose token is not kept."""
    check_ratio: float
    """The p50 of a check whose token is kept, where one without is 1; in turn."""
    keep_p50_ms: float
    keep_p99_ms: float
    note_p50_ms: float
    note_p99_ms: float
    bytes_an_answer: float
    file_rows: int
    rows_per_second: float
    peak_mib: float
    grown_mib: float
    machine_load: float


def timed(calls: int, work: Callable[[int], object]) -> list[float]:
    """Milliseconds of each call."""
    taken = []
    for number in range(calls):
        started = time.perf_counter()
        work(number)
        taken.append((time.perf_counter() - started) * 1000)
    return sorted(taken)


def gateway_in(folder: Path, resources: ExitStack) -> Gateway:
    """Found a registry and open a carrier's gateway to it, in this process."""
    url = f"sqlite:///{folder / 'registry.db'}"
    upgrade(url)
    engines = make_engines(url)
    resources.callback(engines.close)
    world = found_world(Store(engines), public_url=REGISTRY_URL, at=dt.datetime(2026, 11, 21, 4, 0, tzinfo=dt.UTC))
    transport = httpx.WSGITransport(an_app(world.registry))
    parties = gather(folder, clock=world.clock, signing_keys=world.signing_keys, registry=transport)
    resources.callback(parties.close)
    return resources.enter_context(parties.gateway())


class Forgetful(OrderBook):
    """A file of orders that keeps nothing, to measure a check without it."""

    def keep(self, decisions: Sequence[KeptDecision], *, now: dt.datetime) -> None:
        """Keep nothing."""


def check_in_turn(folder: Path, calls: int) -> tuple[float, float]:
    """Return the p50 of a check without keeping in milliseconds, and the ratio of one with it."""
    told = Circumstances(
        purpose=Purpose.NEW_LINE,
        channel=Channel.ONLINE,
        identity=IdentityCheck.COPY,
        consent_text="standard-1",
        consent="1",
        order="1",
    )
    identity = RawIdentity(kind=DocumentKind.RESIDENT_ID, number=resident(1))
    with ExitStack() as resources:
        here = gateway_in(folder, resources)
        without = Checker(replace(here.tools, orders=Forgetful(folder / "none.db")))

        def ask(checker: Checker, number: int) -> float:
            order = replace(told, order=f"ORDER-{number}")
            applicant = Application(identity=identity, service_class=ServiceClass.MOBILE, circumstances=order)
            started = time.perf_counter()
            checker.check(applicant, today=here.today())
            return (time.perf_counter() - started) * 1000

        pairs = [(ask(without, number), ask(here.checker, number)) for number in range(calls)]
    bare, kept = (statistics.median(each) for each in zip(*pairs, strict=True))
    return bare, kept / bare


def read_file(folder: Path, rows: int) -> tuple[float, float, float]:
    """Return the seconds, the peak in MiB, and the growth in MiB of a file whose orders nobody knows."""
    source = folder / "outcomes.csv"
    lines = (f"ORDER-{number:09d},ALLOW,ACTIVATED,2026-11-21 12:00,,\n" for number in range(rows))
    with source.open("w", encoding="utf-8") as file:
        file.write("order,decision,outcome,at,reason,agent\n")
        file.writelines(lines)
    held: list[int] = []
    with ExitStack() as resources:
        here = gateway_in(folder, resources)
        started = time.perf_counter()
        done = here.activate_file(source=source, output=folder / "verdicts.csv")
        seconds = time.perf_counter() - started
        tracemalloc.start()
        here.activate_file(
            source=source,
            output=folder / "again.csv",
            on_progress=lambda _done, _rows: held.append(tracemalloc.get_traced_memory()[0]),
        )
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    if done.verdicts != {"REJ_ORDER_UNKNOWN": rows}:
        raise SystemExit(f"other verdicts: {done.verdicts}")
    return seconds, peak / 2**20, (held[-1] - held[10]) / 2**20


def main() -> None:
    """Measure, print and write the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--orders", type=int, default=50_000)
    arguments.add_argument("--calls", type=int, default=1000)
    arguments.add_argument("--rows", type=int, default=50_000)
    arguments.add_argument("--folder", type=Path, help="On the disk to measure.")
    arguments.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "orders.json")
    given = arguments.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(dir=given.folder) as place:
        folder = Path(place)
        book = OrderBook(folder / "orders.db")
        known = [number.to_bytes(16, "big") for number in range(given.orders)]
        book.keep([a_decision(order=each, decision_token=TOKEN) for each in known], now=AT)
        fresh = [replace(a_decision(decision_token=TOKEN), order=os.urandom(16)) for _ in range(given.calls)]
        keep = timed(given.calls, lambda number: book.keep([fresh[number]], now=AT))
        size = (folder / "orders.db").stat().st_size
        note = timed(given.calls, lambda number: book.plan([a_wish(order=known[number])], now=AT))
        book.close()
        for name in ("check", "file"):
            (folder / name).mkdir()
        check_ms, check_ratio = check_in_turn(folder / "check", given.calls)
        seconds, peak, grown = read_file(folder / "file", given.rows)
    figures = Figures(
        orders=given.orders,
        check_ms=check_ms,
        check_ratio=check_ratio,
        keep_p50_ms=statistics.median(keep),
        keep_p99_ms=keep[int(len(keep) * 0.99)],
        note_p50_ms=statistics.median(note),
        note_p99_ms=note[int(len(note) * 0.99)],
        bytes_an_answer=size / (given.orders + given.calls),
        file_rows=given.rows,
        rows_per_second=given.rows / seconds,
        peak_mib=peak,
        grown_mib=grown,
        machine_load=load,
    )
    given.out.write_text(json.dumps(asdict(figures), indent=1) + "\n")
    print(json.dumps(asdict(figures), indent=1))


if __name__ == "__main__":
    main()
