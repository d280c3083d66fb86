"""What debtors live through with money: every fen that was paid counts, and none is asked for twice."""

import datetime as dt
import uuid

import pytest

from protocol.codes import DecisionCode, SettlementKind
from protocol.problems import Problem, Refusal
from protocol.wire.codec import write
from registry.usecases.plans.read import read_plan
from registry.usecases.plans.run import break_plans
from registry.usecases.records.read import read_record
from registry.usecases.reversals.read import read_reversal
from registry.work.worker import tick
from tests.support.builders import TODAY, account
from tests.support.money import (
    WANG,
    a_debt,
    arranges,
    clearance_state,
    confirms,
    paid,
    pays,
    plan_state,
    proposes,
    quoted,
    refused,
    second_person,
)
from tests.support.stories import asks, lists, settles
from tests.support.world import World


def test_paid_and_served_at_the_next_counter_in_the_same_second(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.PAY_FIRST
    moment = world.clock()
    receipt = settles(world, "carrier-a", WANG, account("A1"), amount_fen=260_00)
    answer = asks(world, "carrier-c", WANG)
    assert (answer.decision, answer.decided_at) == (DecisionCode.ALLOW, moment)
    assert receipt.clearance is not None


def test_a_debt_of_half_a_yuan_blocks_nobody(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    most = settles(world, "carrier-a", WANG, account("A1"), kind=SettlementKind.PARTIAL, amount_fen=259_00)
    assert (most.state, most.outstanding_fen) == ("ACTIVE", 1_00)
    rest = settles(world, "carrier-a", WANG, account("A1"), kind=SettlementKind.PARTIAL, amount_fen=50)
    assert (rest.state, rest.outstanding_fen) == ("CLEARED", 0)
    assert rest.clearance is not None
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.ALLOW


def test_a_late_fee_does_not_run_away(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    assert quoted(world) == 260_00
    world.clock.forward(days=233)
    assert quoted(world) == 399_80
    world.clock.forward(days=1)
    assert quoted(world) == 400_00
    world.clock.forward(days=1_000)
    assert quoted(world) == 400_00


def test_a_reversed_payment_is_owed_again_and_its_clearance_is_revoked(world: World) -> None:
    receipt = paid(world)
    world.clock.forward(days=30)
    reversal_id = proposes(world, receipt.settlement_id)
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.ALLOW
    assert clearance_state(world, receipt) == "VALID"
    assert refused(confirms, world, reversal_id, world.actor("carrier-a")) is Problem.ROLE_MISSING
    confirmed = confirms(world, reversal_id)
    assert (confirmed["proposed_key_id"], confirmed["confirmed_key_id"]) == ("carrier-a-1", "carrier-a-2")
    assert write(read_reversal(world.registry, world.actor("carrier-a"), reversal_id)) == confirmed
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.PAY_FIRST
    assert quoted(world) == 278_00
    assert clearance_state(world, receipt) == "REVOKED"
    record = write(read_record(world.registry, world.actor("carrier-a"), receipt.record_id))
    assert (record["state"], record["paid_fen"]) == ("ACTIVE", 0)


def test_a_reversal_is_confirmed_once(world: World) -> None:
    receipt = paid(world)
    first, second = proposes(world, receipt.settlement_id), proposes(world, receipt.settlement_id)
    confirms(world, first)
    assert refused(confirms, world, first) is Problem.ALREADY_EXISTS
    assert refused(confirms, world, second) is Problem.ALREADY_EXISTS
    settles(world, "carrier-a", WANG, account("A1"), amount_fen=260_00)
    assert refused(confirms, world, second) is Problem.ALREADY_EXISTS
    assert refused(proposes, world, receipt.settlement_id) is Problem.ALREADY_EXISTS


def test_a_reversal_belongs_to_its_creditor(world: World) -> None:
    receipt = paid(world)
    stranger = second_person(world, "carrier-b")
    assert refused(proposes, world, receipt.settlement_id, stranger) is Problem.NOT_FOUND
    assert refused(proposes, world, uuid.UUID(int=3)) is Problem.NOT_FOUND
    reversal_id = proposes(world, receipt.settlement_id)
    assert refused(confirms, world, reversal_id, stranger) is Problem.NOT_FOUND
    assert refused(confirms, world, uuid.UUID(int=3)) is Problem.NOT_FOUND


def test_after_half_a_year_a_payment_stands(world: World) -> None:
    receipt = paid(world)
    world.clock.forward(days=180)
    reversal_id = proposes(world, receipt.settlement_id)
    world.clock.forward(seconds=1)
    assert refused(confirms, world, reversal_id) is Problem.EDGE_NOT_ALLOWED
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.ALLOW


def test_a_waiver_is_never_taken_back(world: World) -> None:
    receipt = paid(world, kind=SettlementKind.WAIVER)
    assert refused(proposes, world, receipt.settlement_id) is Problem.EDGE_NOT_ALLOWED


def test_a_debt_paid_twice_is_still_paid_when_one_payment_comes_undone(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    part = settles(world, "carrier-a", WANG, account("A1"), kind=SettlementKind.PARTIAL, amount_fen=50_00)
    settles(world, "carrier-a", WANG, account("A1"), amount_fen=260_00)
    assert refused(proposes, world, part.settlement_id) is Problem.EDGE_NOT_ALLOWED


def test_an_account_with_a_newer_debt_takes_no_older_one_back(world: World) -> None:
    receipt = paid(world)
    world.clock.forward(days=100)
    newer = {"due_date": TODAY + dt.timedelta(days=5), "notice_date": TODAY + dt.timedelta(days=50)}
    lists(world, "carrier-a", a_debt(**newer))
    assert refused(proposes, world, receipt.settlement_id) is Problem.ALREADY_EXISTS


def test_a_plan_that_is_kept_blocks_nobody_and_ends_with_a_clearance(world: World) -> None:
    listed = lists(world, "carrier-a", a_debt())
    plan = arranges(world, listed.record_id, (30, 130_00), (60, 130_00))
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.ALLOW
    world.clock.forward(days=35)
    assert tick(world.registry) == 0
    first = pays(world, 130_00)
    assert (first.state, first.outstanding_fen) == ("ARRANGED", 130_00)
    world.clock.forward(days=30)
    tick(world.registry)
    assert plan_state(world, plan) == "RUNNING"
    last = pays(world, 130_00)
    assert (last.state, last.outstanding_fen) == ("CLEARED", 0)
    assert last.clearance is not None
    assert plan_state(world, plan) == "KEPT"
    world.clock.forward(days=400)
    tick(world.registry)
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.ALLOW


def test_a_broken_plan_blocks_again_without_a_fee_for_its_days(world: World) -> None:
    listed = lists(world, "carrier-a", a_debt())
    plan = arranges(world, listed.record_id, (30, 130_00), (60, 130_00))
    pays(world, 130_00)
    world.clock.forward(days=65)
    assert break_plans(world.registry) == 0
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.ALLOW
    world.clock.forward(days=1)
    assert break_plans(world.registry) == 1
    assert break_plans(world.registry) == 0
    assert plan_state(world, plan) == "BROKEN"
    assert quoted(world) == 130_00
    assert listed.record_id is not None
    record = write(read_record(world.registry, world.actor("carrier-a"), listed.record_id))
    assert (record["state"], record["due_date"]) == ("ACTIVE", (TODAY - dt.timedelta(days=100)).isoformat())
    world.clock.forward(days=10)
    assert quoted(world) == 136_00
    again = arranges(world, listed.record_id, (100, 136_00))
    world.clock.forward(days=2)
    settles(world, "carrier-a", WANG, account("A1"), kind=SettlementKind.FULL, amount_fen=136_00)
    assert plan_state(world, again) == "KEPT"


def test_a_plan_after_the_end_of_service_frees_no_day_that_bore_no_fee(world: World) -> None:
    listed = lists(world, "carrier-a", a_debt(ended_on=TODAY - dt.timedelta(days=10)))
    assert quoted(world) == 254_00
    arranges(world, listed.record_id, (0, 254_00))
    world.clock.forward(days=6)
    assert break_plans(world.registry) == 1
    assert quoted(world) == 254_00


def test_instalments_that_are_no_plan_change_nothing(world: World) -> None:
    listed = lists(world, "carrier-a", a_debt())
    for agreed in ([(30, 259_99)], [(-1, 260_00)], [(30, 130_00), (30, 130_00)]):
        assert refused(arranges, world, listed.record_id, *agreed) is Problem.INVALID_FIELD
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.PAY_FIRST


def test_only_the_creditor_arranges_on_what_it_read_and_once(world: World) -> None:
    listed = lists(world, "carrier-a", a_debt())
    with pytest.raises(Refusal) as raised:
        arranges(world, listed.record_id, (30, 260_00), who=world.actor("carrier-b"))
    assert raised.value.problem is Problem.NOT_FOUND
    with pytest.raises(Refusal) as raised:
        arranges(world, listed.record_id, (30, 260_00), expected_version=1)
    assert raised.value.problem is Problem.VERSION_STALE
    plan = arranges(world, listed.record_id, (30, 260_00), expected_version=2)
    assert refused(arranges, world, listed.record_id, (30, 260_00)) is Problem.EDGE_NOT_ALLOWED
    assert refused(read_plan, world.registry, world.actor("carrier-b"), uuid.UUID(plan["plan_id"])) is Problem.NOT_FOUND
