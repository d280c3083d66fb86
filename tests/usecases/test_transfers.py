"""Debts that change hands: one default stays one default, and no clock begins anew."""

import datetime as dt
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from protocol.codes import (
    DecisionCode,
    DisputeAnswer,
    DisputeDecision,
    DisputeGround,
    ReasonCode,
    Role,
    ServiceClass,
    SettlementKind,
    Verdict,
    WithdrawalReason,
)
from protocol.log_entries import EntryKind
from protocol.messages.disputes import DisputeAnswerBody, DisputeDecisionBody, DisputeFiling
from protocol.problems import Problem, Refusal
from protocol.states import RecordState
from protocol.wire.codec import write
from registry.store.transactions import Store
from registry.usecases.disputes.answer import answer_dispute
from registry.usecases.disputes.decide import decide_dispute
from registry.usecases.disputes.open import open_dispute
from registry.usecases.records.read import read_record
from registry.usecases.records.withdraw import withdraw
from registry.usecases.transfers.accept import accept_transfer
from registry.usecases.transfers.cancel import cancel_transfer
from registry.usecases.transfers.confirm import confirm_transfer
from registry.usecases.transfers.read import read_transfer
from registry.work.worker import tick
from tests.support.api import admit
from tests.support.builders import TODAY, a_report, account, tokens
from tests.support.events import told, withdraws
from tests.support.mass import logged
from tests.support.money import arranges, refused, second_person
from tests.support.statements import statement
from tests.support.stories import asks, lists, reports, settles
from tests.support.transfers import WANG, accepts, an_acceptance, offers, proposes, quoted, sells, state
from tests.support.world import World, found_world


def test_a_debt_that_is_sold_stays_one_debt_with_the_clocks_of_its_listing(world: World) -> None:
    old = lists(world, "carrier-a", a_report("wang", "A1", principal_fen=500_00)).record_id
    settles(world, "carrier-a", WANG, account("A1"), kind=SettlementKind.PARTIAL, amount_fen=50_00)
    before = write(read_record(world.registry, world.actor("carrier-a"), old or uuid.UUID(int=0)))
    world.clock.forward(days=40)
    owed = quoted(world)
    transfer_id = offers(world, old)
    assert quoted(world) == owed
    document = accepts(world, transfer_id, {old: "B1"})
    new = uuid.UUID(document["records"][0]["new_record_id"])
    assert quoted(world) == owed
    assert state(world, "carrier-a", old) == "TRANSFERRED"
    after = write(read_record(world.registry, world.actor("carrier-b"), new))
    assert (after["state"], after["origin_record_id"]) == ("ACTIVE", str(old))
    for kept in ("received_at", "due_date", "notice_date", "enforceable_from", "rules_version", "paid_fen"):
        assert after[kept] == before[kept], kept

    assert reports(world, "carrier-a", a_report("wang", "A1", principal_fen=500_00)).verdict is Verdict.DUPLICATE
    assert reports(world, "carrier-b", a_report("wang", "B1", principal_fen=500_00)).verdict is Verdict.DUPLICATE
    assert reports(world, "carrier-b", a_report("wang", "B1", principal_fen=400_00)).verdict is Verdict.UPDATED
    with pytest.raises(Refusal) as refusal:
        settles(world, "carrier-a", WANG, account("A1"))
    assert (refusal.value.problem, refusal.value.figures) == (Problem.RECORD_TRANSFERRED, {"creditor": "carrier-b"})
    assert settles(world, "carrier-b", WANG, account("B1"), amount_fen=800_00).clearance is not None
    assert asks(world, "carrier-c", WANG).decision is DecisionCode.ALLOW


def test_the_events_say_whose_act_it_was_and_the_log_who_executed_it(world: World) -> None:
    old = lists(world, "carrier-a", a_report("wang", "A1")).record_id
    assert old is not None
    new = sells(world, old)
    key = world.registry.store.read(lambda tx: tx.records.find(new)).subject_key
    found = world.registry.store.read(
        lambda tx: [*tx.transitions.of_record(key, old), *tx.transitions.of_record(key, new)]
    )
    said = {(each.record_id, each.action.value, each.party.value, each.actor_id, each.reason) for each in found}
    assert said >= {
        (old, "TRANSFER", "CREDITOR", "carrier-a", "sold"),
        (new, "ACCEPT", "REGISTRY", "carrier-b", "transferred"),
        (new, "ENFORCE", "CLOCK", "registry", "transferred"),
    }
    entries = world.registry.store.read(lambda tx: tx.openings.first(1_000))
    edges = [json.loads(each.core) for each in entries if each.kind == EntryKind.RECORD_TRANSITION]
    assert {each["by"] for each in edges if each["facts"]["edge"] == "ACTIVE>TRANSFERRED"} == {"carrier-b"}
    for kind in (EntryKind.TRANSFER_PROPOSED, EntryKind.TRANSFER_CONFIRMED, EntryKind.TRANSFER_ACCEPTED):
        assert len(logged(world, kind)) == 1


def test_whoever_asked_hears_nothing_of_the_sale_and_everything_of_what_comes_after(world: World) -> None:
    old = lists(world, "carrier-a", a_report("wang", "A1")).record_id
    before = asks(world, "carrier-c", WANG).inquiry_id
    new = sells(world, old)
    assert told(world, "carrier-c") == []
    assert [kind for kind, _, _ in told(world, "carrier-a")] == ["RECORD_STATE_CHANGED"]
    assert [kind for kind, _, _ in told(world, "carrier-b")] == ["TRANSFER_OFFERED"]
    after = asks(world, "carrier-c", WANG).inquiry_id
    withdraws(world, "carrier-b", new)
    heard = told(world, "carrier-c")
    assert {kind for kind, _, _ in heard} == {"RECORD_WITHDRAWN"}
    assert sorted(str(each) for _, each, _ in heard) == sorted(map(str, (before, after)))


def test_a_household_is_linked_to_the_debt_whoever_owns_it(world: World) -> None:
    debtor = tokens("wang", register="R1")
    old = lists(
        world, "carrier-a", a_report("wang", "A1", tokens=debtor, service_class=ServiceClass.BROADBAND)
    ).record_id
    member = tokens("li", register="R1")
    assert asks(world, "carrier-c", member, ServiceClass.BROADBAND).decision is DecisionCode.PAY_FIRST
    new = sells(world, old)
    answer = asks(world, "carrier-c", member, ServiceClass.BROADBAND)
    assert answer.decision is DecisionCode.PAY_FIRST
    assert answer.reasons == (ReasonCode.HOUSEHOLD_FIXED_LINE_ARREARS,)
    assert answer.quote is not None
    assert answer.quote.creditors == 1
    withdraws(world, "carrier-b", new)
    assert asks(world, "carrier-c", member, ServiceClass.BROADBAND).decision is DecisionCode.ALLOW


def test_days_in_which_a_dispute_stopped_the_fee_stay_free_under_the_new_creditor(world: World) -> None:
    due = TODAY - dt.timedelta(days=100)
    old = lists(
        world, "carrier-a", a_report("wang", "A1", due_date=due, notice_date=TODAY - dt.timedelta(days=60))
    ).record_id
    filing = DisputeFiling(tokens=WANG, ground=DisputeGround.NOT_MY_DEBT, creditor="carrier-a")
    outcome = open_dispute(world.registry, world.actor("carrier-c"), world.call(), filing)
    case = uuid.UUID(json.loads(outcome.body)["disputes"][0]["dispute_id"])
    world.clock.forward(days=10)
    admit(world, "adjudicator", Role.ADJUDICATOR)
    said = DisputeAnswer.CONTRACT_SHOWN
    answer_dispute(
        world.registry, world.actor("carrier-a"), world.call(), dispute_id=case, body=DisputeAnswerBody(answer=said)
    )
    decide_dispute(
        world.registry,
        world.actor("adjudicator", Role.ADJUDICATOR),
        world.call(),
        dispute_id=case,
        body=DisputeDecisionBody(decision=DisputeDecision.UPHOLD),
    )
    owed = quoted(world)
    assert owed == (1, 120_00 + 36_00)
    new = sells(world, old)
    assert quoted(world) == owed
    world.clock.forward(days=10)
    assert quoted(world) == (1, 120_00 + 39_60)
    again = DisputeFiling(tokens=WANG, ground=DisputeGround.ALREADY_PAID, creditor="carrier-b")
    open_dispute(world.registry, world.actor("carrier-c"), world.call(), again)
    assert state(world, "carrier-b", new) == "DISPUTED"


def test_what_is_no_longer_plainly_owed_stays_with_the_seller(world: World) -> None:
    names = ("wang", "li", "zhao", "qian", "sun", "zhou")
    ids = {name: lists(world, "carrier-a", a_report(name, name)).record_id for name in names}
    transfer_id = offers(world, *ids.values())
    settles(world, "carrier-a", tokens("wang"), account("wang"))
    arranges(world, ids["li"], (10, 400_00))
    lists(world, "carrier-b", a_report("zhao", "B-zhao"))
    lists(world, "carrier-b", a_report("qian", "B-qian"))
    settles(world, "carrier-b", tokens("qian"), account("B-qian"))
    accounts = {ids[name]: f"B-{name}" for name in names if name != "sun"}
    done = {each["record_id"]: each["outcome"] for each in accepts(world, transfer_id, accounts)["records"]}
    assert {name: done[str(each)] for name, each in ids.items()} == {
        "wang": "NOT_ACTIVE",
        "li": "NOT_ACTIVE",
        "zhao": "ACCOUNT_OPEN",
        "qian": "DEBT_KNOWN",
        "sun": "NOT_TAKEN",
        "zhou": "TRANSFERRED",
    }
    assert [state(world, "carrier-a", ids[name]) for name in ("wang", "li", "zhao", "sun")] == [
        "CLEARED",
        "ARRANGED",
        "ACTIVE",
        "ACTIVE",
    ]
    assert refused(accepts, world, transfer_id, accounts) is Problem.EDGE_NOT_ALLOWED


def test_a_transfer_takes_two_people_of_the_seller_and_one_buyer(world: World) -> None:
    record_id = lists(world, "carrier-a", a_report("wang", "A1")).record_id
    transfer_id = uuid.UUID(proposes(world, record_id)["transfer_id"])
    buyer, other, checker = world.actor("carrier-b"), world.actor("carrier-c"), second_person(world)
    assert refused(read_transfer, world.registry, buyer, transfer_id) is Problem.NOT_FOUND
    assert refused(accepts, world, transfer_id, {record_id: "B1"}) is Problem.NOT_FOUND
    confirm = (confirm_transfer, world.registry)
    assert refused(*confirm, world.actor("carrier-a"), world.call(), transfer_id) is Problem.ROLE_MISSING
    assert refused(*confirm, other, world.call(), transfer_id) is Problem.NOT_FOUND
    confirm_transfer(world.registry, checker, world.call(), transfer_id)
    assert refused(*confirm, checker, world.call(), transfer_id) is Problem.EDGE_NOT_ALLOWED
    assert refused(*confirm, buyer, world.call(), transfer_id) is Problem.NOT_FOUND
    assert refused(read_transfer, world.registry, other, transfer_id) is Problem.NOT_FOUND
    assert refused(accepts, world, transfer_id, {record_id: "A1"}, "carrier-a") is Problem.NOT_FOUND
    assert refused(accepts, world, transfer_id, {uuid.UUID(int=5): "B1"}) is Problem.INVALID_FIELD
    assert read_transfer(world.registry, buyer, transfer_id).state == "OFFERED"
    cancel_transfer(world.registry, checker, world.call(), transfer_id)
    assert refused(accepts, world, transfer_id, {record_id: "B1"}) is Problem.EDGE_NOT_ALLOWED
    again = (cancel_transfer, world.registry, checker, world.call(), transfer_id)
    assert refused(*again) is Problem.EDGE_NOT_ALLOWED
    assert state(world, "carrier-a", record_id) == "ACTIVE"


def test_what_cannot_be_proposed_is_refused_with_its_place(world: World) -> None:
    active = lists(world, "carrier-a", a_report("wang", "A1")).record_id
    pending = lists(world, "carrier-a", a_report("li", "A2", notice_date=TODAY)).record_id
    others = lists(world, "carrier-b", a_report("zhao", "A3")).record_id
    with pytest.raises(Refusal) as refusal:
        proposes(world, active, pending)
    assert (refusal.value.problem, refusal.value.fields) == (Problem.EDGE_NOT_ALLOWED, {"record_ids.1": "PENDING"})
    assert refused(proposes, world, active, others) is Problem.NOT_FOUND
    assert refused(proposes, world, active, active) is Problem.INVALID_FIELD
    for nobody in ("carrier-a", "operator", "carrier-x"):
        with pytest.raises(Refusal) as refusal:
            proposes(world, active, to=nobody)
        assert refusal.value.fields.keys() == {"to"}


@pytest.mark.parametrize("step", ["settlement", "withdrawal"])
def test_an_acceptance_and_another_step_at_once_never_both_happen(store: Store, step: str) -> None:
    world = found_world(store)
    for number in range(6):
        name = f"debtor-{number}"
        record_id = lists(world, "carrier-a", a_report(name, name)).record_id
        transfer_id = offers(world, record_id)
        call, actor = world.call(), world.actor("carrier-a")

        def other(name: str = name, record_id: Any = record_id, call: Any = call, actor: Any = actor) -> str:
            try:
                if step == "settlement":
                    return settles(world, "carrier-a", tokens(name), account(name)).state
                reason = WithdrawalReason.REPORTED_IN_ERROR
                withdraw(world.registry, actor, call, record_id=record_id, reason=reason, expected_version=None)
            except Refusal as refusal:
                return refusal.problem.value.name
            return "WITHDRAWN"

        with ThreadPoolExecutor(2) as threads:
            ended = threads.submit(other)
            sold = threads.submit(accepts, world, transfer_id, {record_id: f"B-{name}"})
        (item,) = sold.result()["records"]
        blocked = asks(world, "carrier-c", tokens(name)).decision is DecisionCode.PAY_FIRST
        if item["outcome"] == "TRANSFERRED":
            assert (ended.result(), blocked) == ("record-transferred", True)
        else:
            assert (item["outcome"], blocked) == ("NOT_ACTIVE", False)
            assert ended.result() in ("CLEARED", "WITHDRAWN")


def test_two_who_accept_at_once_take_the_debt_once(store: Store) -> None:
    world = found_world(store)
    record_id = lists(world, "carrier-a", a_report("wang", "A1")).record_id
    transfer_id = offers(world, record_id)
    calls = [world.call() for _ in range(4)]

    def attempt(call: Any) -> int | Problem:
        acceptance = an_acceptance({record_id: "B1"})
        try:
            return accept_transfer(world.registry, world.actor("carrier-b"), call, transfer_id, acceptance).status
        except Refusal as refusal:
            return refusal.problem

    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(attempt, calls))
    assert sorted(map(str, outcomes)) == sorted(map(str, [200, *[Problem.EDGE_NOT_ALLOWED] * 3]))
    counted = world.registry.store.read(lambda tx: tx.records.count_by_state())
    assert counted == {RecordState.TRANSFERRED: 1, RecordState.ACTIVE: 1}


def test_the_subject_reads_to_whom_the_debt_went_also_when_the_first_record_is_sealed(world: World) -> None:
    old = lists(world, "carrier-a", a_report("wang")).record_id
    world.clock.forward(days=1)
    sells(world, old)
    told = statement(world)
    numbers = {each["creditor"]: each["number"] for each in told["records"]}
    (moved,) = told["transfers"]
    assert (moved["record"], moved["from_record"]) == (numbers["carrier-b"], numbers["carrier-a"])
    assert (moved["seller"], moved["buyer"], moved["at"]) == ("carrier-a", "carrier-b", "2026-11-22T04:00:00.000000Z")
    world.clock.forward(days=200)
    tick(world.registry)
    (later,) = statement(world)["transfers"]
    assert later == {**moved, "record": 1, "from_record": None}


def test_a_debt_is_not_taken_onto_an_account_on_which_somebody_else_owes(world: World) -> None:
    record = lists(world, "carrier-a", a_report("wang"))
    lists(world, "carrier-b", a_report("li", "B1"))
    (item,) = accepts(world, offers(world, record.record_id), {record.record_id: "B1"})["records"]
    assert item["outcome"] == "ACCOUNT_OPEN"


def test_two_debtors_are_not_taken_onto_one_account(world: World) -> None:
    wang, li = lists(world, "carrier-a", a_report("wang")), lists(world, "carrier-a", a_report("li", "A2"))
    transfer = offers(world, wang.record_id, li.record_id)
    items = accepts(world, transfer, {wang.record_id: "B1", li.record_id: "B1"})["records"]
    assert sorted(each["outcome"] for each in items) == ["ACCOUNT_OPEN", "TRANSFERRED"]
    verdict = reports(world, "carrier-b", a_report("chen", "B1"))
    assert (verdict.verdict, len(verdict.withdrew)) == (Verdict.REJ_NO_NOTICE, 1)
