"""FULL means full: what was owed on the day of the payment is covered, or the creditor gives up the rest by name."""

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest

from protocol.codes import DecisionCode, DisputeGround, SettlementKind
from protocol.log_entries import EntryKind
from protocol.messages.archive import Order
from protocol.messages.disputes import DisputeFiling
from protocol.messages.settlements import SettlementReceipt
from protocol.problems import Problem, Refusal
from protocol.states import Action
from registry.usecases.archive.orders import carry_out_order
from registry.usecases.disputes.open import open_dispute
from registry.usecases.plans.run import break_plans
from registry.usecases.records.read import read_record
from registry.usecases.settlements.settle import settle
from tests.support.builders import TODAY, account
from tests.support.money import WANG, a_debt, arranges, confirms, pays, proposes, quoted
from tests.support.stories import asks, lists, settles
from tests.support.world import World

FULL, PARTIAL, WAIVER = SettlementKind.FULL, SettlementKind.PARTIAL, SettlementKind.WAIVER
RefusedAs = tuple[Problem, dict[str, str], dict[str, int | str]]


def days_ago(world: World, days: int) -> dt.datetime:
    return world.clock() - dt.timedelta(days=days)


def says(world: World, kind: SettlementKind = FULL, **order: Any) -> SettlementReceipt:
    return settles(world, "carrier-a", WANG, account("A1"), kind=kind, **order)


def refusal(world: World, kind: SettlementKind = FULL, **order: Any) -> RefusedAs:
    with pytest.raises(Refusal) as raised:
        says(world, kind, **order)
    return raised.value.problem, raised.value.fields, dict(raised.value.figures)


def missing(fen: int) -> RefusedAs:
    return Problem.NOT_IN_FULL, {}, {"missing_fen": fen}


def blocked(world: World) -> bool:
    return asks(world, "carrier-b", WANG).decision is DecisionCode.PAY_FIRST


def test_one_yuan_on_hundreds_is_not_paid_in_full_and_the_refusal_says_what_is_missing(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    assert refusal(world, amount_fen=1_00) == missing(259_00)
    assert blocked(world)
    assert quoted(world) == 260_00
    assert says(world, amount_fen=260_00).state == "CLEARED"


def test_less_than_the_tolerance_short_is_in_full(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    assert refusal(world, amount_fen=259_00) == missing(1_00)
    receipt = says(world, amount_fen=259_01)
    assert (receipt.state, receipt.waived_fen) == ("CLEARED", None)


def test_more_than_what_was_owed_closes_the_debt_as_well(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    assert says(world, amount_fen=999_00).state == "CLEARED"


@pytest.mark.parametrize("kind", [FULL, PARTIAL])
def test_a_payment_of_nothing_is_refused_and_only_a_waiver_gives_a_debt_up(world: World, kind: SettlementKind) -> None:
    lists(world, "carrier-a", a_debt())
    nothing: RefusedAs = Problem.INVALID_FIELD, {"amount_fen": "nothing-paid-is-a-waiver"}, {}
    assert refusal(world, kind, amount_fen=0) == nothing
    assert refusal(world, kind, amount_fen=0, waive_rest=kind is FULL) == nothing
    assert blocked(world)
    receipt = says(world, WAIVER, amount_fen=0)
    assert (receipt.state, receipt.clearance is not None) == ("CLEARED", True)


def test_the_days_between_payment_and_report_cost_the_debtor_nothing(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    world.clock.forward(days=10)
    assert quoted(world) == 266_00
    assert refusal(world, amount_fen=260_00, settled_at=days_ago(world, 8)) == missing(1_20)
    assert says(world, amount_fen=260_00, settled_at=days_ago(world, 10)).state == "CLEARED"


def test_a_last_part_payment_counts_on_its_own_day_too(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    assert pays(world, 100_00).state == "ACTIVE"
    world.clock.forward(days=10)
    receipt = says(world, PARTIAL, amount_fen=160_00, settled_at=days_ago(world, 10))
    assert (receipt.state, receipt.outstanding_fen) == ("CLEARED", 0)


def test_payments_count_on_their_days_in_whatever_order_they_are_reported(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    world.clock.forward(days=10)
    says(world, PARTIAL, amount_fen=100_00, settled_at=days_ago(world, 2))
    # On the day of this one the other had not been made: 260.00 were owed.
    assert refusal(world, amount_fen=100_00, settled_at=days_ago(world, 10)) == missing(160_00)
    assert refusal(world, amount_fen=163_00, settled_at=days_ago(world, 10)) == missing(97_00)
    # Together they cover what was owed on the day of the later one.
    assert says(world, amount_fen=164_80, settled_at=days_ago(world, 10)).state == "CLEARED"


def test_a_payment_that_bounced_fills_nothing(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    part = pays(world, 100_00)
    confirms(world, proposes(world, part.settlement_id))
    assert refusal(world, amount_fen=160_00) == missing(100_00)


def test_the_rest_is_waived_by_name_and_the_record_closes_as_full_at_once(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    world.clock.forward(days=3)
    receipt = says(world, amount_fen=260_00, waive_rest=True)
    assert (receipt.state, receipt.outstanding_fen, receipt.waived_fen) == ("CLEARED", 0, 1_80)
    assert receipt.clearance is not None
    assert not blocked(world)


def test_a_rest_is_waived_only_with_full(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    for kind in (PARTIAL, WAIVER):
        wrong: RefusedAs = Problem.INVALID_FIELD, {"waive_rest": "only-with-full"}, {}
        assert refusal(world, kind, amount_fen=10_00, waive_rest=True) == wrong


def test_nothing_is_waived_where_the_payment_covers_the_debt(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    assert says(world, amount_fen=260_00, waive_rest=True).waived_fen is None


def test_a_waiver_of_the_rest_that_the_creditor_did_not_sign_is_refused(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    signed = world.order("carrier-a", WANG, account("A1"), amount_fen=100_00)
    for said in (
        replace(signed, waive_rest=True),
        replace(world.order("carrier-a", WANG, account("A1"), waive_rest=True), waive_rest=False),
    ):
        with pytest.raises(Refusal) as raised:
            settle(world.registry, world.actor("carrier-a"), world.call(), said)
        assert raised.value.problem is Problem.STATEMENT_INVALID
    assert blocked(world)


def test_when_the_payment_bounces_the_waived_rest_is_not_claimed_again(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    receipt = says(world, amount_fen=200_00, waive_rest=True)
    assert receipt.waived_fen == 60_00
    confirms(world, proposes(world, receipt.settlement_id))
    assert quoted(world) == 200_00
    assert refusal(world, amount_fen=190_00) == missing(10_00)
    assert says(world, amount_fen=200_00).state == "CLEARED"


def test_a_payment_is_neither_of_tomorrow_nor_older_than_the_debt(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    ahead = world.clock() + dt.timedelta(minutes=6)
    assert refusal(world, settled_at=ahead) == (Problem.INVALID_FIELD, {"settled_at": "in-the-future"}, {})
    early: RefusedAs = Problem.INVALID_FIELD, {"settled_at": "before-the-due-date"}, {}
    for kind in (FULL, PARTIAL, WAIVER):
        assert refusal(world, kind, amount_fen=200_00, settled_at=days_ago(world, 101)) == early
    assert says(world, amount_fen=200_00, settled_at=days_ago(world, 100)).state == "CLEARED"


def test_a_clock_that_is_ahead_over_midnight_costs_no_day_of_fee(world: World) -> None:
    lists(world, "carrier-a", a_debt(principal_fen=90_000_00))
    midnight = dt.datetime(TODAY.year, TODAY.month, TODAY.day, 16, tzinfo=dt.UTC)
    world.clock.now = midnight - dt.timedelta(seconds=1)
    owed = quoted(world)
    assert says(world, amount_fen=owed, settled_at=midnight + dt.timedelta(minutes=4)).state == "CLEARED"


def test_a_debt_that_waits_for_its_lead_time_is_paid_in_full_or_not_at_all(world: World) -> None:
    listed = lists(world, "carrier-a", a_debt(notice_date=TODAY - dt.timedelta(days=3)))
    assert listed.verdict == "PENDING"
    assert refusal(world, amount_fen=50_00) == missing(210_00)
    assert says(world, amount_fen=260_00).state == "CANCELLED"


def test_a_disputed_debt_is_paid_as_it_stood_when_it_was_disputed(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    filing = DisputeFiling(tokens=WANG, ground=DisputeGround.WRONG_AMOUNT)
    open_dispute(world.registry, world.actor("carrier-c"), world.call(), filing)
    world.clock.forward(days=10)
    assert refusal(world, amount_fen=200_00) == missing(60_00)
    assert says(world, amount_fen=260_00).state == "CLEARED"


def test_a_frozen_debt_is_paid_with_its_fee(world: World) -> None:
    listed = lists(world, "carrier-a", a_debt())
    assert listed.record_id is not None
    carry_out_order(
        world.registry,
        world.actor("operator"),
        world.call(),
        record_id=listed.record_id,
        action=Action.FREEZE,
        order=Order(order_reference=bytes(32)),
    )
    world.clock.forward(days=10)
    assert refusal(world, amount_fen=260_00) == missing(6_00)
    assert says(world, amount_fen=266_00).state == "CLEARED"


def test_a_plan_in_arrears_of_an_instalment_is_paid_off_with_what_is_left_of_it(world: World) -> None:
    listed = lists(world, "carrier-a", a_debt())
    arranges(world, listed.record_id, (30, 130_00), (60, 130_00))
    pays(world, 130_00)
    assert refusal(world, amount_fen=100_00) == missing(30_00)
    assert says(world, amount_fen=130_00).state == "CLEARED"


def test_the_free_days_of_a_later_plan_do_not_shrink_what_was_owed_before_it(world: World) -> None:
    listed = lists(world, "carrier-a", a_debt())
    world.clock.forward(days=10)
    arranges(world, listed.record_id, (60, 266_00))
    world.clock.forward(days=60)
    assert break_plans(world.registry) == 1
    before_the_plan = days_ago(world, 65)
    assert refusal(world, amount_fen=200_00, settled_at=before_the_plan) == missing(63_00)
    assert says(world, amount_fen=263_00, settled_at=before_the_plan).state == "CLEARED"


def test_the_entry_of_a_settlement_names_the_moment_of_the_payment(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    receipt = says(world, amount_fen=257_00, settled_at=days_ago(world, 1), waive_rest=True)
    entries = world.registry.store.read(lambda tx: tx.openings.first(1_000))
    (entry,) = [each for each in entries if each.kind == EntryKind.SETTLEMENT]
    assert json.loads(entry.core)["facts"] == {
        "record": str(receipt.record_id),
        "kind": "FULL",
        "settled_at": "2026-11-20T04:00:00.000000Z",
    }
    assert entry.personal is not None
    assert json.loads(entry.personal)["waived_fen"] == 2_40


def test_a_refused_settlement_leaves_nothing_behind_and_its_key_is_free(world: World) -> None:
    listed = lists(world, "carrier-a", a_debt())
    short = world.order("carrier-a", WANG, account("A1"), amount_fen=100_00)
    with pytest.raises(Refusal):
        settle(world.registry, world.actor("carrier-a"), world.call("one", b"short"), short)
    whole = world.order("carrier-a", WANG, account("A1"), amount_fen=100_00, waive_rest=True)
    settle(world.registry, world.actor("carrier-a"), world.call("one", b"whole"), whole)
    assert listed.record_id is not None
    assert read_record(world.registry, world.actor("carrier-a"), listed.record_id).state == "CLEARED"
