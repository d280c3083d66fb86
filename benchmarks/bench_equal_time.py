"""Tests that no answer's time and size reveals a listing, or a low grade: orders of three kinds of people, in turn.

Listed ones are E, those under a plan are D and are asked for a deposit, strangers are C.
"""

import argparse
import gc
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.bench_store import postgresql
from protocol.activations import ActivationOutcome
from protocol.codes import ServiceClass
from protocol.messages.inquiries import InquiryAnswer, InquiryRequest, RecheckRequest
from protocol.messages.tokens import SubjectTokens
from protocol.wire.codec import read
from registry.domain.participants import Actor
from registry.store.engines import make_engines
from registry.store.migrate import upgrade
from registry.store.transactions import Store
from registry.usecases.activations.report import report_activation
from registry.usecases.context import IdempotentCall, Outcome
from registry.usecases.inquiries.inquire import inquire
from registry.usecases.inquiries.recheck import recheck
from tests.support.activations import a_report_on
from tests.support.builders import a_report, account, tokens
from tests.support.contexts import with_context
from tests.support.grades import graded
from tests.support.money import a_debt, arranges
from tests.support.stories import lists
from tests.support.world import World, found_world

_Taken = tuple[float, int]
"""The seconds and the bytes of one answer."""
STEPS = ("inquiry", "recheck", "activation")
KINDS = ("listed", "under_a_plan", "unlisted")
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
    """Compare listed and unlisted people at each step of an order."""
    upgrade(url)
    world = graded(found_world(Store(make_engines(url))), "carrier-b")
    for each in range(people):
        lists(world, "carrier-a", a_report(f"listed {each}", f"A{each}"))
        planned = lists(
            world, "carrier-a", a_debt(tokens=tokens(f"under_a_plan {each}"), account_ref=account(f"B{each}"))
        )
        arranges(world, planned.record_id, (300, 260_00))
    times: dict[str, dict[str, list[_Taken]]] = {step: {kind: [] for kind in KINDS} for step in STEPS}
    gc.collect()
    gc.freeze()
    for number in range(people):
        # Ask in turn, each kind first as often as the others, so that the machine's other load hits all alike.
        for place in range(len(KINDS)):
            kind = KINDS[(number + place) % len(KINDS)]
            for step, taken in zip(STEPS, _order(world, tokens(f"{kind} {number}"), number), strict=True):
                times[step][kind].append(taken)
    world.registry.store.close()
    tenth = people // 10  # caches are cold at first
    return {step: _compared({kind: some[tenth:] for kind, some in kinds.items()}) for step, kinds in times.items()}


def _compared(times: Mapping[str, Sequence[_Taken]]) -> dict[str, Any]:
    """Compute medians of all kinds; ``noise`` is the ratio of two halves of the unlisted, which do not differ."""
    free = times["unlisted"]
    return {
        **{f"{kind}_us": _median_us(taken) for kind, taken in times.items()},
        "ratio": round(_median_us(times["listed"]) / _median_us(free), 3),
        "ratio_under_a_plan": round(_median_us(times["under_a_plan"]) / _median_us(free), 3),
        "noise": round(_median_us(free[::2]) / _median_us(free[1::2]), 3),
        **{f"{kind}_bytes": sorted({size for _, size in taken}) for kind, taken in times.items()},
    }


def _order(world: World, whose: SubjectTokens, number: int) -> Iterator[_Taken]:
    """Ask, ask again whether anything has changed, and tell that a prepaid line was opened."""
    plain = InquiryRequest(inquiry_ref="order-1", tokens=whose, service_class=ServiceClass.MOBILE)
    request = with_context(plain, order=number.to_bytes(16, "big"))
    body, taken = _timed(world, lambda who, call: inquire(world.registry, who, call, request))
    yield taken
    first = read(InquiryAnswer, json.loads(body))
    again = RecheckRequest(inquiry_ref="order-1", decision_token=first.decision_token)
    body, taken = _timed(world, lambda who, call: recheck(world.registry, who, call, first.inquiry_id, again))
    yield taken
    told = a_report_on(world, read(InquiryAnswer, json.loads(body)), ActivationOutcome.PREPAID)
    _, taken = _timed(world, lambda who, call: report_activation(world.registry, who, call, told))
    yield taken


def _timed(world: World, work: Callable[[Actor, IdempotentCall], Outcome]) -> tuple[bytes, _Taken]:
    """Run one step; its answer, and the seconds and bytes that it took."""
    actor, call = world.actor("carrier-b"), world.call()
    started = time.perf_counter()
    outcome = work(actor, call)
    return outcome.body, (time.perf_counter() - started, len(outcome.body))


def _median_us(times: Sequence[_Taken]) -> float:
    return round(statistics.median(each for each, _ in times) * 1e6, 1)


if __name__ == "__main__":
    main()
