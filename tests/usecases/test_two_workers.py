"""The clock at its worst: two workers at the same moment after a long pause, and a pause of six years."""

import datetime as dt
import json
import shutil
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from protocol.beijing import beijing_date
from protocol.codes import Role
from protocol.events import EventKind
from protocol.log_entries import EntryKind
from protocol.messages.plans import Instalment, PlanArrangement
from protocol.messages.rules import ConfirmationTerms
from registry.policy.rules import DEFAULT_RULES, RuleBook
from registry.store.engines import Engines
from registry.store.transactions import Store
from registry.usecases.events.read import read_events
from registry.usecases.plans.arrange import arrange_plan
from registry.work.worker import tick
from tests.support.builders import a_report, account, tokens
from tests.support.counters import collects, quote_for
from tests.support.disputes import admitted, answers, files
from tests.support.people import subject_key_of
from tests.support.stories import asks, lists, settles
from tests.support.world import World, found_world

DAY = dt.timedelta(days=1)
SIX_YEARS = 2192
NAMES = (
    "old",
    "paid",
    "sealed",
    "stale",
    "withdrawn",
    "suspended",
    "undecided",
    "reminded",
    "planned",
    "taken",
    "lead",
)


def owes(world: World, name: str, notice_days: int = 150) -> uuid.UUID:
    """A debt of 120.00 yuan that is 200 days past due on the day on which it is reported."""
    today = beijing_date(world.clock())
    noticed = today - notice_days * DAY
    verdict = lists(world, "carrier-a", a_report(name, name, due_date=today - 200 * DAY, notice_date=noticed))
    assert verdict.record_id is not None
    return verdict.record_id


def disputes(world: World, name: str) -> uuid.UUID:
    owes(world, name)
    return uuid.UUID(files(world, whose=tokens(name))[0]["dispute_id"])


def pays(world: World, name: str) -> None:
    owes(world, name)
    asks(world, "carrier-c", tokens(name))
    settles(world, "carrier-a", tokens(name), account(name), amount_fen=192_00)


def arranges(world: World, name: str) -> None:
    due = beijing_date(world.clock()) + 20 * DAY
    arrange_plan(
        world.registry,
        world.actor("carrier-a"),
        world.call(),
        PlanArrangement(record_id=owes(world, name), instalments=(Instalment(due_date=due, amount_fen=192_00),)),
    )


def takes(world: World, name: str) -> None:
    owes(world, name)
    collects(world, "carrier-b", quote_for(world, "carrier-b", tokens(name)))


STORY: dict[int, list[Callable[[World], object]]] = {
    0: [lambda world: owes(world, "old"), lambda world: pays(world, "paid")],
    400: [lambda world: owes(world, "stale", notice_days=10)],
    SIX_YEARS - 210: [lambda world: pays(world, "sealed")],
    SIX_YEARS - 60: [lambda world: disputes(world, "withdrawn")],
    SIX_YEARS - 40: [lambda world: arranges(world, "planned")],
    SIX_YEARS - 30: [lambda world: answers(world, disputes(world, "undecided"))],
    SIX_YEARS - 20: [lambda world: disputes(world, "suspended")],
    SIX_YEARS - 12: [lambda world: disputes(world, "reminded")],
    SIX_YEARS - 6: [lambda world: takes(world, "taken")],
    SIX_YEARS - 5: [lambda world: owes(world, "lead", notice_days=28)],
}
"""What people do, by the day."""


def lived(store: Store, ticks_on: Callable[[int], bool]) -> World:
    """Six years in which the worker runs on some days, before anybody comes to a counter; the last day is left out."""
    world = found_world(store)
    rules = replace(DEFAULT_RULES.versions[0], confirmation=ConfirmationTerms(max_age_days=7, lapse_days=60))
    world.registry = replace(world.registry, founding_rules=RuleBook((rules,)))
    admitted(world, "court")
    begin = world.clock.now
    for day in range(SIX_YEARS):
        world.clock.now = begin + day * DAY
        if ticks_on(day):
            tick(world.registry)
        for step in STORY.get(day, ()):
            step(world)
    world.clock.now = begin + SIX_YEARS * DAY
    return world


def entries(world: World, kind: EntryKind) -> list[dict[str, Any]]:
    found = world.registry.store.read(lambda tx: tx.openings.first(10_000))
    return [json.loads(each.core)["facts"] for each in found if each.kind == kind]


def edges(world: World) -> Counter[str]:
    """Every edge in the log; that a record takes one twice in its life does not happen in this story."""
    taken = Counter((each["record"], each["edge"]) for each in entries(world, EntryKind.RECORD_TRANSITION))
    assert set(taken.values()) == {1}
    return Counter(edge for _, edge in taken)


def told(world: World) -> Counter[str]:
    """The kinds of all events, none of which anybody got twice at one moment; a reminder comes on a day of its own."""
    page = [
        (who, event.kind, event.record_id, event.inquiry_id, json.dumps(event.facts), event.created_at)
        for who in ("carrier-a", "carrier-b", "carrier-c", "court")
        for event in read_events(world.registry, world.actor(who, Role.INQUIRER), 0, 500).events
    ]
    assert set(Counter(page).values()) == {1}
    return Counter(each[1] for each in page)


def test_two_workers_at_the_same_moment_take_each_edge_once_and_tell_of_it_once(store: Store) -> None:
    world = lived(store, lambda _: False)
    before, heard = edges(world), told(world)
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        tick(world.registry)

    with ThreadPoolExecutor(2) as threads:
        for each in [threads.submit(work) for _ in range(2)]:
            each.result()
    assert edges(world) - before == {
        "PENDING>ACTIVE": 1,
        "ACTIVE>EXPIRED": 1,
        "EXPIRED>PURGED": 1,
        "CLEARED>PURGED": 1,
        "DISPUTED>SUSPENDED": 2,
        "SUSPENDED>WITHDRAWN": 1,
        "ARRANGED>ACTIVE": 1,
    }
    new = told(world) - heard
    assert (new[EventKind.CONFIRMATION_DUE], new[EventKind.DISPUTE_ANSWER_DUE]) == (1, 1)
    assert new[EventKind.DISPUTE_DECISION_DUE] == 1
    assert [each["state"] for each in entries(world, EntryKind.COLLECTION_ANSWERED)] == ["CONFIRMED_BY_SILENCE"]
    sealed = Counter(each["record"] for each in entries(world, EntryKind.RECORD_SEALED))
    assert (len(sealed), set(sealed.values())) == (3, {1})
    dropped = entries(world, EntryKind.RETENTION)
    assert sum(each.get("inquiries", 0) for each in dropped) == 1
    assert sum(each.get("subjects", 0) for each in entries(world, EntryKind.ERASURE)) == 2
    assert tick(world.registry) == 0
    assert told(world) - heard == new


def outcome(world: World, name: str) -> dict[str, Any]:
    """Where all that hangs on a name stands, without the moments at which it came there."""
    key = subject_key_of(world.registry, tokens(name))

    def work(tx: Any) -> dict[str, Any]:
        return {
            "records": [each.state for each in tx.records.of_subjects((key,)).get(key, ())],
            "archived": [each.state for each in tx.archive.of_subjects((key,))],
            "cases": [(each.state, each.outcome) for each in tx.disputes.of_subjects((key,)).get(key, ())],
            "plans": [each.state for each in tx.plans.of_subjects((key,))],
            "collections": [each.state for each in tx.collected.of_subjects((key,))],
            "inquiries": len(tx.inquiries.of_subject([key])),
            "known": key in tx.subjects.known((key,)),
        }

    return world.registry.store.read(work)


def test_a_worker_that_was_down_for_six_years_catches_up_in_one_round(
    sqlite_template: Path, tmp_path: Path, open_engines: Callable[[str], Engines]
) -> None:
    def a_world(name: str, ticks_on: Callable[[int], bool]) -> World:
        path = tmp_path / f"{name}.db"
        shutil.copy(sqlite_template, path)
        world = lived(Store(open_engines(f"sqlite:///{path}")), ticks_on)
        tick(world.registry)
        return world

    # Every day while something is due, and every week in the years between.
    diligent = a_world("diligent", lambda day: day % 7 == 0 or 400 <= day < 500 or day > SIX_YEARS - 70)
    asleep = a_world("asleep", lambda _: False)
    differ = {name for name in NAMES if outcome(diligent, name) != outcome(asleep, name)}
    # A creditor that was never asked for its word was not silent: it is asked now, and has its days.
    assert differ == {"stale"}
    assert (outcome(diligent, "stale")["records"], outcome(diligent, "stale")["archived"]) == ([], ["PURGED"])
    assert outcome(asleep, "stale")["records"] == ["PENDING"]
    asleep.clock.forward(days=61)
    tick(asleep.registry)
    assert outcome(asleep, "stale") == outcome(diligent, "stale")
    assert [outcome(diligent, name)["records"] for name in ("suspended", "withdrawn", "planned", "lead", "taken")] == [
        ["SUSPENDED"],
        ["WITHDRAWN"],
        ["ACTIVE"],
        ["ACTIVE"],
        ["CLEARED"],
    ]
    assert [outcome(asleep, name)["archived"] for name in ("old", "paid", "sealed")] == [
        ["PURGED"],
        ["PURGED"],
        ["CLEARED"],
    ]
