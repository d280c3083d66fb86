"""A row that is the same as last month is reported again by its record's id; anything that happened since is told."""

import datetime as dt
import json
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocol.codes import SettlementKind, Verdict
from protocol.log_entries import EntryKind
from protocol.messages.records import RowVerdict
from protocol.messages.rules import ConfirmationTerms
from protocol.states import RecordState, UnchangedOutcome
from registry.policy.rules import DEFAULT_RULES, RuleBook
from registry.usecases.records.read import read_record
from registry.usecases.records.unchanged import unchanged_digest
from registry.work.worker import tick
from tests.support.builders import TODAY, a_report, account, tokens
from tests.support.confirmations import confirms, says_unchanged
from tests.support.stories import lists, reports, settles
from tests.support.world import World

CONFIRMED, CHANGED, NOT_FOUND = UnchangedOutcome.CONFIRMED, UnchangedOutcome.CHANGED, UnchangedOutcome.NOT_FOUND


def entries(world: World) -> list[dict[str, Any]]:
    found = world.registry.store.read(lambda tx: tx.openings.first(1_000))
    return [{"kind": each.kind, **json.loads(each.core)["facts"]} for each in found]


def a_waiting_report(name: str = "zhao", number: str = "A1") -> Any:
    return a_report(name, number, notice_date=TODAY - dt.timedelta(days=10))


def shown(world: World, verdict: RowVerdict) -> Any:
    assert verdict.record_id is not None
    return read_record(world.registry, world.actor("carrier-a"), verdict.record_id)


def test_an_unchanged_row_leaves_the_record_as_its_report_would_and_one_entry_for_all(world: World) -> None:
    first = lists(world, "carrier-a", a_report("zhao", "A1"))
    second = lists(world, "carrier-a", a_report("qian", "A2"))
    before = [shown(world, first), shown(world, second)]
    world.clock.forward(days=30)
    known = len(entries(world))
    answers = says_unchanged(world, first, second)
    assert [(each.outcome, each.state, each.version) for each in answers] == [
        (CONFIRMED, RecordState.ACTIVE, first.version),
        (CONFIRMED, RecordState.ACTIVE, second.version),
    ]
    assert answers[0].enforceable_from == first.enforceable_from
    assert [shown(world, first), shown(world, second)] == before
    assert first.record_id is not None
    assert second.record_id is not None
    told = {"records": 2, "digest": unchanged_digest([second.record_id, first.record_id]), "rules": "2026-01"}
    assert entries(world)[known:] == [{"kind": EntryKind.RECORDS_UNCHANGED, **told}]
    assert reports(world, "carrier-a", a_report("zhao", "A1")).verdict is Verdict.DUPLICATE


def test_what_happened_to_a_record_since_is_told_and_nothing_is_done_for_it(world: World) -> None:
    paid = lists(world, "carrier-a", a_report("zhao", "A1"))
    in_part = lists(world, "carrier-a", a_report("qian", "A2"))
    corrected = lists(world, "carrier-a", a_report("sun", "A3"))
    settles(world, "carrier-a", tokens("zhao"), account("A1"))
    settles(world, "carrier-a", tokens("qian"), account("A2"), amount_fen=100, kind=SettlementKind.PARTIAL)
    reports(world, "carrier-a", a_report("sun", "A3", principal_fen=1))
    known = len(entries(world))
    answers = says_unchanged(world, paid, in_part, corrected)
    assert [each.outcome for each in answers] == [CHANGED, CHANGED, CHANGED]
    assert [each.state for each in answers] == [RecordState.CLEARED, RecordState.ACTIVE, RecordState.ACTIVE]
    assert len(entries(world)) == known


def test_of_somebody_elses_record_nothing_is_said(world: World) -> None:
    theirs = lists(world, "carrier-b", a_report("zhao", "A1"))
    (answer,) = says_unchanged(world, theirs)
    assert (answer.outcome, answer.state, answer.version, answer.enforceable_from) == (NOT_FOUND, None, None, None)


def test_a_waiting_record_counts_as_confirmed_where_the_rules_ask_for_it(world: World) -> None:
    rules = replace(DEFAULT_RULES.versions[0], confirmation=ConfirmationTerms(max_age_days=7, lapse_days=60))
    world.registry = replace(world.registry, founding_rules=RuleBook((rules,)))
    told, silent = (
        lists(world, "carrier-a", a_waiting_report()),
        lists(world, "carrier-a", a_waiting_report("qian", "A2")),
    )
    world.clock.forward(days=20)
    (answer,) = says_unchanged(world, told)
    assert told.version is not None
    assert (answer.outcome, answer.state, answer.version) == (CONFIRMED, RecordState.PENDING, told.version + 1)
    (again,) = says_unchanged(world, replace(told, version=answer.version))
    assert (again.outcome, again.version) == (CONFIRMED, answer.version)
    tick(world.registry)
    assert [shown(world, each).state for each in (told, silent)] == [RecordState.ACTIVE, RecordState.PENDING]
    assert silent.record_id is not None
    assert confirms(world, silent.record_id) == ["CONFIRMED"]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    acts=st.lists(st.sampled_from(["part", "lower", "later", "other", "repeat", "paid", "wait"]), max_size=3),
)
def test_what_is_confirmed_could_only_have_been_a_duplicate(world: World, acts: list[str]) -> None:
    # A person for each example: the world goes on.
    name = f"person-{len(entries(world))}"
    row = a_report(name, name, principal_fen=50_000)
    listed = lists(world, "carrier-a", row)
    for act in acts:
        happens(world, act, name)
    (answer,) = says_unchanged(world, listed)
    before = shown(world, listed)
    if answer.outcome is CONFIRMED:
        assert reports(world, "carrier-a", row).verdict is Verdict.DUPLICATE
        assert shown(world, listed) == before


def happens(world: World, act: str, name: str) -> None:
    open_still = world.registry.store.read(lambda tx: tx.records.of_account("carrier-a", account(name)))[0].is_open
    match act:
        case "part" if open_still:
            settles(world, "carrier-a", tokens(name), account(name), amount_fen=100, kind=SettlementKind.PARTIAL)
        case "paid" if open_still:
            settles(world, "carrier-a", tokens(name), account(name), kind=SettlementKind.WAIVER, amount_fen=0)
        case "lower":
            reports(world, "carrier-a", a_report(name, name, principal_fen=40_000))
        case "later":
            reports(world, "carrier-a", a_report(name, name, notice_date=TODAY - dt.timedelta(days=1)))
        case "other":
            reports(world, "carrier-a", a_report(f"{name}-2", name))
        case "repeat":
            reports(world, "carrier-a", a_report(name, name, principal_fen=50_000))
        case _:
            tick(world.registry)
