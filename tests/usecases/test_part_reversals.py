"""A part payment bounces while the debt is still open: it is owed again, and nothing else happens to the record."""

import uuid
from typing import Any

from protocol.codes import DecisionCode, DisputeGround, SettlementKind, WithdrawalReason
from protocol.events import EventKind
from protocol.messages.disputes import DisputeFiling
from protocol.problems import Problem
from protocol.wire.codec import write
from registry.usecases.disputes.open import open_dispute
from registry.usecases.plans.run import break_plans
from registry.usecases.records.read import read_record
from registry.usecases.records.withdraw import withdraw
from tests.support.builders import account
from tests.support.counters import told
from tests.support.money import WANG, a_debt, arranges, confirms, paid, pays, plan_state, proposes, quoted, refused
from tests.support.stories import asks, lists, settles
from tests.support.world import World


def record_of(world: World, record_id: uuid.UUID | None) -> dict[str, Any]:
    assert record_id is not None
    return write(read_record(world.registry, world.actor("carrier-a"), record_id))


def test_a_bounced_part_payment_is_owed_again_and_who_asked_is_told(world: World) -> None:
    receipt = paid(world, kind=SettlementKind.PARTIAL, amount_fen=10_00)
    assert quoted(world) == 250_00
    reversal_id = proposes(world, receipt.settlement_id)
    assert quoted(world) == 250_00
    before = record_of(world, receipt.record_id)
    assert refused(confirms, world, reversal_id, world.actor("carrier-a")) is Problem.ROLE_MISSING
    confirms(world, reversal_id)
    after = record_of(world, receipt.record_id)
    assert (after["state"], after["paid_fen"], after["version"]) == ("ACTIVE", 0, before["version"] + 1)
    told_of = told(world, "carrier-b", EventKind.RECORD_CORRECTED)
    assert [each["facts"] for each in told_of] == [{"blocks": True}] * 2
    assert quoted(world) == 260_00
    assert refused(confirms, world, reversal_id) is Problem.ALREADY_EXISTS
    assert refused(proposes, world, receipt.settlement_id) is Problem.ALREADY_EXISTS


def test_a_bounced_instalment_breaks_the_plan_when_its_day_has_passed_and_not_before(world: World) -> None:
    listed = lists(world, "carrier-a", a_debt())
    plan = arranges(world, listed.record_id, (30, 130_00), (60, 130_00))
    receipt = pays(world, 130_00)
    confirms(world, proposes(world, receipt.settlement_id))
    assert (record_of(world, listed.record_id)["state"], plan_state(world, plan)) == ("ARRANGED", "RUNNING")
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.ALLOW
    assert told(world, "carrier-b", EventKind.RECORD_CORRECTED) == []
    world.clock.forward(days=35)
    assert break_plans(world.registry) == 0
    world.clock.forward(days=1)
    assert break_plans(world.registry) == 1
    assert quoted(world) == 260_00


def test_what_bounced_before_the_plan_is_asked_for_by_its_last_instalment(world: World) -> None:
    listed = lists(world, "carrier-a", a_debt())
    early = pays(world, 10_00)
    arranges(world, listed.record_id, (30, 250_00))
    confirms(world, proposes(world, early.settlement_id))
    assert pays(world, 250_00).state == "ARRANGED"
    assert pays(world, 10_00).state == "CLEARED"


def test_a_disputed_debt_takes_a_bounced_payment_back_and_still_blocks_nobody(world: World) -> None:
    receipt = paid(world, kind=SettlementKind.PARTIAL, amount_fen=10_00)
    filing = DisputeFiling(tokens=WANG, ground=DisputeGround.WRONG_AMOUNT)
    open_dispute(world.registry, world.actor("carrier-c"), world.call(), filing)
    confirms(world, proposes(world, receipt.settlement_id))
    record = record_of(world, receipt.record_id)
    assert (record["state"], record["paid_fen"]) == ("DISPUTED", 0)
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.ALLOW


def test_a_record_that_left_the_list_meanwhile_takes_nothing_back(world: World) -> None:
    receipt = paid(world, kind=SettlementKind.PARTIAL, amount_fen=10_00)
    reversal_id = proposes(world, receipt.settlement_id)
    withdraw(
        world.registry,
        world.actor("carrier-a"),
        world.call(),
        record_id=receipt.record_id,
        reason=WithdrawalReason.REPORTED_IN_ERROR,
        expected_version=None,
    )
    assert refused(confirms, world, reversal_id) is Problem.EDGE_NOT_ALLOWED


def test_after_the_whole_payment_bounced_the_part_before_it_may_bounce_too(world: World) -> None:
    part = paid(world, kind=SettlementKind.PARTIAL, amount_fen=60_00)
    rest = settles(world, "carrier-a", WANG, account("A1"), amount_fen=200_00)
    confirms(world, proposes(world, rest.settlement_id))
    assert quoted(world) == 200_00
    confirms(world, proposes(world, part.settlement_id))
    assert quoted(world) == 260_00
