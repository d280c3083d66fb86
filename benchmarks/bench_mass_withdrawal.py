"""How long it takes to take back all that a carrier mass-reported wrongly, every refused applicant's carrier told."""

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from protocol.codes import ServiceClass, WithdrawalReason
from protocol.messages import InquiryRequest
from registry.store.engines import make_engines
from registry.store.migrate import upgrade
from registry.store.transactions import Store
from registry.usecases.inquire import inquire_batch
from registry.usecases.withdraw_many import withdraw_batch
from tests.mass import CHUNK, WRONG_ROWS, many_tokens, report_all
from tests.world import World, found_world

APPLICANTS = 60
ASKERS = ("carrier-b", "carrier-c")


def measure(database: str, url: str, rows: int) -> dict[str, Any]:
    """Report ``rows`` wrong rows, let others ask about some, and take everything back; seconds on the clock."""
    upgrade(url)
    store = Store(make_engines(url))
    world = found_world(store)
    subjects = list(many_tokens(rows))
    started = time.perf_counter()
    report_all(world, "carrier-a", subjects, "wrong")
    reported = time.perf_counter()
    applicants = subjects[:: max(1, rows // APPLICANTS)]
    asked = [InquiryRequest(inquiry_ref="o", tokens=each, service_class=ServiceClass.MOBILE) for each in applicants]
    for who in ASKERS:
        inquire_batch(world.registry, world.actor(who), world.call(), asked)
    begun, calls = time.perf_counter(), 0
    while True:
        calls += 1
        progress = take_back(world)
        if progress["finished"]:
            break
    ended = time.perf_counter()
    told = {who: len(store.write(lambda tx, who=who: _events(tx, who))) for who in ASKERS}
    store.close()
    return {
        "database": database,
        "rows": rows,
        "rows_a_chunk": CHUNK,
        "report_seconds": round(reported - started, 1),
        "withdraw_seconds": round(ended - begun, 1),
        "calls": calls,
        "withdrawn": progress["withdrawn"],
        "inquiries_with_a_hit": len(applicants) * len(ASKERS),
        "events_told": told,
    }


def take_back(world: World) -> dict[str, Any]:
    """One call, as a gateway makes it."""
    outcome = withdraw_batch(
        world.registry,
        world.actor("carrier-a"),
        world.call(),
        batch_key="wrong",
        reason=WithdrawalReason.REPORTED_IN_ERROR,
    )
    return dict(json.loads(outcome.body))


def _events(tx: Any, who: str) -> Any:
    while tx.feed.number(who, 1_000):
        pass
    return tx.feed.page(who, 0, 10_000)


def main() -> None:
    """Measure on SQLite, and on PostgreSQL where a URL of an empty database is given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=WRONG_ROWS)
    parser.add_argument("--postgresql", help="URL of an empty database")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/mass_withdrawal.json"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = [measure("sqlite", f"sqlite:///{folder}/registry.db", options.rows)]
    if options.postgresql:
        figures.append(measure("postgresql", options.postgresql, options.rows))
    options.out.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
