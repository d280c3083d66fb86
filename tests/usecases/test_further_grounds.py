"""One case stops a record and its figures; what else is said against it is heard while it goes on blocking."""

import datetime as dt
import json
import uuid
from collections.abc import Callable

import pytest

from protocol.codes import DecisionCode, DisputeAnswer, DisputeDecision, DisputeGround, SettlementKind, WithdrawalReason
from protocol.events import EventKind
from protocol.log_entries import EntryKind
from protocol.messages.archive import Finding
from protocol.problems import Problem, Refusal
from protocol.states import Action, DisputeState
from protocol.wire.codec import write
from registry.domain.disputes import Dispute
from registry.domain.participants import Actor
from registry.usecases.disputes.run import run_disputes
from registry.usecases.disputes.void_record import void_record
from registry.usecases.records.read import read_record
from registry.usecases.records.withdraw import withdraw
from registry.usecases.records.withdraw_many import withdraw_many
from registry.usecases.statements.give import give_statement
from registry.work.worker import tick
from tests.support.builders import TODAY, a_report, account
from tests.support.counters import collects, quote_for, told
from tests.support.disputes import WANG, admitted, answers, case_of, decides, files
from tests.support.further_grounds import STOP, UPHOLD, files_one, id_of, orders, upheld
from tests.support.money import arranges
from tests.support.stories import asks, lists, reports, settles
from tests.support.transfers import accepts, offers
from tests.support.world import World

PAID, AMOUNT, NOTICE, NOT_MINE, THEFT = (
    DisputeGround.ALREADY_PAID,
    DisputeGround.WRONG_AMOUNT,
    DisputeGround.NO_NOTICE,
    DisputeGround.NOT_MY_DEBT,
    DisputeGround.IDENTITY_THEFT,
)


@pytest.fixture
def court(world: World) -> Actor:
    return admitted(world, "court")


def blocked(world: World) -> bool:
    return asks(world, "carrier-c", WANG).decision is DecisionCode.PAY_FIRST


@pytest.fixture
def judged(world: World, court: Actor) -> uuid.UUID:
    """A debt of wang's about which an adjudicator has upheld one case."""
    record_id = lists(world, "carrier-a", a_report("wang")).record_id
    assert record_id is not None
    upheld(world, court, PAID)
    return record_id


@pytest.fixture
def beside(world: World, judged: uuid.UUID) -> uuid.UUID:
    """The open case of a further ground about it."""
    case = files_one(world, AMOUNT)
    assert (case["stops_enforcement"], case["record_state"], case["state"]) == (False, "ACTIVE", "OPEN")
    return id_of(case)


def state_of(world: World, record_id: uuid.UUID) -> str:
    return read_record(world.registry, world.actor("carrier-a"), record_id).state.value


def test_five_refused_grounds_in_a_row_stop_a_record_twice_and_not_five_times(world: World, court: Actor) -> None:
    lists(world, "carrier-a", a_report("wang"))
    days_free = 0
    for ground in (PAID, AMOUNT, THEFT, NOTICE, NOT_MINE):
        case = files_one(world, ground)
        assert case["stops_enforcement"] is (ground in (PAID, THEFT))
        answers(world, id_of(case))
        world.clock.forward(days=20)
        tick(world.registry)
        days_free += 0 if blocked(world) else 20
        decides(world, court, id_of(case), UPHOLD)
        assert blocked(world)
    assert days_free == 40
    for ground in DisputeGround:
        with pytest.raises(Refusal) as refused:
            files(world, ground=ground)
        assert refused.value.problem is Problem.EDGE_NOT_ALLOWED


def test_the_late_fee_runs_on_while_a_further_ground_is_heard(world: World, court: Actor, beside: uuid.UUID) -> None:
    first = asks(world, "carrier-c", WANG).quote
    world.clock.forward(days=10)
    second = asks(world, "carrier-c", WANG).quote
    assert first is not None
    assert second is not None
    assert second.total_fen - first.total_fen == 10 * 36
    answers(world, beside)
    assert decides(world, court, beside, UPHOLD)["record_state"] == "ACTIVE"
    assert blocked(world)


def test_a_further_ground_that_holds_takes_the_record_off(world: World, court: Actor, beside: uuid.UUID) -> None:
    assert decides(world, court, beside, DisputeDecision.WITHDRAW)["record_state"] == "WITHDRAWN"
    assert not blocked(world)


def test_a_creditor_concedes_a_further_ground(world: World, beside: uuid.UUID) -> None:
    conceded = answers(world, beside, DisputeAnswer.CONCEDED)
    assert (conceded["outcome"], conceded["record_state"]) == ("WITHDRAWN", "WITHDRAWN")


def test_silence_about_a_further_ground_suspends_the_record_as_any_silence_does(
    world: World, judged: uuid.UUID, beside: uuid.UUID
) -> None:
    asks(world, "carrier-c", WANG)
    world.clock.forward(days=15)
    assert run_disputes(world.registry) == 0
    assert blocked(world)
    world.clock.forward(days=1)
    assert run_disputes(world.registry) == 1
    case = case_of(world, beside)
    assert (case["state"], case["record_state"], case["stops_enforcement"]) == ("SUSPENDED", "SUSPENDED", True)
    assert not blocked(world)
    assert told(world, "carrier-c", EventKind.RECORD_DISPUTED)[-1]["facts"] == {"blocks": False}
    world.clock.forward(days=30)
    assert run_disputes(world.registry) == 1
    assert state_of(world, judged) == "WITHDRAWN"


def test_a_late_answer_about_a_further_ground_is_taken_once(world: World, judged: uuid.UUID, beside: uuid.UUID) -> None:
    world.clock.forward(days=20)
    late = answers(world, beside)
    assert (late["outcome"], late["record_state"]) == ("ANSWERED_LATE", "ACTIVE")
    again = files_one(world, AMOUNT)
    assert not again["stops_enforcement"]
    world.clock.forward(days=46)
    tick(world.registry)
    assert state_of(world, judged) == "WITHDRAWN"


def test_an_adjudicator_stops_what_blocks_while_it_is_heard(world: World, court: Actor, beside: uuid.UUID) -> None:
    stopped = decides(world, court, beside, STOP, version=1)
    assert (stopped["state"], stopped["record_state"], stopped["stops_enforcement"]) == ("OPEN", "DISPUTED", True)
    assert not blocked(world)
    for who in (court, admitted(world, "other-court")):
        with pytest.raises(Refusal) as refused:
            decides(world, who, beside, STOP)
        assert refused.value.problem is Problem.EDGE_NOT_ALLOWED
    world.clock.forward(days=10)
    answers(world, beside)
    assert decides(world, court, beside, UPHOLD)["record_state"] == "ACTIVE"
    quote = asks(world, "carrier-c", WANG).quote
    assert quote is not None
    assert quote.late_fee_fen == 200 * 36
    entries = world.registry.store.read(lambda tx: tx.openings.first(1_000))
    assert [each.participant_id for each in entries if each.kind == EntryKind.DISPUTE_STOPPED] == ["court"]


def test_only_who_is_no_party_stops_a_record(world: World, beside: uuid.UUID) -> None:
    with pytest.raises(Refusal) as refused:
        decides(world, world.actor("carrier-b"), beside, STOP)
    assert refused.value.problem is Problem.ROLE_MISSING


def test_a_first_case_stops_already_and_is_not_stopped_again(world: World, court: Actor) -> None:
    lists(world, "carrier-a", a_report("wang"))
    with pytest.raises(Refusal) as refused:
        decides(world, court, id_of(files_one(world, PAID)), STOP)
    assert refused.value.problem is Problem.EDGE_NOT_ALLOWED


def test_a_stolen_identity_takes_the_place_of_what_is_heard_and_that_ground_may_be_filed_again(
    world: World, court: Actor, beside: uuid.UUID
) -> None:
    theft = files_one(world, THEFT)
    assert (theft["stops_enforcement"], theft["record_state"]) == (True, "DISPUTED")
    replaced = case_of(world, beside)
    assert (replaced["state"], replaced["outcome"]) == ("CLOSED", "REPLACED")
    assert not blocked(world)
    answers(world, id_of(theft))
    decides(world, court, id_of(theft), UPHOLD)
    assert not files_one(world, AMOUNT)["stops_enforcement"]


def test_one_further_ground_is_heard_at_a_time(world: World, beside: uuid.UUID) -> None:
    with pytest.raises(Refusal) as refused:
        files(world, ground=NOTICE)
    assert refused.value.problem is Problem.EDGE_NOT_ALLOWED


def raised(world: World, principal_fen: int) -> None:
    """The creditor's figure rises, on a notice of tomorrow."""
    higher = a_report("wang", principal_fen=principal_fen, notice_date=TODAY + dt.timedelta(days=1))
    world.clock.forward(days=2)
    assert reports(world, "carrier-a", higher).verdict == "UPDATED"


def test_a_judgement_over_120_yuan_bars_nobody_from_disputing_ten_billion(world: World, judged: uuid.UUID) -> None:
    with pytest.raises(Refusal):
        files(world, ground=PAID)
    raised(world, 10**10)
    case = files_one(world, PAID)
    assert (case["stops_enforcement"], case["principal_fen"]) == (True, 10**10)
    assert not blocked(world)


def test_a_case_shows_the_figures_it_was_filed_over_and_changes_none(world: World, judged: uuid.UUID) -> None:
    settles(world, "carrier-a", WANG, account("A1"), kind=SettlementKind.PARTIAL, amount_fen=20_00)
    before = write(read_record(world.registry, world.actor("carrier-a"), judged))
    case = files_one(world, AMOUNT)
    assert {name: case[name] for name in ("principal_fen", "costs_fen", "paid_fen")} == {
        "principal_fen": 120_00,
        "costs_fen": 0,
        "paid_fen": 20_00,
    }
    assert write(read_record(world.registry, world.actor("carrier-a"), judged)) == before
    raised(world, 200_00)
    assert case_of(world, id_of(case))["principal_fen"] == 120_00


def test_a_higher_figure_that_comes_while_a_ground_is_heard_may_be_disputed_at_once(
    world: World, beside: uuid.UUID
) -> None:
    raised(world, 200_00)
    case = files_one(world, AMOUNT)
    assert (case["stops_enforcement"], case["principal_fen"]) == (True, 200_00)
    assert case_of(world, beside)["outcome"] == "REPLACED"


def cases_in(world: World, state: DisputeState | None = None) -> tuple[Dispute, ...]:
    return world.registry.store.read(lambda tx: tx.disputes.page(None, state, uuid.UUID(int=0), 10))


def takes_back(world: World, record_id: uuid.UUID) -> None:
    reason = WithdrawalReason.REPORTED_IN_ERROR
    actor = world.actor("carrier-a")
    withdraw(world.registry, actor, world.call(), record_id=record_id, reason=reason, expected_version=None)


def takes_many_back(world: World, record_id: uuid.UUID) -> None:
    reason = WithdrawalReason.REPORTED_IN_ERROR
    withdraw_many(world.registry, world.actor("carrier-a"), world.call(), record_ids=[record_id], reason=reason)


def expires(world: World, record_id: uuid.UUID) -> None:
    del record_id
    (case,) = cases_in(world, DisputeState.OPEN)
    answers(world, case.dispute_id)
    world.clock.forward(days=5 * 366)
    tick(world.registry)


@pytest.mark.parametrize(
    ("leaves", "state", "outcome"),
    [
        (lambda world, _: settles(world, "carrier-a", WANG, account("A1")), "CLEARED", "SETTLED"),
        (lambda world, _: collects(world, "carrier-c", quote_for(world, "carrier-c", WANG)), "CLEARED", "SETTLED"),
        (takes_back, "WITHDRAWN", "WITHDRAWN"),
        (takes_many_back, "WITHDRAWN", "WITHDRAWN"),
        (lambda world, record: orders(world, record, Action.DISCHARGE), "DISCHARGED", "DISCHARGED"),
        (expires, "EXPIRED", "EXPIRED"),
    ],
)
def test_a_further_ground_ends_with_its_record_however_that_leaves(
    world: World, beside: uuid.UUID, leaves: Callable[[World, uuid.UUID], object], state: str, outcome: str
) -> None:
    ((record_id, _),) = {(each.record_id, each.creditor_id) for each in cases_in(world)}
    leaves(world, record_id)
    if state == "EXPIRED":  # it is purged in the same round, its cases with it
        assert cases_in(world) == ()
        return
    assert state_of(world, record_id) == state
    (case,) = [each for each in cases_in(world) if each.dispute_id == beside]
    assert (case.state.value, case.outcome and case.outcome.value) == ("CLOSED", outcome)


def test_what_is_being_heard_gets_no_plan_no_buyer_and_no_judgement_beside_its_case(
    world: World, court: Actor, judged: uuid.UUID, beside: uuid.UUID
) -> None:
    with pytest.raises(Refusal) as refused:
        arranges(world, judged, (30, 300_00))
    assert refused.value.problem is Problem.EDGE_NOT_ALLOWED
    with pytest.raises(Refusal) as refused:
        void_record(world.registry, court, world.call(), record_id=judged, finding=Finding(finding_digest=bytes(32)))
    assert refused.value.problem is Problem.EDGE_NOT_ALLOWED
    document = accepts(world, offers(world, judged), {judged: "B1"})
    assert document["records"][0]["outcome"] == "NOT_ACTIVE"
    assert case_of(world, beside)["state"] == "OPEN"


def test_a_ground_goes_on_being_heard_while_a_regulator_freezes_the_record(
    world: World, court: Actor, judged: uuid.UUID, beside: uuid.UUID
) -> None:
    orders(world, judged, Action.FREEZE)
    answers(world, beside)
    assert decides(world, court, beside, UPHOLD)["record_state"] == "FROZEN"
    orders(world, judged, Action.UNFREEZE)
    assert state_of(world, judged) == "ACTIVE"


@pytest.mark.parametrize("decision", [DisputeDecision.WITHDRAW, DisputeDecision.VOID])
def test_a_frozen_record_leaves_by_its_case(
    world: World, court: Actor, judged: uuid.UUID, beside: uuid.UUID, decision: DisputeDecision
) -> None:
    orders(world, judged, Action.FREEZE)
    state = decides(world, court, beside, decision)["record_state"]
    assert state == {"WITHDRAW": "WITHDRAWN", "VOID": "VOID_IDENTITY_THEFT"}[decision]


def test_a_creditor_that_is_silent_while_its_record_is_frozen_finds_it_suspended_and_then_gone(
    world: World, judged: uuid.UUID, beside: uuid.UUID
) -> None:
    orders(world, judged, Action.FREEZE)
    world.clock.forward(days=16)
    assert run_disputes(world.registry) == 1
    assert run_disputes(world.registry) == 0
    case = case_of(world, beside)
    assert (case["state"], case["record_state"]) == ("SUSPENDED", "FROZEN")
    orders(world, judged, Action.UNFREEZE)
    assert state_of(world, judged) == "SUSPENDED"
    assert not blocked(world)
    world.clock.forward(days=30)
    assert run_disputes(world.registry) == 1
    assert state_of(world, judged) == "WITHDRAWN"


def test_a_frozen_record_lapses_with_its_silent_creditor_or_is_answered_late(
    world: World, judged: uuid.UUID, beside: uuid.UUID
) -> None:
    orders(world, judged, Action.FREEZE)
    world.clock.forward(days=20)
    late = answers(world, beside)
    assert (late["outcome"], late["record_state"]) == ("ANSWERED_LATE", "FROZEN")
    orders(world, judged, Action.UNFREEZE)
    again = id_of(files_one(world, AMOUNT))
    orders(world, judged, Action.FREEZE)
    world.clock.forward(days=46)
    tick(world.registry)
    assert (case_of(world, again)["outcome"], state_of(world, judged)) == ("WITHDRAWN", "WITHDRAWN")


def test_the_subjects_statement_says_which_case_stops_the_debt(world: World, beside: uuid.UUID) -> None:
    given = give_statement(world.registry, world.actor("carrier-b"), world.call(), WANG)
    cases = json.loads(given.body)["disputes"]
    stops = {each["ground"]: each["stops_enforcement"] for each in cases}
    assert stops == {"ALREADY_PAID": True, "WRONG_AMOUNT": False}


def test_a_case_of_before_stopped_from_its_filing_to_its_end(world: World, court: Actor) -> None:
    lists(world, "carrier-a", a_report("wang"))
    case = files_one(world, PAID)
    filed_on = TODAY
    answers(world, id_of(case))
    world.clock.forward(days=5)
    decides(world, court, id_of(case), UPHOLD)
    (stored,) = cases_in(world)
    assert (stored.stopped_on, stored.closed_on) == (filed_on, filed_on + dt.timedelta(days=5))
