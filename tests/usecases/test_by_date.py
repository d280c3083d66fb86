"""No end waits for the worker: it is down in each of these stories, and each end has come on its day."""

import datetime as dt
import json
import uuid
from typing import Any

import pytest

from protocol.beijing import beijing_date
from protocol.codes import DecisionCode, DisputeGround, ServiceClass, Verdict, WithdrawalReason
from protocol.log_entries import EntryKind
from protocol.messages.disputes import DisputesQuery
from protocol.messages.records import RecordsQuery
from protocol.problems import Problem, Refusal
from protocol.states import Action, DisputeState, RecordState
from protocol.wire.codec import write
from registry.usecases.collected.read import read_collected
from registry.usecases.disputes.read import list_disputes
from registry.usecases.inquiries.read import read_quote
from registry.usecases.participants.exit import exit_participant
from registry.usecases.records.read import list_records, read_record
from registry.usecases.records.withdraw import withdraw
from registry.work.worker import tick
from tests.support.builders import TODAY, a_report, account, tokens
from tests.support.collected import IN_FULL, at_the_counter, month
from tests.support.disputes import admitted, answers, case_of, disputed, files
from tests.support.endings import FIVE_YEARS, cleared, is_unknown, logged, opens
from tests.support.further_grounds import orders, upheld
from tests.support.money import (
    a_debt,
    arranges,
    clearance_state,
    confirms,
    pays,
    plan_state,
    proposes,
    refused,
    second_person,
)
from tests.support.statements import statement
from tests.support.stories import asks, lists, reports, settles
from tests.support.world import World

WANG = tokens("wang")
CREDITOR = "carrier-a"


def blocked(world: World, service: ServiceClass = ServiceClass.MOBILE) -> bool:
    return asks(world, "carrier-c", WANG, service).decision is DecisionCode.PAY_FIRST


def listed(world: World, number: str = "A1", **changes: Any) -> uuid.UUID:
    record_id = lists(world, CREDITOR, a_report("wang", number, **changes)).record_id
    assert record_id is not None
    return record_id


def over(world: World, days: int = 90) -> None:
    """Five years and some months later; nobody ran the clock."""
    world.clock.forward(days=FIVE_YEARS.days + days)


def page(world: World, state: RecordState | None = None, limit: int = 10) -> list[dict[str, Any]]:
    found = write(list_records(world.registry, world.actor(CREDITOR), RecordsQuery(state=state, limit=limit)))
    return list(found["records"])


def refuses(problem: Problem) -> Any:
    return pytest.raises(Refusal, match=problem.value.name)


def edges(world: World) -> list[tuple[str, str | None]]:
    """Every edge in the log, with the day on which it was due."""
    found = logged(world, EntryKind.RECORD_TRANSITION)
    return [(str(each["edge"]), None if "due" not in each else str(each["due"])) for each in found]


def test_a_record_whose_five_years_are_over_blocks_nobody_while_the_worker_is_down(world: World) -> None:
    listed(world)
    world.clock.forward(days=FIVE_YEARS.days - 1)
    assert blocked(world)
    world.clock.forward(days=1)
    assert not blocked(world)
    world.clock.forward(days=90)
    assert not blocked(world)


def test_a_statement_tells_the_end_and_its_history_while_the_worker_is_down(world: World) -> None:
    listed(world)
    over(world)
    (record,) = statement(world)["records"]
    assert (record["state"], record["blocks"], record["owed"]) == ("EXPIRED", False, None)
    assert record["history"][-1]["action"] == "EXPIRE"
    assert ("ACTIVE>EXPIRED", "2031-11-21") in edges(world)


def test_a_creditor_reads_and_lists_its_records_as_they_are_today(world: World) -> None:
    record_id, _ = listed(world), listed(world, "A2")
    over(world)
    read = write(read_record(world.registry, world.actor(CREDITOR), record_id))
    assert (read["state"], read["state_since"]) == ("EXPIRED", "2031-11-20T16:00:00.000000Z")
    assert [each["state"] for each in page(world)] == ["EXPIRED", "EXPIRED"]
    assert page(world, RecordState.ACTIVE) == []
    assert [each["state"] for each in page(world, RecordState.EXPIRED, 1)] == ["EXPIRED"]
    assert edges(world) == []  # reading wrote nothing


def test_a_report_on_an_account_whose_record_is_over_is_judged_as_after_its_end(world: World) -> None:
    listed(world)
    over(world)
    assert reports(world, CREDITOR, a_report("wang")).verdict is Verdict.DUPLICATE
    assert edges(world)[-1] == ("ACTIVE>EXPIRED", "2031-11-21")
    ended = TODAY + FIVE_YEARS
    # A debt that came after the years were over is another one, however late that was written.
    new = a_report("wang", due_date=ended + dt.timedelta(days=1), notice_date=ended + dt.timedelta(days=50))
    world.clock.forward(days=30)
    assert reports(world, CREDITOR, new).verdict is Verdict.ACTIVE


def test_a_debt_that_is_over_is_not_settled_withdrawn_disputed_or_frozen(world: World) -> None:
    record_id = listed(world)
    over(world)
    with refuses(Problem.EDGE_NOT_ALLOWED):
        settles(world, CREDITOR, WANG, account("A1"), amount_fen=9_000_000_00)
    with refuses(Problem.EDGE_NOT_ALLOWED):
        orders(world, record_id, Action.FREEZE)
    with refuses(Problem.NOT_FOUND):  # it names no open record
        files(world)
    with refuses(Problem.EDGE_NOT_ALLOWED):
        withdraw(
            world.registry,
            world.actor(CREDITOR),
            world.call(),
            record_id=record_id,
            reason=WithdrawalReason.REPORTED_IN_ERROR,
            expected_version=None,
        )
    tick(world.registry)
    assert {each for each, _ in edges(world)} >= {"ACTIVE>EXPIRED", "EXPIRED>PURGED"}


def test_a_payment_of_the_last_other_debt_brings_a_clearance_though_an_old_one_was_not_ended(world: World) -> None:
    listed(world, "A2")
    world.clock.forward(days=FIVE_YEARS.days - 10)
    today = beijing_date(world.clock())
    listed(world, due_date=today - dt.timedelta(days=100), notice_date=today - dt.timedelta(days=40))
    world.clock.forward(days=10)
    receipt = settles(world, CREDITOR, WANG, account("A1"), amount_fen=9_000_00)
    assert receipt.clearance is not None


def test_a_quote_tells_that_a_debt_of_it_is_over(world: World) -> None:
    listed(world)
    world.clock.forward(days=FIVE_YEARS.days - 1)
    quote = asks(world, "carrier-c", WANG).quote
    assert quote is not None
    world.clock.forward(days=1)
    (line,) = read_quote(world.registry, world.actor("carrier-c"), quote.reference).lines
    assert line.settled


def test_a_member_leaves_whose_records_are_all_over(world: World) -> None:
    listed(world)
    over(world)
    exit_participant(world.registry, world.actor("operator"), world.call(), CREDITOR)


def test_a_creditors_silence_about_a_further_ground_stops_a_record_while_the_worker_is_down(world: World) -> None:
    court = admitted(world, "court")
    record_id = listed(world)
    upheld(world, court, DisputeGround.ALREADY_PAID)
    (case,) = files(world, ground=DisputeGround.WRONG_AMOUNT)
    world.clock.forward(days=15)
    assert blocked(world)
    world.clock.forward(days=1)
    assert not blocked(world)
    assert case_of(world, uuid.UUID(case["dispute_id"]))["state"] == "SUSPENDED"
    assert [each["record_id"] for each in page(world, RecordState.SUSPENDED)] == [str(record_id)]
    world.clock.forward(days=30)
    told = case_of(world, uuid.UUID(case["dispute_id"]))
    assert (told["state"], told["outcome"], told["record_state"]) == ("CLOSED", "WITHDRAWN", "WITHDRAWN")
    closed = list_disputes(world.registry, world.actor(CREDITOR), DisputesQuery(state=DisputeState.CLOSED)).disputes
    assert case["dispute_id"] in [str(each.dispute_id) for each in closed]
    opened = list_disputes(world.registry, world.actor(CREDITOR), DisputesQuery(state=DisputeState.OPEN)).disputes
    assert opened == ()


def test_the_fee_stands_still_from_the_day_of_the_silence_however_late_that_is_written(world: World) -> None:
    court = admitted(world, "court")
    listed(world)
    upheld(world, court, DisputeGround.ALREADY_PAID)
    (case,) = files(world, ground=DisputeGround.WRONG_AMOUNT)
    world.clock.forward(days=40)
    answers(world, uuid.UUID(case["dispute_id"]))  # late: what the clock owes comes first
    kept = world.registry.store.read(lambda tx: tx.disputes.find(uuid.UUID(case["dispute_id"])))
    assert kept is not None
    assert kept.stopped_on == TODAY + dt.timedelta(days=16)


def test_an_instalment_that_comes_after_its_plan_broke_finds_it_broken(world: World) -> None:
    record = lists(world, CREDITOR, a_debt())
    plan = arranges(world, record.record_id, (30, 130_00), (60, 130_00))
    world.clock.forward(days=36)
    assert plan_state(world, plan) == "BROKEN"
    assert not blocked(world)  # what lets a record block counts once it is written
    assert pays(world, 130_00).state == "ACTIVE"
    assert plan_state(world, plan) == "BROKEN"
    assert blocked(world)
    assert arranges(world, record.record_id, (60, 500_00))["state"] == "RUNNING"


def test_a_payment_that_comes_undone_after_the_years_are_over_takes_no_clearance_back(world: World) -> None:
    record_id = listed(world)
    world.clock.forward(days=FIVE_YEARS.days - 1)
    receipt = settles(world, CREDITOR, WANG, account("A1"), amount_fen=9_000_00)
    proposed = proposes(world, receipt.settlement_id)
    world.clock.forward(days=1)
    assert refused(confirms, world, proposed, second_person(world)) is Problem.EDGE_NOT_ALLOWED
    assert refused(proposes, world, receipt.settlement_id) is Problem.EDGE_NOT_ALLOWED
    assert clearance_state(world, receipt) == "VALID"
    assert read_record(world.registry, world.actor(CREDITOR), record_id).state == "CLEARED"


def test_a_plan_that_broke_before_its_record_was_over_is_not_told_as_kept(world: World) -> None:
    record_id = listed(world)
    plan = arranges(world, record_id, (30, 500_00))
    over(world)
    assert reports(world, CREDITOR, a_report("wang")).verdict is Verdict.DUPLICATE
    assert plan_state(world, plan) == "BROKEN"
    assert [each for each, _ in edges(world)][-1] == "ARRANGED>EXPIRED"


def test_money_that_nobody_objected_to_counts_on_its_day(world: World) -> None:
    (collection,) = at_the_counter(world)["collections"]  # on a Saturday, so due on Tuesday
    world.clock.forward(days=3)
    assert month(world, CREDITOR, "carrier-b")["net"]["amount_fen"] == 0
    world.clock.forward(days=1)
    told = month(world, CREDITOR, "carrier-b")
    assert (told["net"]["amount_fen"], told["counted"][0]["state"]) == (IN_FULL, "CONFIRMED_BY_SILENCE")
    read = write(read_collected(world.registry, world.actor("carrier-b"), uuid.UUID(collection["collection_id"])))
    assert read["state"] == "CONFIRMED_BY_SILENCE"
    (stated,) = statement(world)["collections"]
    assert stated["state"] == "CONFIRMED_BY_SILENCE"


def test_an_auditor_does_not_open_what_was_to_be_destroyed_by_today(world: World) -> None:
    record_id = cleared(world)
    world.clock.forward(days=201)
    tick(world.registry)
    assert opens(world, record_id)["state"] == "CLEARED"
    world.clock.forward(days=530)
    assert is_unknown(lambda: opens(world, record_id))


def test_two_clocks_and_an_act_take_each_edge_once(world: World) -> None:
    disputed(world)
    world.clock.forward(days=46)
    assert reports(world, CREDITOR, a_report("wang")).verdict is Verdict.DUPLICATE
    tick(world.registry)
    tick(world.registry)
    taken = [each for each in edges(world) if each[1] is not None]
    assert sorted(taken) == [("DISPUTED>SUSPENDED", "2026-12-07"), ("SUSPENDED>WITHDRAWN", "2027-01-06")]
    told = {json.dumps(each, sort_keys=True) for each in logged(world, EntryKind.RECORD_TRANSITION)}
    assert len(told) == len(logged(world, EntryKind.RECORD_TRANSITION))
