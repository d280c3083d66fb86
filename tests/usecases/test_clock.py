"""A wrong clock changes nothing that cannot be taken back, and a person's word makes everything go on."""

import datetime as dt
import json
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from protocol.beijing import beijing_date
from protocol.codes import DecisionCode, Verdict
from protocol.log_entries import EntryKind
from protocol.problems import Problem, Refusal
from protocol.states import RecordState
from registry.domain.clock import ClockWordRefused
from registry.domain.log import shard_of
from registry.policy.clock import DEFAULT_CLOCK_TERMS
from registry.policy.delivery import DEFAULT_DELIVERY
from registry.usecases.archive.run_retention import run_retention
from registry.usecases.clock.confirm_clock import confirm_clock
from registry.usecases.clock.judge_clock import judge_clock
from registry.usecases.clock.show_clock import show_clock
from registry.usecases.events.deliver import due_webhooks
from registry.work.worker import tick
from tests.support.builders import NOW, TODAY, a_report, account, tokens
from tests.support.clocks import Clocks, a_word
from tests.support.endings import cleared, states_of
from tests.support.log_entries import YEAR, an_entry, an_integrator
from tests.support.stories import asks, reports, settles
from tests.support.world import World

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
SEVEN_YEARS = 7 * 365 * DAY
JUMPS = [side * jump for jump in (HOUR, DAY, SEVEN_YEARS) for side in (1, -1)]


@pytest.fixture
def clocks(world: World) -> Clocks:
    return Clocks(world=world)


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, logger="clearline.alarm")
    return caplog


def alarms(said: pytest.LogCaptureFixture) -> list[str]:
    """The codes of the alarms that began or lasted since the last look."""
    lines = [json.loads(each.message) for each in said.records if each.name == "clearline.alarm"]
    said.clear()
    return [each["alarm"] for each in lines if each["state"] != "over"]


def waits_for_tomorrow(world: World, name: str = "zhou", number: str = "Z1") -> None:
    """A debt whose lead time ends tomorrow."""
    noticed = beijing_date(world.clock()) - dt.timedelta(days=29)
    assert reports(world, "carrier-a", a_report(name, number, notice_date=noticed)).verdict is Verdict.PENDING


def begun(world: World, folder: Path) -> list[int]:
    """The years that have a tree after a round of the integrator."""
    an_integrator(world, folder).round()
    return [head.shard for head in world.registry.store.read(lambda tx: tx.trees.heads())]


def refused_for_the_clock(world: World) -> bool:
    """Whether an inquiry is refused, since nothing that it says or writes could be right."""
    try:
        asks(world, "carrier-b", tokens("wang"))
    except Refusal as refusal:
        return refusal.problem is Problem.CLOCK_NOT_TRUSTED
    return False


def test_a_clock_that_jumps_changes_nothing_and_put_right_it_goes_on(
    clocks: Clocks, said: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    world = clocks.world
    cleared(world)
    waits_for_tomorrow(world)
    tick(world.registry)
    assert begun(world, tmp_path) == [YEAR]
    alarms(said)
    for jump in JUMPS:
        for together in (True, False):
            before = world.registry.store.read(lambda tx: tx.openings.first(10_000))
            clocks.jump(jump, database=together)
            assert tick(world.registry) == 0
            assert alarms(said) == ["clock"], (jump, together)
            assert refused_for_the_clock(world)
            assert due_webhooks(world.registry, DEFAULT_DELIVERY) == []
            assert begun(world, tmp_path) == [YEAR]
            assert world.registry.store.read(lambda tx: tx.openings.first(10_000)) == before
            clocks.jump(-jump, database=together)
            alarms(said)
    assert (states_of(world), states_of(world, "zhou")) == ([RecordState.CLEARED], [RecordState.PENDING])
    clocks.pass_(days=1)
    assert tick(world.registry) == 1
    assert alarms(said) == []
    assert asks(world, "carrier-b", tokens("zhou")).decision is DecisionCode.PAY_FIRST


def test_no_witness_is_asked_by_a_wrong_clock_while_the_folder_of_heads_cannot_be_read(
    clocks: Clocks, said: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """The clock was judged before the folder failed: that judgement stands."""
    world, registry = clocks.world, clocks.world.registry

    def candidate() -> bytes | None:
        asked = registry.store.read(lambda tx: tx.witnesses.state(YEAR))
        return None if asked is None else asked.candidate

    assert begun(world, tmp_path) == [YEAR]
    first = candidate()
    assert first is not None
    cleared(world)
    clocks.jump(HOUR, database=True)
    assert an_integrator(world, tmp_path).round().integrated > 0
    head = tmp_path / "log-heads" / str(YEAR)
    head.rename(tmp_path / "away")
    head.mkdir()
    alarms(said)
    assert set(an_integrator(world, tmp_path).round().faults) >= {"clock", "heads-unwritable"}
    assert candidate() == first
    head.rmdir()
    (tmp_path / "away").rename(head)
    clocks.jump(-HOUR, database=True)
    clocks.pass_(seconds=60)
    assert an_integrator(world, tmp_path).round().faults == ()
    assert candidate() != first


def test_a_jump_is_seen_by_the_next_process_of_the_same_machine_too(clocks: Clocks) -> None:
    world = clocks.world
    waits_for_tomorrow(world)
    tick(world.registry)
    for jump in (DAY, -DAY):
        clocks.process()
        clocks.pass_(seconds=90)
        clocks.jump(jump, database=True)
        assert tick(world.registry) == 0
        assert refused_for_the_clock(world)
        clocks.jump(-jump, database=True)
    assert states_of(world, "zhou") == [RecordState.PENDING]


def test_a_machine_that_starts_with_a_clock_years_ahead_changes_nothing(clocks: Clocks, tmp_path: Path) -> None:
    """Nothing but the newest time tells: it is taken for an outage, which would begin another year's tree."""
    world = clocks.world
    cleared(world)
    waits_for_tomorrow(world)
    assert begun(world, tmp_path) == [YEAR]
    clocks.boot()
    clocks.jump(SEVEN_YEARS, database=True)
    assert tick(world.registry) == 0
    assert refused_for_the_clock(world)
    assert begun(world, tmp_path) == [YEAR]
    clocks.jump(-SEVEN_YEARS, database=True)
    assert (states_of(world), states_of(world, "zhou")) == ([RecordState.CLEARED], [RecordState.PENDING])
    assert not refused_for_the_clock(world)


def test_a_short_outage_is_caught_up_with_and_a_long_one_waits_for_a_person(
    clocks: Clocks, said: pytest.LogCaptureFixture
) -> None:
    world = clocks.world
    waits_for_tomorrow(world)
    clocks.pass_(days=6)
    clocks.boot()
    assert tick(world.registry) == 1
    assert alarms(said) == []
    waits_for_tomorrow(world, "sun", "S1")
    clocks.pass_(days=20)
    clocks.boot()
    # Requests are served, and that they are does not end the outage; ends and beginnings wait.
    assert not refused_for_the_clock(world)
    for _ in range(2):
        clocks.process()
        assert tick(world.registry) == 0
        assert alarms(said) == ["clock-unconfirmed"]
    assert states_of(world, "sun") == [RecordState.PENDING]
    clocks.confirm()
    assert tick(world.registry) == 1
    assert alarms(said) == []


def test_whoever_acts_after_a_long_outage_ends_nothing_by_a_clock_that_nobody_confirmed(clocks: Clocks) -> None:
    """Its years are over by that clock: it blocks nobody, and no act writes its end before a person has looked."""
    world = clocks.world
    assert reports(world, "carrier-a", a_report("zhou", "Z1")).verdict is Verdict.ACTIVE
    clocks.pass_(days=5 * 365 - 10)
    asks(world, "carrier-b", tokens("zhou"))
    clocks.pass_(days=20)
    clocks.boot()
    assert asks(world, "carrier-b", tokens("zhou")).decision is DecisionCode.ALLOW
    with pytest.raises(Refusal) as refused:
        settles(world, "carrier-a", tokens("zhou"), account("Z1"))
    assert refused.value.problem is Problem.CLOCK_NOT_TRUSTED
    assert states_of(world, "zhou") == [RecordState.ACTIVE]
    clocks.confirm()
    with pytest.raises(Refusal) as refused:
        settles(world, "carrier-a", tokens("zhou"), account("Z1"))
    assert refused.value.problem is Problem.EDGE_NOT_ALLOWED


def test_an_outage_over_the_new_year_begins_no_tree_before_a_person_confirms(clocks: Clocks, tmp_path: Path) -> None:
    world = clocks.world
    waits_for_tomorrow(world)
    assert begun(world, tmp_path) == [YEAR]
    clocks.pass_(days=60)
    clocks.boot()
    assert tick(world.registry) == 0
    assert refused_for_the_clock(world)
    assert begun(world, tmp_path) == [YEAR]
    clocks.confirm()
    assert tick(world.registry) == 1
    assert not refused_for_the_clock(world)
    assert begun(world, tmp_path) == [YEAR, YEAR + 1]


@pytest.mark.parametrize("jump", [DAY, -DAY])
def test_a_person_can_say_that_the_new_time_is_the_right_one(clocks: Clocks, jump: dt.timedelta) -> None:
    world = clocks.world
    waits_for_tomorrow(world)
    tick(world.registry)
    clocks.jump(jump, database=True)
    assert refused_for_the_clock(world)
    clocks.confirm()
    assert not refused_for_the_clock(world)
    assert tick(world.registry) == (1 if jump > dt.timedelta() else 0)
    clocks.process()
    clocks.pass_(minutes=2)
    tick(world.registry)
    assert judge_clock(world.registry).ends


def test_an_entry_that_is_dated_years_ahead_shuts_nothing_for_ever(clocks: Clocks, tmp_path: Path) -> None:
    world = clocks.world
    waits_for_tomorrow(world)
    tick(world.registry)
    begun(world, tmp_path)
    world.registry.store.write(lambda tx: tx.openings.append((an_entry(NOW + SEVEN_YEARS),)))
    clocks.boot()
    assert refused_for_the_clock(world)
    assert begun(world, tmp_path) == [YEAR]
    clocks.confirm()
    for _ in range(3):
        clocks.pass_(days=4)
        tick(world.registry)
        clocks.boot()
    assert not refused_for_the_clock(world)
    assert states_of(world, "zhou") == [RecordState.ACTIVE]
    # It was acknowledged, so it gets its place, and only now.
    assert begun(world, tmp_path) == [YEAR, shard_of(an_entry(NOW + SEVEN_YEARS).entry_id)]


def test_a_round_that_would_do_much_at_once_waits_for_the_same_word(
    clocks: Clocks, said: pytest.LogCaptureFixture
) -> None:
    world = clocks.world
    clocks.terms = replace(DEFAULT_CLOCK_TERMS, round_count=2, round_percent=10)
    clocks.process()
    cleared(world)
    for number in range(2):
        waits_for_tomorrow(world, f"zhou {number}", f"Z{number}")
    clocks.pass_(days=1)
    assert tick(world.registry) == 2
    for number in range(3):
        waits_for_tomorrow(world, f"sun {number}", f"S{number}")
    alarms(said)
    clocks.pass_(days=1)
    assert tick(world.registry) == 0
    assert alarms(said) == ["round-too-large"]
    assert show_clock(world.registry)["due"]["list"] == 3
    # What is no part of it goes on.
    assert not refused_for_the_clock(world)
    clocks.confirm()
    assert tick(world.registry) == 3


def test_a_task_that_was_done_in_the_future_counts_as_not_done(clocks: Clocks) -> None:
    """A clock that was a year ahead would stop retention until the right one gets there."""
    world = clocks.world
    store = world.registry.store
    store.write(lambda tx: tx.upkeep.take_up("retention"))
    store.write(lambda tx: tx.upkeep.finish("retention", TODAY + 365 * DAY))
    run_retention(world.registry)
    assert world.registry.store.read(lambda tx: tx.upkeep.done_on("retention")) == TODAY


def confirmed(world: World, word: str) -> str:
    """The code with which a word is refused."""
    with pytest.raises(ClockWordRefused) as refused:
        confirm_clock(world.registry, word)
    assert str(refused.value).startswith(refused.value.code)
    return refused.value.code


def test_a_word_is_the_operators_own_names_the_time_of_now_and_is_good_once(clocks: Clocks) -> None:
    world = clocks.world
    assert confirmed(world, a_word(world, NOW, signer="carrier-a")) == "not-the-operator"
    world.signing_keys["nobody"] = world.signing_keys["carrier-b"]
    assert confirmed(world, a_word(world, NOW, signer="nobody")) == "not-the-operator"
    good = a_word(world, NOW)
    head, _, signature = good.split(".")
    other = a_word(world, NOW + HOUR).split(".")[1]
    assert confirmed(world, f"{head}.{other}.{signature}") == "not-the-operator"
    for bad in ("", "a.b.c", good + "=", "\ud800", f"{head}.{signature}", "x" * 20_000):
        assert confirmed(world, bad) == "word-malformed"
    assert confirmed(world, a_word(world, NOW, registry="https://other.test")) == "other-registry"
    for moment in (NOW + HOUR, NOW - HOUR, NOW + SEVEN_YEARS):
        assert confirmed(world, a_word(world, moment)) == "other-time"
    told = confirm_clock(world.registry, good)
    assert (told["operator"], told["number"]) == ("operator", 1)
    assert confirmed(world, good) == "word-used"
    clocks.pass_(days=1)
    assert confirmed(world, good) == "word-used"
    kinds = [each.kind for each in world.registry.store.read(lambda tx: tx.openings.first(10_000))]
    assert kinds.count(EntryKind.CLOCK_CONFIRMED) == 1


def test_what_is_shown_says_why_the_clock_is_not_trusted(clocks: Clocks) -> None:
    world = clocks.world
    tick(world.registry)
    assert show_clock(world.registry)["state"] == "trusted"
    clocks.jump(DAY, database=False)
    shown = show_clock(world.registry)
    assert (shown["state"], shown["reference"], shown["ahead_seconds"]) == ("differs", "database-clock", 86_400)
    assert (shown["serves"], shown["last_confirmed"]) == (False, None)
