"""Tests that an answer's time and size do not reveal a listing: inquiries about listed and unlisted people, in turn."""

import argparse
import gc
import json
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.bench_store import postgresql
from protocol.codes import ServiceClass
from protocol.messages.inquiries import InquiryRequest
from protocol.messages.tokens import SubjectTokens
from registry.store.engines import make_engines
from registry.store.migrate import upgrade
from registry.store.transactions import Store
from registry.usecases.inquiries.inquire import inquire
from registry.usecases.records.report import report
from tests.support.builders import a_report, tokens
from tests.support.world import World, found_world

RESULTS = Path(__file__).resolve().parents[1] / "benchmarks" / "results" / "equal_time.json"


def main() -> None:
    """Measure the databases and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=600, help="of each kind (default 600)")
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="one database instead of both")
    parser.add_argument("--json", type=Path, default=RESULTS, help="where the figures go")
    options = parser.parse_args()
    figures: dict[str, Any] = {"people": options.people, "load_before": round(os.getloadavg()[0], 2)}
    with tempfile.TemporaryDirectory(prefix="clearline-bench-") as directory:
        if options.only != "postgresql":
            figures["sqlite"] = _figures(f"sqlite:///{directory}/registry.db", options.people)
        if options.only != "sqlite":
            with postgresql(Path(directory)) as url:
                figures["postgresql"] = _figures(url, options.people)
    options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="ascii")
    for database in ("sqlite", "postgresql"):
        if database in figures:
            print(database, json.dumps(figures[database]))


def _figures(url: str, people: int) -> dict[str, Any]:
    """Compute medians of both kinds; ``noise`` is the ratio of two halves of the unlisted, which do not differ."""
    upgrade(url)
    world = found_world(Store(make_engines(url)))
    for each in range(people):
        report(world.registry, world.actor("carrier-a"), world.call(), a_report(f"listed {each}", f"A{each}"))
    listed: list[tuple[float, int]] = []
    unlisted: list[tuple[float, int]] = []
    asked = [(tokens(f"listed {each}"), tokens(f"nobody {each}")) for each in range(people)]
    gc.collect()
    gc.freeze()
    for number, (debtor, stranger) in enumerate(asked):
        # Ask in turn, each kind first as often as the other, so that the machine's other load hits both alike.
        pairs = [(debtor, listed), (stranger, unlisted)]
        for whose, times in pairs if number % 2 else reversed(pairs):
            times.append(_ask(world, whose))
    world.registry.store.close()
    tenth = people // 10  # caches are cold at first
    owing, free = listed[tenth:], unlisted[tenth:]
    return {
        "listed_us": _median_us(owing),
        "unlisted_us": _median_us(free),
        "ratio": round(_median_us(owing) / _median_us(free), 3),
        "noise": round(_median_us(free[::2]) / _median_us(free[1::2]), 3),
        "listed_bytes": sorted({size for _, size in owing}),
        "unlisted_bytes": sorted({size for _, size in free}),
    }


def _ask(world: World, whose: SubjectTokens) -> tuple[float, int]:
    request = InquiryRequest(inquiry_ref="order-1", tokens=whose, service_class=ServiceClass.MOBILE)
    actor, call = world.actor("carrier-b"), world.call()
    started = time.perf_counter()
    outcome = inquire(world.registry, actor, call, request)
    return time.perf_counter() - started, len(outcome.body)


def _median_us(times: Sequence[tuple[float, int]]) -> float:
    return round(statistics.median(each for each, _ in times) * 1e6, 1)


if __name__ == "__main__":
    main()
