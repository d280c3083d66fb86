"""Offers that nobody accepts end by their date, a sale is undone by both, and everybody is told whom to turn to."""

import uuid
from dataclasses import replace
from typing import Any

import pytest

from protocol.codes import DecisionCode, SettlementKind, Verdict, WithdrawalReason
from protocol.events import EventKind
from protocol.log_entries import EntryKind
from protocol.messages.records import RecordsQuery
from protocol.problems import Problem, Refusal
from protocol.states import RecordState
from protocol.wire.codec import write
from registry.policy.rules import DEFAULT_RULES, RuleBook
from registry.usecases.records.read import list_records, read_record
from registry.usecases.records.withdraw import withdraw
from registry.usecases.transfers.cancel import cancel_transfer
from registry.usecases.transfers.confirm import confirm_transfer
from registry.usecases.transfers.confirm_undo import confirm_undo
from registry.usecases.transfers.read import read_transfer
from registry.usecases.transfers.run import lapse_transfers
from registry.work.worker import tick
from tests.support.builders import a_report, account, tokens
from tests.support.disputes import files
from tests.support.events import told
from tests.support.mass import logged
from tests.support.money import refused, second_person
from tests.support.participants import leaves
from tests.support.statements import statement
from tests.support.stories import asks, lists, reports, settles
from tests.support.transfers import accepts, gives_back, offers, proposes, quoted, sells, state, wants_back
from tests.support.world import World

WANG = tokens("wang")


def sold(world: World, *names: str) -> tuple[uuid.UUID, dict[str, uuid.UUID]]:
    """Debts of carrier-a that are carrier-b's now, on accounts named like their debtors; the transfer, the old ids."""
    ids: dict[str, uuid.UUID] = {}
    for name in names:
        record_id = lists(world, "carrier-a", a_report(name, name, person_ref=account(name))).record_id
        assert record_id is not None
        ids[name] = record_id
    transfer_id = offers(world, *ids.values())
    accepts(world, transfer_id, {each: f"B-{name}" for name, each in ids.items()})
    return transfer_id, ids


def kinds(world: World, who: str) -> list[str]:
    return [kind for kind, _, _ in told(world, who) if kind.startswith("TRANSFER_")]


def present(world: World, transfer_id: uuid.UUID) -> str:
    return str(read_transfer(world.registry, world.actor("carrier-a"), transfer_id).state)


def test_an_offer_of_ninety_days_ago_is_over_without_the_clock_and_nobody_can_accept_it(world: World) -> None:
    old = lists(world, "carrier-a", a_report("wang", "A1")).record_id
    transfer_id = offers(world, old)
    world.clock.forward(days=89)
    assert present(world, transfer_id) == "OFFERED"
    world.clock.forward(days=1)
    assert present(world, transfer_id) == "LAPSED"
    assert refused(accepts, world, transfer_id, {old: "B1"}) is Problem.EDGE_NOT_ALLOWED
    cancel = (cancel_transfer, world.registry, world.actor("carrier-a"), world.call(), transfer_id)
    assert refused(*cancel) is Problem.EDGE_NOT_ALLOWED
    assert state(world, "carrier-a", old) == "ACTIVE"


def test_the_clock_writes_the_end_of_an_offer_once_and_tells_both(world: World) -> None:
    transfer_id = offers(world, lists(world, "carrier-a", a_report("wang", "A1")).record_id)
    proposal = uuid.UUID(proposes(world, lists(world, "carrier-a", a_report("li", "A2")).record_id)["transfer_id"])
    assert lapse_transfers(world.registry) == 0
    world.clock.forward(days=90)
    tick(world.registry)
    assert lapse_transfers(world.registry) == 0
    assert (present(world, transfer_id), present(world, proposal)) == ("LAPSED", "LAPSED")
    assert kinds(world, "carrier-a") == ["TRANSFER_LAPSED"] * 2
    assert kinds(world, "carrier-b") == ["TRANSFER_OFFERED", "TRANSFER_LAPSED"]
    assert len(logged(world, EntryKind.TRANSFER_LAPSED)) == 2
    [offer] = [facts for kind, _, facts in told(world, "carrier-b") if kind == EventKind.TRANSFER_OFFERED]
    assert offer["lapses_on"] == "2027-02-19"


def test_a_proposal_that_nobody_confirmed_in_time_is_over(world: World) -> None:
    transfer_id = uuid.UUID(proposes(world, lists(world, "carrier-a", a_report("wang", "A1")).record_id)["transfer_id"])
    world.clock.forward(days=90)
    confirm = (confirm_transfer, world.registry, second_person(world), world.call(), transfer_id)
    assert refused(*confirm) is Problem.EDGE_NOT_ALLOWED


@pytest.mark.parametrize(("first", "second"), [("carrier-a", "carrier-b"), ("carrier-b", "carrier-a")])
def test_a_sale_is_undone_onto_the_sellers_own_account_with_every_clock(world: World, first: str, second: str) -> None:
    transfer_id, ids = sold(world, "wang")
    before = write(read_record(world.registry, world.actor("carrier-a"), ids["wang"]))
    world.clock.forward(days=20)
    settles(world, "carrier-b", WANG, account("B-wang"), kind=SettlementKind.PARTIAL, amount_fen=10_00)
    owed = quoted(world)
    assert wants_back(world, transfer_id, first)["state"] == "UNDO_PROPOSED"
    assert quoted(world) == owed
    [item] = gives_back(world, transfer_id, second)["records"]
    assert (item["undo_outcome"], present(world, transfer_id)) == ("TRANSFERRED", "UNDONE")
    assert quoted(world) == owed
    assert kinds(world, second)[-1] == "TRANSFER_UNDO_PROPOSED"
    assert kinds(world, first)[-1] == "TRANSFER_UNDONE"

    page = write(
        list_records(world.registry, world.actor("carrier-a"), RecordsQuery(state=RecordState.ACTIVE, limit=5))
    )
    [back] = page["records"]
    assert back["record_id"] == item["undo_record_id"]
    closed = write(
        list_records(world.registry, world.actor("carrier-a"), RecordsQuery(state=RecordState.TRANSFERRED, limit=5))
    )
    for kept in ("account_ref", "person_ref"):
        assert back[kept] == closed["records"][0][kept]
    for kept in ("received_at", "due_date", "notice_date", "enforceable_from", "rules_version"):
        assert back[kept] == before[kept]
    assert (back["paid_fen"], back["origin_record_id"]) == (10_00, item["new_record_id"])
    assert reports(world, "carrier-a", a_report("wang", "wang")).verdict is Verdict.DUPLICATE
    assert settles(world, "carrier-a", WANG, account("wang"), amount_fen=800_00).clearance is not None
    assert asks(world, "carrier-c", WANG).decision is DecisionCode.ALLOW


def test_nobody_undoes_a_sale_alone_or_for_others_or_twice(world: World) -> None:
    transfer_id, ids = sold(world, "wang")
    assert refused(wants_back, world, transfer_id, "carrier-c") is Problem.NOT_FOUND
    assert refused(gives_back, world, transfer_id) is Problem.EDGE_NOT_ALLOWED
    wants_back(world, transfer_id)
    assert refused(wants_back, world, transfer_id, "carrier-b") is Problem.EDGE_NOT_ALLOWED
    assert refused(gives_back, world, transfer_id, "carrier-a") is Problem.ROLE_MISSING
    second = (confirm_undo, world.registry, second_person(world), world.call(), transfer_id)
    assert refused(*second) is Problem.ROLE_MISSING
    assert refused(gives_back, world, transfer_id, "carrier-c") is Problem.NOT_FOUND
    gives_back(world, transfer_id)
    assert refused(gives_back, world, transfer_id) is Problem.EDGE_NOT_ALLOWED
    assert refused(wants_back, world, transfer_id) is Problem.EDGE_NOT_ALLOWED
    assert state(world, "carrier-a", ids["wang"]) == "TRANSFERRED"


def test_an_undoing_has_its_days_and_what_was_proposed_within_them_ends_with_them(world: World) -> None:
    transfer_id, _ = sold(world, "wang")
    other, _ = sold(world, "li")
    world.clock.forward(days=90)
    wants_back(world, other)
    assert present(world, other) == "UNDO_PROPOSED"
    world.clock.forward(days=1)
    assert present(world, other) == "ACCEPTED"
    assert refused(gives_back, world, other) is Problem.EDGE_NOT_ALLOWED
    with pytest.raises(Refusal, match="days in which it can be undone are over"):
        wants_back(world, transfer_id)


def test_a_debt_that_the_debtor_deals_with_at_the_buyer_stays_there(world: World) -> None:
    transfer_id, ids = sold(world, "wang", "li", "chen", "sun")
    settles(world, "carrier-b", WANG, account("B-wang"), amount_fen=800_00)
    files(world, whose=tokens("li"))
    lists(world, "carrier-a", a_report("zhou", "chen", notice_date=world.clock().date()))
    wants_back(world, transfer_id)
    done = {each["record_id"]: each["undo_outcome"] for each in gives_back(world, transfer_id)["records"]}
    assert {name: done[str(each)] for name, each in ids.items()} == {
        "wang": "NOT_ACTIVE",
        "li": "NOT_ACTIVE",
        "chen": "ACCOUNT_OPEN",
        "sun": "TRANSFERRED",
    }


def test_nothing_goes_back_to_a_seller_that_has_left(world: World) -> None:
    transfer_id, _ = sold(world, "wang")
    wants_back(world, transfer_id)
    leaves(world, "carrier-a")
    with pytest.raises(Refusal, match="The seller has left"):
        gives_back(world, transfer_id)
    assert present(world, transfer_id) == "UNDO_PROPOSED"
    assert asks(world, "carrier-c", WANG).decision is DecisionCode.PAY_FIRST


def test_every_step_of_the_former_creditor_is_told_who_has_the_debt_now_also_after_a_second_sale(
    world: World,
) -> None:
    _, ids = sold(world, "wang")
    page = write(
        list_records(world.registry, world.actor("carrier-b"), RecordsQuery(state=RecordState.ACTIVE, limit=5))
    )
    again = uuid.UUID(page["records"][0]["record_id"])
    actor, old = world.actor("carrier-a"), ids["wang"]

    def named(step: Any) -> object:
        with pytest.raises(Refusal) as told_so:
            step()
        assert told_so.value.problem is Problem.RECORD_TRANSFERRED
        return told_so.value.to_wire()["creditor"]

    steps = (
        lambda: settles(world, "carrier-a", WANG, account("wang"), amount_fen=800_00),
        lambda: withdraw(
            world.registry,
            actor,
            world.call(),
            record_id=old,
            reason=WithdrawalReason.CREDITOR_DECISION,
            expected_version=None,
        ),
    )
    assert [named(each) for each in steps] == ["carrier-b", "carrier-b"]
    transfer_id = uuid.UUID(proposes(world, again, to="carrier-c", who=world.actor("carrier-b"))["transfer_id"])
    confirm_transfer(world.registry, second_person(world, "carrier-b"), world.call(), transfer_id)
    accepts(world, transfer_id, {again: "C1"}, "carrier-c")
    assert [named(each) for each in steps] == ["carrier-c", "carrier-c"]


def test_the_former_creditor_is_told_also_when_its_own_record_is_sealed(world: World) -> None:
    _, ids = sold(world, "wang")
    world.clock.forward(days=201)
    tick(world.registry)
    assert refused(state, world, "carrier-a", ids["wang"]) is Problem.NOT_FOUND
    with pytest.raises(Refusal) as told_so:
        settles(world, "carrier-a", WANG, account("wang"), amount_fen=800_00)
    assert (told_so.value.problem, told_so.value.figures) == (Problem.RECORD_TRANSFERRED, {"creditor": "carrier-b"})
    assert refused(settles, world, "carrier-a", WANG, account("other")) is Problem.NOT_FOUND


def test_an_account_whose_record_is_sealed_gets_no_debt_back(world: World) -> None:
    terms = replace(DEFAULT_RULES.versions[0].retention, seal_days=10)
    short = replace(DEFAULT_RULES.versions[0], retention=terms)
    world.registry = replace(world.registry, founding_rules=RuleBook((short,)))
    transfer_id, _ = sold(world, "wang")
    world.clock.forward(days=11)
    tick(world.registry)
    wants_back(world, transfer_id)
    [item] = gives_back(world, transfer_id)["records"]
    assert (item["undo_outcome"], item["undo_record_id"]) == ("ACCOUNT_GONE", None)
    assert asks(world, "carrier-c", WANG).decision is DecisionCode.PAY_FIRST


def test_the_subject_reads_whom_to_turn_to_for_a_debt_that_it_may_have_paid_to_the_former_creditor(
    world: World,
) -> None:
    sells(world, lists(world, "carrier-a", a_report("wang", "A1")).record_id)
    said = statement(world)
    assert {each["creditor"]: each["turn_to"] for each in said["records"]} == {
        "carrier-a": "carrier-b",
        "carrier-b": None,
    }
    assert "carrier-b" in {each["participant_id"] for each in said["participants"]}


def test_what_the_former_creditor_was_paid_in_good_faith_counts_from_its_own_day(world: World) -> None:
    record = lists(world, "carrier-a", a_report("wang", "A1")).record_id
    paid_at, owed = world.clock(), quoted(world)[1]
    sells(world, record)
    world.clock.forward(days=3)
    receipt = settles(world, "carrier-b", WANG, account("B1"), amount_fen=owed, settled_at=paid_at)
    assert (receipt.state, receipt.waived_fen) == ("CLEARED", None)
