"""Each record keeps the day on which its debt ended and its broken plans, whatever way its debtor went."""

import datetime as dt
import uuid
from dataclasses import replace

from protocol.codes import CollectionAnswer, CollectionRefusal, DisputeDecision, SettlementKind
from protocol.grading import CreditDebt
from protocol.states import RecordState
from registry.domain.credit import credit_debts
from registry.domain.records import Record
from registry.work.worker import tick
from tests.support.builders import TODAY, account, tokens
from tests.support.collected import at_the_counter
from tests.support.counters import answers as confirms_money
from tests.support.disputes import admitted, answers, decides, files
from tests.support.endings import key_of
from tests.support.money import WANG, a_debt, arranges, confirms, paid, pays, proposes
from tests.support.stories import lists, settles
from tests.support.transfers import accepts, gives_back, offers, wants_back
from tests.support.world import World

DAY = dt.timedelta(days=1)


def records(world: World, name: str = "wang") -> list[Record]:
    key = key_of(world, name)
    return list(world.registry.store.read(lambda tx: tx.records.of_subjects([key]))[key])


def weighing(world: World) -> tuple[CreditDebt, ...]:
    """The debts of wang that weigh in a grade."""
    return credit_debts(records(world), over_before=world.clock() - 1_000 * DAY)


def remembered(world: World) -> tuple[dt.date | None, int, dt.date | None]:
    """The end and the broken plans in the newest record of wang."""
    record = records(world)[-1]
    return record.settled_on, record.plan_breaks, record.last_break_on


def broken(world: World) -> uuid.UUID | None:
    """A debt whose plan broke on day 6; it is day 10."""
    record_id = lists(world, "carrier-a", a_debt()).record_id
    arranges(world, record_id, (0, 260_00))
    world.clock.forward(days=10)
    tick(world.registry)
    return record_id


def test_a_payment_counts_from_its_day_however_late_it_is_reported(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    paid_at = world.clock() + 20 * DAY
    world.clock.forward(days=50)
    settles(world, "carrier-a", WANG, account("A1"), amount_fen=300_00, settled_at=paid_at)
    assert remembered(world) == (TODAY + 20 * DAY, 0, None)


def test_part_payments_end_a_debt_with_the_last_one(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    pays(world, 200_00)
    world.clock.forward(days=3)
    assert remembered(world) == (None, 0, None)
    pays(world, 65_00)
    assert remembered(world) == (TODAY + 3 * DAY, 0, None)


def test_a_waiver_ends_a_debt(world: World) -> None:
    paid(world, kind=SettlementKind.WAIVER)
    assert remembered(world) == (TODAY, 0, None)


def test_a_debt_that_was_paid_within_the_lead_time_is_not_remembered(world: World) -> None:
    lists(world, "carrier-a", a_debt(notice_date=TODAY - 10 * DAY))
    settles(world, "carrier-a", WANG, account("A1"), amount_fen=260_00)
    assert (records(world)[0].state, remembered(world)) == (RecordState.CANCELLED, (None, 0, None))


def test_money_at_another_counter_ends_a_debt_whatever_its_creditor_answers(world: World) -> None:
    (collection,) = at_the_counter(world)["collections"]
    assert remembered(world) == (TODAY, 0, None)
    world.clock.forward(days=1)
    refusal = CollectionAnswer.REFUSED, CollectionRefusal.WRONG_AMOUNT
    confirms_money(world, "carrier-a", collection["collection_id"], *refusal)
    assert remembered(world) == (TODAY, 0, None)


def test_a_plan_that_is_kept_ended_its_debt_with_the_agreement(world: World) -> None:
    record_id = lists(world, "carrier-a", a_debt()).record_id
    world.clock.forward(days=2)
    arranges(world, record_id, (30, 130_00), (60, 140_00))
    assert remembered(world) == (TODAY + 2 * DAY, 0, None)
    for fen in (130_00, 140_00):
        world.clock.forward(days=28)
        pays(world, fen)
    assert (records(world)[0].state, remembered(world)) == (RecordState.CLEARED, (TODAY + 2 * DAY, 0, None))


def test_a_missed_instalment_is_of_its_day_and_the_debt_is_owed_until_it_is_paid(world: World) -> None:
    record_id = broken(world)
    assert remembered(world) == (None, 1, TODAY + 6 * DAY)
    arranges(world, record_id, (10, 300_00))
    assert remembered(world) == (TODAY + 10 * DAY, 1, TODAY + 6 * DAY)
    world.clock.forward(days=10)
    # No round of the scheduler: the payment finds the plan as broken as a punctual one would have left it.
    settles(world, "carrier-a", WANG, account("A1"), amount_fen=300_00)
    assert remembered(world) == (TODAY + 20 * DAY, 2, TODAY + 16 * DAY)


def test_a_payment_that_comes_undone_leaves_a_debt_without_an_end(world: World) -> None:
    record_id = lists(world, "carrier-a", a_debt()).record_id
    arranges(world, record_id, (30, 260_00))
    receipt = pays(world, 260_00)
    assert remembered(world) == (TODAY, 0, None)
    world.clock.forward(days=5)
    confirms(world, proposes(world, receipt.settlement_id))
    assert (records(world)[0].state, remembered(world)) == (RecordState.ACTIVE, (None, 0, None))
    settles(world, "carrier-a", WANG, account("A1"), amount_fen=300_00)
    assert remembered(world) == (TODAY + 5 * DAY, 0, None)


def test_a_sold_debt_takes_its_broken_plans_and_its_days_along_and_back(world: World) -> None:
    record_id = broken(world)
    assert record_id is not None
    (before,) = weighing(world)
    transfer_id = offers(world, record_id)
    accepts(world, transfer_id, {record_id: "B1"})
    assert remembered(world) == (None, 1, TODAY + 6 * DAY)
    assert weighing(world) == (replace(before, creditor_id="carrier-b"),)
    world.clock.forward(minutes=1)
    wants_back(world, transfer_id)
    gives_back(world, transfer_id)
    settles(world, "carrier-a", WANG, account("A1"), amount_fen=300_00)
    states = [each.state for each in records(world)]
    assert states == [RecordState.TRANSFERRED, RecordState.TRANSFERRED, RecordState.CLEARED]
    assert weighing(world) == (replace(before, state=RecordState.CLEARED, settled_on=TODAY + 10 * DAY),)


def test_a_debt_that_was_upheld_was_owed_all_along(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    (before,) = weighing(world)
    (case,) = files(world, whose=tokens("wang"))
    world.clock.forward(days=10)
    assert weighing(world) == ()
    dispute_id = uuid.UUID(case["dispute_id"])
    answers(world, dispute_id)
    decides(world, admitted(world, "office"), dispute_id, DisputeDecision.UPHOLD)
    settles(world, "carrier-a", WANG, account("A1"), amount_fen=300_00)
    assert weighing(world) == (replace(before, state=RecordState.CLEARED, settled_on=TODAY + 10 * DAY),)
