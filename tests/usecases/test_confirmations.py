"""Where the rules ask for it, nobody is listed on an old word: the creditor confirms that a debt is still unpaid."""

import datetime as dt
import uuid
from dataclasses import replace

import pytest

from protocol.codes import DecisionCode, Verdict
from protocol.events import EventKind
from protocol.messages.rules import ConfirmationTerms
from registry.policy.rules import DEFAULT_RULES, RuleBook
from registry.usecases.events.read import read_events
from registry.usecases.records.read import read_record
from registry.usecases.records.run import enforce_due
from registry.work.worker import tick
from tests.support.builders import TODAY, a_report, account, tokens
from tests.support.confirmations import confirms
from tests.support.stories import asks, lists, reports, settles
from tests.support.world import World


@pytest.fixture
def asking(world: World) -> World:
    """Rules under which the word may be seven days old, and a record lapses sixty days after its lead time."""
    rules = replace(DEFAULT_RULES.versions[0], confirmation=ConfirmationTerms(max_age_days=7, lapse_days=60))
    world.registry = replace(world.registry, founding_rules=RuleBook((rules,)))
    return world


def listed(world: World, name: str = "zhao", number: str = "A1") -> uuid.UUID:
    """A record that may block in twenty days."""
    verdict = lists(world, "carrier-a", a_report(name, number, notice_date=TODAY - dt.timedelta(days=10)))
    assert (verdict.verdict, verdict.enforceable_from) == (Verdict.PENDING, TODAY + dt.timedelta(days=20))
    assert verdict.record_id is not None
    return verdict.record_id


def told(world: World, carrier: str = "carrier-a") -> list[str]:
    page = read_events(world.registry, world.actor(carrier), after=0, limit=100)
    return [event.kind.value for event in page.events]


def state(world: World, record_id: uuid.UUID) -> str:
    return read_record(world.registry, world.actor("carrier-a"), record_id).state.value


def test_told_before_listed_and_paid_in_time_though_the_creditor_forgot_to_say_so(asking: World) -> None:
    record_id = listed(asking)
    # The debtor pays the carrier's own app within the lead time; its billing system tells nobody and confirms nothing.
    asking.clock.forward(days=20)
    tick(asking.registry)
    assert asks(asking, "carrier-b", tokens("zhao")).decision is DecisionCode.ALLOW
    assert told(asking) == [EventKind.CONFIRMATION_DUE]
    asking.clock.forward(days=60)
    tick(asking.registry)
    assert state(asking, record_id) == "PENDING"
    asking.clock.forward(days=1)
    tick(asking.registry)
    assert state(asking, record_id) == "CANCELLED"
    assert told(asking) == [EventKind.CONFIRMATION_DUE, EventKind.RECORD_STATE_CHANGED]
    assert asks(asking, "carrier-b", tokens("zhao")).decision is DecisionCode.ALLOW


def test_a_debt_that_is_confirmed_blocks_from_the_first_day_after_the_lead_time(asking: World) -> None:
    record_id = listed(asking)
    asking.clock.forward(days=13)
    assert enforce_due(asking.registry) == 1
    assert confirms(asking, record_id) == ["CONFIRMED"]
    asking.clock.forward(days=6)
    assert enforce_due(asking.registry) == 0
    asking.clock.forward(days=1)
    assert enforce_due(asking.registry) == 1
    assert asks(asking, "carrier-b", tokens("zhao")).decision is DecisionCode.PAY_FIRST
    assert confirms(asking, record_id) == ["NOT_PENDING"]


def test_the_creditor_is_asked_once(asking: World) -> None:
    listed(asking)
    for _ in range(30):
        asking.clock.forward(days=1)
        tick(asking.registry)
        tick(asking.registry)
    assert told(asking) == [EventKind.CONFIRMATION_DUE]


def test_a_report_of_the_day_is_a_word_of_the_day_also_when_it_changes_nothing(asking: World) -> None:
    record_id = listed(asking)
    asking.clock.forward(days=15)
    again = reports(asking, "carrier-a", a_report("zhao", notice_date=TODAY - dt.timedelta(days=10)))
    assert again.verdict is Verdict.DUPLICATE
    asking.clock.forward(days=5)
    tick(asking.registry)
    assert state(asking, record_id) == "ACTIVE"
    assert EventKind.CONFIRMATION_DUE not in told(asking)


def test_a_debt_whose_lead_time_has_run_when_it_is_reported_blocks_at_once(asking: World) -> None:
    assert lists(asking, "carrier-a", a_report("zhao")).verdict is Verdict.ACTIVE


def test_records_that_wait_for_a_word_do_not_stand_in_the_way_of_others(asking: World) -> None:
    forgotten = [listed(asking, f"debtor-{n}", f"A{n}") for n in range(3)]
    asking.clock.forward(days=19)
    assert [enforce_due(asking.registry, 2) for _ in range(3)] == [2, 1, 0]
    last = listed_today(asking, "last")
    asking.clock.forward(days=3)
    assert enforce_due(asking.registry, 1) == 1
    assert state(asking, last) == "ACTIVE"
    assert {state(asking, each) for each in forgotten} == {"PENDING"}


def listed_today(world: World, name: str) -> uuid.UUID:
    """A record that may block in three days."""
    notice = world.clock().date() - dt.timedelta(days=27)
    verdict = lists(world, "carrier-a", a_report(name, name, notice_date=notice))
    assert verdict.record_id is not None
    return verdict.record_id


def test_only_the_creditors_own_records_can_be_confirmed(asking: World) -> None:
    own, nobodys = listed(asking), uuid.uuid4()
    assert confirms(asking, own, nobodys, carrier="carrier-b") == ["NOT_FOUND", "NOT_FOUND"]
    assert confirms(asking, own, nobodys, own) == ["CONFIRMED", "NOT_FOUND", "CONFIRMED"]


def test_what_was_paid_while_it_waited_is_neither_asked_for_nor_listed(asking: World) -> None:
    listed(asking)
    settles(asking, "carrier-a", tokens("zhao"), account("A1"))
    asking.clock.forward(days=100)
    assert enforce_due(asking.registry) == 0


def test_under_the_founding_rules_nobody_is_asked(world: World) -> None:
    record_id = listed(world)
    world.clock.forward(days=20)
    tick(world.registry)
    assert state(world, record_id) == "ACTIVE"
    assert EventKind.CONFIRMATION_DUE not in told(world)
