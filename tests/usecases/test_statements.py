"""A subject learns what is held about it and who asked, at any counter, twice a year for nothing."""

import datetime as dt
import json
import uuid
from typing import Any

import pytest

from protocol.codes import DisputeGround, RebuttalGround, RedListGround, ServiceClass, SettlementKind
from protocol.log_entries import EntryKind
from protocol.messages.disassociations import NewRebuttal
from protocol.messages.disputes import DisputeFiling, NewDisputeDocument
from protocol.messages.red_list import RedListProposal
from protocol.problems import Problem, Refusal
from protocol.states import ClearanceState, Side
from registry.usecases.archive.run_retention import run_retention
from registry.usecases.disassociations.file import rebut_household
from registry.usecases.disputes.add_paper import add_paper
from registry.usecases.disputes.open import open_dispute
from registry.usecases.forget import forget_statements
from registry.usecases.red_list.propose import propose_red_list
from registry.usecases.settlements.read import read_clearance
from registry.usecases.statements.give import give_statement
from tests.support.builders import TODAY, a_report, account, tokens
from tests.support.money import confirms, paid, proposes
from tests.support.statements import WANG, statement
from tests.support.stories import asks, lists, settles
from tests.support.world import World


def test_nobody_is_kept_in_the_dark_about_what_is_stored_and_who_asked(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    asks(world, "carrier-c", WANG, ServiceClass.BROADBAND)
    told = statement(world)
    (record,) = told["records"]
    assert (record["number"], record["creditor"], record["state"], record["blocks"]) == (1, "carrier-a", "ACTIVE", True)
    assert record["owed"] == {"principal_fen": 120_00, "late_fee_fen": 72_00, "costs_fen": 0, "total_fen": 192_00}
    assert (record["notice_date"], record["notice_channel"]) == ("2026-06-24", "SMS")
    assert (record["listed_on"], record["expires_on"]) == ("2026-11-21", "2031-11-21")
    assert [each["action"] for each in record["history"]] == ["ACCEPT", "ENFORCE"]
    (inquiry,) = told["inquiries"]
    assert (inquiry["participant"], inquiry["service_class"], inquiry["decision"], inquiry["reasons"]) == (
        "carrier-c",
        "BROADBAND",
        "PAY_FIRST",
        ["OWN_ARREARS"],
    )
    assert told["participants"][0] == {
        "participant_id": "carrier-a",
        "name": "Carrier-A",
        "contact": "Pay at any counter of carrier-a",
    }
    assert [each["participant_id"] for each in told["participants"]] == ["carrier-a", "carrier-b", "carrier-c"]


def test_every_payment_is_told_and_the_one_that_was_taken_back(world: World) -> None:
    first = paid(world, kind=SettlementKind.PARTIAL, amount_fen=100_00)
    confirms(world, proposes(world, first.settlement_id))
    world.clock.now += dt.timedelta(minutes=1)
    settles(world, "carrier-a", WANG, account("A1"), amount_fen=250_00, waive_rest=True)
    lists(world, "carrier-b", a_report("wang", account_ref=account("B1")))
    cleared, open_one = statement(world)["records"]
    assert [(each["kind"], each["amount_fen"], each["waived_fen"]) for each in cleared["payments"]] == [
        ("PARTIAL", 100_00, 0),
        ("FULL", 250_00, 10_00),
    ]
    assert [each["reversed_at"] is None for each in cleared["payments"]] == [False, True]
    assert "payments" not in open_one


def test_two_statements_of_a_calendar_year_are_free(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    told = [statement(world, carrier=each) for each in ("carrier-a", "carrier-b", "carrier-c")]
    assert [(each["free"], each["free_left"]) for each in told] == [(True, 1), (True, 0), (False, 0)]
    assert {each["asked_through"] for each in told[2]["earlier_statements"]} == {"carrier-a", "carrier-b"}
    world.clock.now = dt.datetime(2026, 12, 31, 16, 0, tzinfo=dt.UTC)  # New Year in Beijing
    again = statement(world)
    assert (again["free"], again["free_left"], len(again["earlier_statements"])) == (True, 1, 3)


def test_who_is_not_known_gets_an_empty_statement_that_leaves_no_head_row(world: World) -> None:
    known, unknown = statement(world, tokens("somebody else")), statement(world)
    assert known.keys() == unknown.keys()
    sections = {name for name, members in unknown.items() if isinstance(members, list)} - {"participants"}
    assert len(sections) == 18
    assert all(unknown[name] == [] for name in sections)
    assert (unknown["free"], unknown["free_left"]) == (True, 1)
    assert statement(world)["free_left"] == 0
    entries = world.registry.store.read(lambda tx: tx.openings.first(1000))
    keys = {each.subject_key for each in entries if each.kind == "statement.given" and each.subject_key is not None}
    assert len(keys) == 2
    assert world.registry.store.read(lambda tx: tx.subjects.known(keys)) == frozenset()


def test_that_a_statement_was_given_is_forgotten_with_the_next_but_one_year(world: World) -> None:
    statement(world)
    world.clock.now = dt.datetime(2027, 12, 31, 12, 0, tzinfo=dt.UTC)
    assert forget_statements(world.registry) == 0
    world.clock.forward(hours=5)
    assert forget_statements(world.registry) == 1
    assert statement(world)["earlier_statements"] == []


def test_the_same_request_again_counts_once(world: World) -> None:
    call = world.call()
    for _ in range(2):
        give_statement(world.registry, world.actor("carrier-b"), call, WANG)
    assert statement(world)["free_left"] == 0


def test_a_statement_is_about_one_person_and_no_household(world: World) -> None:
    with pytest.raises(Refusal, match=Problem.INVALID_FIELD.value.name):
        statement(world, tokens("wang", register="4201060011665"))


def test_inquiries_about_others_of_the_household_are_told_by_asker_and_day_alone(world: World) -> None:
    home: dict[str, Any] = {"address": "19-4-1160"}
    lists(world, "carrier-a", a_report(tokens=tokens("wang", **home), service_class=ServiceClass.BROADBAND))
    asks(world, "carrier-c", tokens("son", **home), ServiceClass.BROADBAND)
    asks(world, "carrier-b", WANG)
    told = statement(world)
    assert told["weighed_for_others"] == [{"record": 1, "participant": "carrier-c", "on": "2026-11-21"}]
    assert len(told["inquiries"]) == 1
    assert statement(world, tokens("son"))["weighed_for_others"] == []


def test_an_own_inquiry_of_the_first_hours_of_a_month_is_never_told_as_somebody_elses(world: World) -> None:
    """It is still the month before in UTC, by which inquiries are dropped: what it met goes with it."""
    lists(world, "carrier-a", a_report("wang"))
    world.clock.now = dt.datetime(2026, 11, 30, 20, 0, tzinfo=dt.UTC)  # four in the morning of 1 December in Beijing
    asks(world, "carrier-b", WANG)
    world.clock.now = dt.datetime(2028, 12, 15, 4, 0, tzinfo=dt.UTC)
    run_retention(world.registry)
    told = statement(world)
    assert (told["weighed_for_others"], len(told["inquiries"])) == ([], 0)


def test_everything_else_is_told_too(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    lists(world, "carrier-c", a_report("wang", "C1"))
    settles(world, "carrier-c", WANG, account("C1"), kind=SettlementKind.FULL, amount_fen=192_00)
    filing = DisputeFiling(tokens=WANG, ground=DisputeGround.NO_NOTICE)
    outcome = open_dispute(world.registry, world.actor("carrier-b"), world.call(), filing)
    (case,) = json.loads(outcome.body)["disputes"]
    add_paper(
        world.registry,
        world.actor("carrier-b"),
        world.call(),
        dispute_id=uuid.UUID(case["dispute_id"]),
        body=NewDisputeDocument(side=Side.FILER, content=b"%PDF-1.7 a receipt"),
    )
    rebuttal = NewRebuttal(
        tokens=tokens("wang", address="19-4-1160", register="4201060011665"),
        ground=RebuttalGround.MOVED_AWAY,
        evidence_digest=b"e" * 32,
    )
    rebut_household(world.registry, world.actor("carrier-c"), world.call(), rebuttal)
    proposal = RedListProposal(
        tokens=WANG, organisation=True, ground=RedListGround.SCHOOL, expires_on=TODAY + dt.timedelta(days=300)
    )
    propose_red_list(world.registry, world.actor("carrier-a"), world.call(), proposal)
    told = statement(world)
    assert [(each["record"], each["state"], each["answer_due"], each["documents"]) for each in told["disputes"]] == [
        (1, "OPEN", "2026-12-06", 1)
    ]
    assert [each["owed"] is None for each in told["records"]] == [False, True]
    assert [(each["state"], each["households"]) for each in told["rebuttals"]] == [("HOLDS", ["ADDRESS", "REGISTER"])]
    assert [each["state"] for each in told["red_list"]] == ["PROPOSED"]


def test_a_clearance_and_a_plan_are_told(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    settles(world, "carrier-a", WANG, account("A1"), amount_fen=192_00)
    (clearance,) = statement(world)["clearances"]
    assert (clearance["state"], clearance["revoked_at"]) == ("VALID", None)


def test_whoever_asks_whether_a_clearance_holds_is_told_of_a_new_debt_and_stands_in_the_statement(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    receipt = settles(world, "carrier-a", WANG, account("A1"), amount_fen=192_00)
    assert receipt.clearance_id is not None
    asker = world.actor("carrier-c")
    assert read_clearance(world.registry, asker, receipt.clearance_id).listed_again is False
    lists(world, "carrier-b", a_report("wang", "B1"))
    world.clock.forward(days=1)
    again = read_clearance(world.registry, asker, receipt.clearance_id)
    assert (again.state, again.listed_again) == (ClearanceState.VALID, True)
    told = statement(world)
    assert [each["by"] for each in told["clearances"][0]["readings"]] == ["carrier-c", "carrier-c"]
    assert told["clearances"][0]["readings"][0]["at"] < told["clearances"][0]["readings"][1]["at"]
    settles(world, "carrier-b", WANG, account("B1"))
    assert read_clearance(world.registry, asker, receipt.clearance_id).listed_again is False


def test_a_clearance_nobody_asked_about_has_no_readings_and_one_that_is_not_there_leaves_no_entry(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    settles(world, "carrier-a", WANG, account("A1"), amount_fen=192_00)
    assert "readings" not in statement(world)["clearances"][0]
    with pytest.raises(Refusal) as refused:
        read_clearance(world.registry, world.actor("carrier-c"), uuid.UUID(int=7))
    assert refused.value.problem is Problem.NOT_FOUND
    kinds = {each.kind for each in world.registry.store.read(lambda tx: tx.openings.first(100))}
    assert EntryKind.CLEARANCE_READ not in kinds


def test_no_pseudonym_no_record_id_and_no_account_is_in_a_statement(world: World) -> None:
    verdict = lists(world, "carrier-a", a_report("wang"))
    asks(world, "carrier-c", WANG)
    text = json.dumps(statement(world))
    (record,) = world.registry.store.read(lambda tx: tx.records.of_account("carrier-a", account("A1")))
    for secret in (str(verdict.record_id), record.subject_key.hex(), account("A1").hex()):
        assert secret not in text
