"""A deposit that a carrier took is told when it is due back, and stands in its customer's statement until it is."""

import datetime as dt
import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from protocol.activations import ActivationOutcome, ActivationReason, UncheckedCause
from protocol.codes import DisputeDecision, Role
from protocol.deposits import DepositState, ReturnKind
from protocol.log_entries import EntryKind
from protocol.messages.activations import ActivationReport
from protocol.problems import Problem, Refusal
from registry.domain.log import LogEntry
from registry.policy.first_scorecard import FIRST_GRADE
from registry.store.activations import activation, activation_unchecked
from registry.store.deposits import deposit
from registry.store.inquiries import inquiry
from registry.store.log.openings import log_opening
from registry.usecases.deposits.remind import remind_deposits
from registry.work.worker import tick
from tests.support.activations import tells
from tests.support.api import admit
from tests.support.builders import TODAY, a_report, tokens
from tests.support.counting import rows_of
from tests.support.deposits import TAKEN, an_order_on_deposit, gives_back, held, takes, told_of
from tests.support.disputes import admitted, answers, decides, files
from tests.support.races import at_once, outcome_of
from tests.support.rules import IN_FORCE, a_version, approved, proposed
from tests.support.statements import statement
from tests.support.stories import lists
from tests.support.world import World

WANG, LI = tokens("wang"), tokens("li")
DAY = dt.timedelta(days=1)
DUE_ON = dt.date(2027, 11, 21)
_Outcome = ActivationOutcome


def problem(world: World, step: Callable[[], Any]) -> Problem:
    """The refusal of a return, after which nothing has changed."""
    return refusal(world, step).problem


def refusal(world: World, step: Callable[[], Any]) -> Refusal:
    before = rows_of(world, deposit, log_opening), held(world)
    with pytest.raises(Refusal) as refused:
        step()
    assert (rows_of(world, deposit, log_opening), held(world)) == before
    return refused.value


def stated(world: World, whose: Any = WANG) -> list[dict[str, Any]]:
    return list(statement(world, whose)["deposits"])


def left_under(world: World, key: bytes) -> frozenset[bytes]:
    return world.registry.store.read(lambda tx: tx.idle_subjects.left_under({key}))[1]


def returns(world: World) -> list[LogEntry]:
    """The entries of returns, oldest first."""
    entries = world.registry.store.read(lambda tx: tx.openings.first(1_000))
    return [each for each in entries if each.kind == EntryKind.DEPOSIT_RETURNED]


def after(report: ActivationReport, outcome: ActivationOutcome, **changes: Any) -> ActivationReport:
    plain = replace(report, deposit_fen=None, outcome=outcome, revision=report.revision + 1)
    return replace(plain, **changes)


def goes_to(world: World, day: dt.date) -> None:
    """The clock shows noon in Beijing."""
    world.clock.now = dt.datetime.combine(day, dt.time(4), dt.UTC)


def test_a_deposit_is_held_told_when_due_given_back_and_always_in_the_statement(world: World) -> None:
    assert stated(world) == []
    activation_id = takes(world, WANG)
    (before,) = stated(world)
    assert before == {
        "participant": "carrier-b",
        "service_class": "MOBILE",
        "state": "HELD",
        "fen": TAKEN,
        "returned_fen": 0,
        "kept_fen": 0,
        "left_fen": TAKEN,
        "taken_on": "2026-11-21",
        "due_on": "2027-11-21",
        "returned_on": None,
        "overdue": False,
    }
    goes_to(world, DUE_ON - DAY)
    assert remind_deposits(world.registry) == 0
    goes_to(world, DUE_ON)
    tick(world.registry)
    tick(world.registry)
    fact = {"activation": str(activation_id), "due_on": "2027-11-21", "left_fen": TAKEN}
    assert told_of(world) == [fact]
    part = gives_back(world, activation_id, 18_00)
    assert (part.state, part.left_fen, part.overdue) == (DepositState.HELD, 100_00, False)
    goes_to(world, DUE_ON + DAY)
    (late,) = stated(world)
    assert (late["overdue"], late["returned_fen"], late["returned_on"]) == (True, 18_00, "2027-11-21")
    goes_to(world, dt.date(2027, 12, 20))
    assert remind_deposits(world.registry) == 0
    goes_to(world, dt.date(2027, 12, 21))
    tick(world.registry)
    assert told_of(world)[-1] == fact | {"left_fen": 100_00}
    assert gives_back(world, activation_id, 100_00).state is DepositState.RETURNED
    goes_to(world, dt.date(2028, 1, 21))
    assert remind_deposits(world.registry) == 0
    (over,) = stated(world)
    assert (over["state"], over["left_fen"], over["overdue"]) == ("RETURNED", 0, False)
    assert (over["returned_fen"], over["returned_on"]) == (TAKEN, "2027-12-21")


def test_a_worker_that_stood_still_tells_once_by_the_days_and_not_by_its_own_clock(world: World) -> None:
    takes(world, WANG)
    goes_to(world, dt.date(2028, 2, 1))
    assert [remind_deposits(world.registry) for _ in range(2)] == [1, 0]
    assert told_of(world)[0]["due_on"] == "2027-11-21"


def test_a_deposit_outlives_its_activation_until_a_year_after_it_was_due(world: World) -> None:
    takes(world, WANG)
    late = takes(world, LI)
    (key,) = {
        each.subject_key for each in [world.registry.store.read(lambda tx: tx.deposits.find(late))] if each is not None
    }
    goes_to(world, dt.date(2028, 11, 20))
    gives_back(world, late)
    goes_to(world, dt.date(2028, 12, 1))
    tick(world.registry)
    assert rows_of(world, activation, inquiry, deposit) == (0, 0, 1)
    assert stated(world, LI)[0]["state"] == "RETURNED"
    assert left_under(world, key) == {key}, "the way of a forgotten person stays as long"
    goes_to(world, dt.date(2029, 11, 20))
    tick(world.registry)
    assert rows_of(world, deposit) == (0,)
    assert stated(world, LI) == []
    assert left_under(world, key) == frozenset()
    assert [each.personal is None for each in returns(world)] == [False]
    goes_to(world, dt.date(2030, 12, 1))
    tick(world.registry)
    assert [each.personal is None for each in returns(world)] == [True], "the sums go by their age"


def test_a_year_without_a_return_ends_the_row_of_a_held_one(world: World) -> None:
    takes(world, WANG)
    goes_to(world, dt.date(2028, 11, 20))
    tick(world.registry)
    assert rows_of(world, deposit) == (1,)
    goes_to(world, dt.date(2028, 11, 21))
    tick(world.registry)
    assert rows_of(world, deposit) == (0,)


def test_bills_are_set_off_once_the_service_has_ended(world: World) -> None:
    activation_id = takes(world, WANG)
    world.clock.forward(days=100)
    today = TODAY + 100 * DAY
    assert problem(world, lambda: gives_back(world, activation_id, 0, 18_00)) is Problem.SERVICE_NOT_ENDED
    part = gives_back(world, activation_id, 0, 18_00, ended_on=today - 5 * DAY)
    assert (part.kept_fen, part.left_fen, part.due_on) == (18_00, 100_00, today + 10 * DAY)
    rest = gives_back(world, activation_id, 60_00, 40_00)
    assert (rest.state, rest.returned_fen, rest.kept_fen, rest.service_ended_on) == (
        DepositState.RETURNED,
        60_00,
        58_00,
        today - 5 * DAY,
    )
    entries = [(json.loads(each.core)["facts"], json.loads(each.personal or b"{}")) for each in returns(world)]
    assert [facts["state"] for facts, _ in entries] == ["HELD", "RETURNED"]
    assert entries[1][0] | {"state": "HELD"} == entries[0][0]
    assert {name: entries[0][1][name] for name in ("fen", "kept_fen", "left_fen")} == {
        "fen": 0,
        "kept_fen": 18_00,
        "left_fen": 100_00,
    }


def test_a_return_that_contradicts_its_deposit_or_itself_is_refused(world: World) -> None:
    activation_id = takes(world, WANG)
    early, late = world.clock() - DAY, world.clock() + dt.timedelta(seconds=40)
    faulty: list[tuple[dict[str, Any], dict[str, str]]] = [
        ({"fen": 0}, {"fen": "out-of-range"}),
        ({"fen": 1, "kept_fen": 1, "kind": ReturnKind.RETURNED}, {"kept_fen": "invalid"}),
        ({"fen": 1, "kind": ReturnKind.SET_OFF}, {"kept_fen": "required"}),
        ({"at": early}, {"at": "before-the-deposit"}),
        ({"at": late}, {"at": "in-the-future"}),
        ({"ended_on": TODAY + DAY}, {"service_ended_on": "in-the-future"}),
        ({"ended_on": TODAY - DAY, "at": late}, {"at": "in-the-future", "service_ended_on": "before-the-deposit"}),
    ]
    for given, faults in faulty:
        refused = refusal(world, lambda given=given: gives_back(world, activation_id, **given))
        assert (refused.problem, refused.fields) == (Problem.INVALID_FIELD, faults)
    refused = refusal(world, lambda: gives_back(world, activation_id, TAKEN, 1, ended_on=TODAY))
    assert (refused.problem, refused.figures) == (Problem.MORE_THAN_LEFT, {"left_fen": TAKEN})
    gives_back(world, activation_id)
    assert problem(world, lambda: gives_back(world, activation_id, 1)) is Problem.DEPOSIT_RETURNED


def test_only_the_carrier_that_took_it_gives_a_deposit_back(world: World) -> None:
    activation_id = takes(world, WANG)
    opened = after(an_order_on_deposit(world, LI), _Outcome.ACTIVATED, revision=1)
    no_deposit = tells(world, "carrier-b", opened).activation_id
    assert problem(world, lambda: gives_back(world, activation_id, who="carrier-a")) is Problem.NOT_FOUND
    assert problem(world, lambda: gives_back(world, no_deposit, who="carrier-a")) is Problem.NOT_FOUND
    assert problem(world, lambda: gives_back(world, uuid.UUID(int=7))) is Problem.NOT_FOUND
    assert problem(world, lambda: gives_back(world, no_deposit)) is Problem.NOT_A_DEPOSIT
    assert held(world, "carrier-a").deposits == ()


def test_nothing_is_kept_while_a_debt_of_the_customer_to_this_carrier_is_disputed(world: World) -> None:
    court = admitted(world, "court")
    activation_id = takes(world, WANG)
    lists(world, "carrier-a", a_report("wang", "A1"))
    lists(world, "carrier-b", a_report("wang", "B1"))
    assert len(files(world, carrier="carrier-c")) == 2
    (ours,) = world.registry.store.read(lambda tx: tx.disputes.page("carrier-b", None, uuid.UUID(int=0), 10))
    assert problem(world, lambda: gives_back(world, activation_id, 0, 1, ended_on=TODAY)) is Problem.ITEM_DISPUTED
    answers(world, ours.dispute_id, carrier="carrier-b")
    assert problem(world, lambda: gives_back(world, activation_id, 0, 1, ended_on=TODAY)) is Problem.ITEM_DISPUTED, (
        "answered"
    )
    assert gives_back(world, activation_id, 1_00, ended_on=TODAY).left_fen == TAKEN - 1_00, "but it may always go back"
    decides(world, court, ours.dispute_id, DisputeDecision.VOID)
    assert gives_back(world, activation_id, 0, 1).kept_fen == 1, "carrier A's case is none of B's"


def test_a_case_that_lapsed_by_its_dates_keeps_nothing_back(world: World) -> None:
    """As a punctual scheduler would have left it: 15 days for an answer, 30 more until the record lapses."""
    activation_id = takes(world, WANG)
    lists(world, "carrier-b", a_report("wang"))
    files(world, carrier="carrier-c")
    world.clock.forward(days=60)
    assert gives_back(world, activation_id, 0, 1, ended_on=TODAY).kept_fen == 1


def test_a_correction_changes_the_deposit_with_its_report(world: World) -> None:
    report = an_order_on_deposit(world, WANG)
    first = tells(world, "carrier-b", report).activation_id
    more = after(report, _Outcome.DEPOSIT_TAKEN, deposit_fen=200_00)
    second = tells(world, "carrier-b", more).activation_id
    assert [(each.activation_id, each.left_fen) for each in held(world).deposits] == [(second, 200_00)]
    assert problem(world, lambda: gives_back(world, first)) is Problem.NOT_A_DEPOSIT
    gives_back(world, second, 50_00)
    opened = after(more, _Outcome.ACTIVATED)
    tells(world, "carrier-b", opened)
    assert (stated(world)[0]["state"], stated(world)[0]["returned_fen"]) == ("RETURNED", 50_00)
    third = tells(world, "carrier-b", after(opened, _Outcome.DEPOSIT_TAKEN, deposit_fen=300_00)).activation_id
    assert [(each.activation_id, each.left_fen) for each in held(world).deposits] == [(third, 250_00)]
    gives_back(world, third, 250_00)
    tells(world, "carrier-b", after(opened, _Outcome.PREPAID, revision=5))
    assert (stated(world)[0]["state"], stated(world)[0]["returned_fen"]) == ("RETURNED", 300_00)


@pytest.mark.parametrize("outcome", [_Outcome.PREPAID, _Outcome.DECLINED])
def test_a_deposit_that_was_told_wrongly_was_never_taken(world: World, outcome: ActivationOutcome) -> None:
    report = an_order_on_deposit(world, WANG)
    activation_id = tells(world, "carrier-b", report).activation_id
    reason = ActivationReason.APPLICANT_LEFT if outcome is _Outcome.DECLINED else None
    tells(world, "carrier-b", after(report, outcome, reason=reason))
    assert problem(world, lambda: gives_back(world, activation_id)) is Problem.NOT_A_DEPOSIT
    assert (stated(world)[0]["state"], held(world).deposits) == ("NOT_TAKEN", ())
    goes_to(world, DUE_ON)
    assert remind_deposits(world.registry) == 0


def test_a_cancelled_order_makes_its_deposit_due_in_days(world: World) -> None:
    report = an_order_on_deposit(world, WANG)
    activation_id = tells(world, "carrier-b", report).activation_id
    world.clock.forward(days=20)
    cancelled = after(report, _Outcome.CANCELLED_LATER, reason=ActivationReason.APPLICANT, at=world.clock())
    tells(world, "carrier-b", cancelled)
    (now,) = held(world).deposits
    assert (now.activation_id, now.due_on) == (activation_id, TODAY + 35 * DAY)
    goes_to(world, TODAY + 35 * DAY)
    assert remind_deposits(world.registry) == 1
    assert gives_back(world, activation_id, 100_00, 18_00).state is DepositState.RETURNED


def test_an_unchecked_order_has_its_deposit_and_its_decision_takes_it_along(world: World) -> None:
    checked = an_order_on_deposit(world, WANG)
    unchecked = replace(checked, decision_token=None, unchecked=UncheckedCause.SYSTEM_FAULT)
    activation_id = tells(world, "carrier-b", unchecked).activation_id
    assert stated(world) == []
    gives_back(world, activation_id, 18_00)
    lists(world, "carrier-b", a_report("wang"))
    files(world, carrier="carrier-c")
    assert gives_back(world, activation_id, 0, 1_00, ended_on=TODAY).kept_fen == 1_00, "nobody knows whose it is"
    found = tells(world, "carrier-b", replace(checked, revision=2, at=world.clock()))
    assert rows_of(world, deposit, activation_unchecked) == (1, 2)
    (now,) = stated(world)
    assert (now["left_fen"], now["returned_fen"], now["kept_fen"]) == (99_00, 18_00, 1_00)
    assert [each.activation_id for each in held(world).deposits] == [found.activation_id]
    assert problem(world, lambda: gives_back(world, found.activation_id, 0, 1)) is Problem.ITEM_DISPUTED


def test_an_unchecked_deposit_is_told_when_it_is_due(world: World) -> None:
    report = an_order_on_deposit(world, WANG)
    tells(world, "carrier-b", replace(report, decision_token=None, unchecked=UncheckedCause.NOT_ASKED))
    goes_to(world, DUE_ON)
    assert remind_deposits(world.registry) == 1
    assert told_of(world)[0]["left_fen"] == TAKEN


def test_the_rules_of_its_day_say_when_it_is_due_and_what_it_bears(world: World) -> None:
    old = takes(world, WANG)
    grade = FIRST_GRADE | {"deposit": FIRST_GRADE["deposit"] | {"months": 6, "interest_ppm_year": 100_000}}
    admit(world, "regulator", Role.REGULATOR)
    proposed(world, a_version() | {"grade": grade})
    approved(world)
    goes_to(world, IN_FORCE)
    new = takes(world, LI)
    assert [each.due_on for each in held(world).deposits] == [DUE_ON, dt.date(2027, 6, 5)]
    goes_to(world, dt.date(2027, 6, 5))
    interest = 182 * TAKEN // 3650
    assert [each.left_fen for each in held(world).deposits] == [TAKEN, TAKEN + interest]
    too_much = refusal(world, lambda: gives_back(world, new, TAKEN + interest + 1))
    assert too_much.figures == {"left_fen": TAKEN + interest}
    assert gives_back(world, new, TAKEN + interest).state is DepositState.RETURNED
    assert problem(world, lambda: gives_back(world, old, TAKEN + 1)) is Problem.MORE_THAN_LEFT


def test_a_carrier_reads_its_own_deposits_page_by_page_and_how_they_came_back(world: World) -> None:
    ids = [takes(world, WANG, 1_00 + number, order=bytes([number]) * 16) for number in range(3)]
    first = held(world, limit=2)
    assert ([each.activation_id for each in first.deposits], first.due) == (ids[:2], 0)
    rest = held(world, limit=2, after=first.next)
    assert ([each.activation_id for each in rest.deposits], rest.next, rest.due) == (ids[2:], None, None)
    gives_back(world, ids[0], 1_00)
    goes_to(world, DUE_ON + DAY)
    gives_back(world, ids[1], 1_01)
    page = held(world)
    assert (page.due, page.returned_in_time) == (3, 1)
    assert [(each.activation_id, each.overdue) for each in page.deposits] == [(ids[2], True)]


def test_of_two_returns_at_once_only_one_can_take_the_whole(world: World) -> None:
    activation_id = takes(world, WANG)
    lists(world, "carrier-b", a_report("wang"))
    outcomes = at_once(2, lambda _: outcome_of(lambda: gives_back(world, activation_id).state.value))
    assert sorted(outcomes) == ["RETURNED", "deposit-returned"]


def test_of_a_return_and_a_correction_at_once_neither_is_lost(world: World) -> None:
    report = an_order_on_deposit(world, WANG)
    activation_id = tells(world, "carrier-b", report).activation_id
    corrected = after(report, _Outcome.DEPOSIT_TAKEN, deposit_fen=200_00)
    steps: list[Callable[[], object]] = [
        lambda: gives_back(world, activation_id, 50_00).left_fen,
        lambda: tells(world, "carrier-b", corrected).basis,
    ]
    outcomes = at_once(2, lambda number: outcome_of(steps[number]))
    left = 150_00 if outcomes[0] == str(TAKEN - 50_00) else 200_00
    assert outcomes[0] in {str(TAKEN - 50_00), "not-a-deposit"}
    assert [each.left_fen for each in held(world).deposits] == [left]
