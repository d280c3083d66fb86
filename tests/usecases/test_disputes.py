"""Disputes: flagged at once and not enforced meanwhile, run by the clock, decided by somebody neutral."""

import datetime as dt
import json
import uuid
from typing import Any

import pytest

from protocol.codes import (
    DecisionCode,
    DisputeAnswer,
    DisputeDecision,
    DisputeGround,
    ReasonCode,
    Remedy,
    Role,
    ServiceClass,
    WithdrawalReason,
)
from protocol.events import EventKind
from protocol.messages.disputes import (
    DisputesQuery,
)
from protocol.problems import Problem, Refusal
from protocol.states import DisputeState, Side
from registry.domain.participants import Actor
from registry.usecases.disputes.mark_victim import renew_victim_marker
from registry.usecases.disputes.read import (
    list_disputes,
    list_papers,
    open_paper,
)
from registry.usecases.disputes.remind import remind_disputes
from registry.usecases.disputes.run import run_disputes
from registry.usecases.events.read import read_events
from registry.usecases.records.withdraw import withdraw
from registry.work.worker import tick
from tests.support.builders import TODAY, a_report, account, tokens
from tests.support.disputes import PDF, WANG, adds, admitted, answers, case_of, decides, disputed, files
from tests.support.stories import asks, lists, settles
from tests.support.world import World


@pytest.fixture
def court(world: World) -> Actor:
    return admitted(world, "court")


def refusal(problem: Problem) -> Any:
    return pytest.raises(Refusal, match=problem.value.name)


def test_disputed_in_good_faith_and_not_enforced_meanwhile(world: World, court: Actor) -> None:
    lists(world, "carrier-a", a_report("wang"))
    assert asks(world, "carrier-c", WANG).decision is DecisionCode.PAY_FIRST
    (case,) = files(world)
    assert (case["state"], case["record_state"], case["answer_due"]) == ("OPEN", "DISPUTED", "2026-12-06")
    assert asks(world, "carrier-c", WANG).decision is DecisionCode.ALLOW
    dispute_id = uuid.UUID(case["dispute_id"])
    assert answers(world, dispute_id)["state"] == "ANSWERED"
    world.clock.forward(days=90)
    tick(world.registry)
    assert case_of(world, dispute_id)["state"] == "ANSWERED"
    assert asks(world, "carrier-c", WANG).decision is DecisionCode.ALLOW
    closed = decides(world, court, dispute_id, DisputeDecision.UPHOLD)
    assert (closed["state"], closed["outcome"], closed["record_state"]) == ("CLOSED", "UPHELD", "ACTIVE")
    assert asks(world, "carrier-c", WANG).decision is DecisionCode.PAY_FIRST


def test_a_silent_creditor_loses(world: World) -> None:
    dispute_id = disputed(world)
    world.clock.forward(days=15)
    assert run_disputes(world.registry) == 0
    world.clock.forward(days=1)
    assert run_disputes(world.registry) == 1
    assert case_of(world, dispute_id)["record_state"] == "SUSPENDED"
    world.clock.forward(days=29)
    assert run_disputes(world.registry) == 0
    world.clock.forward(days=1)
    assert run_disputes(world.registry) == 1
    case = case_of(world, dispute_id)
    assert (case["outcome"], case["record_state"]) == ("WITHDRAWN", "WITHDRAWN")
    assert run_disputes(world.registry) == 0
    with refusal(Problem.EDGE_NOT_ALLOWED):
        answers(world, dispute_id)


def test_a_clock_that_stood_still_takes_both_edges_and_gives_nobody_more_days(world: World) -> None:
    dispute_id = disputed(world)
    world.clock.forward(days=46)
    with refusal(Problem.EDGE_NOT_ALLOWED):
        answers(world, dispute_id)
    tick(world.registry)
    assert case_of(world, dispute_id)["record_state"] == "WITHDRAWN"


def test_a_late_answer_is_taken_once_and_the_subject_may_file_anew(world: World) -> None:
    dispute_id = disputed(world)
    world.clock.forward(days=20)
    late = answers(world, dispute_id)  # the clock had not run: the answer is late all the same
    assert (late["outcome"], late["record_state"]) == ("ANSWERED_LATE", "ACTIVE")
    assert asks(world, "carrier-c", WANG).decision is DecisionCode.PAY_FIRST
    (again,) = files(world)
    world.clock.forward(days=20)
    run_disputes(world.registry)
    with refusal(Problem.EDGE_NOT_ALLOWED):
        answers(world, uuid.UUID(again["dispute_id"]))
    world.clock.forward(days=30)
    run_disputes(world.registry)
    assert case_of(world, uuid.UUID(again["dispute_id"]))["record_state"] == "WITHDRAWN"


def test_a_stolen_identity_is_voided_and_its_victim_verified_for_two_years(world: World, court: Actor) -> None:
    lists(world, "carrier-a", a_report("wang"))
    lists(world, "carrier-c", a_report("wang", "C1"))
    stolen, _ = files(world, ground=DisputeGround.IDENTITY_THEFT)
    voided = decides(world, court, uuid.UUID(stolen["dispute_id"]), DisputeDecision.VOID)
    assert (voided["outcome"], voided["record_state"]) == ("VOIDED", "VOID_IDENTITY_THEFT")
    answer = asks(world, "carrier-b", WANG)
    assert (answer.decision, answer.reasons) == (DecisionCode.VERIFY_ID, (ReasonCode.VICTIM_MARKER,))
    assert answer.remedies == (Remedy.VERIFY_AT_COUNTER,)
    world.clock.now = dt.datetime(2028, 11, 20, 12, 0, tzinfo=dt.UTC)
    outcome = renew_victim_marker(world.registry, world.actor("carrier-b"), world.call(), WANG)
    assert json.loads(outcome.body) == {"until": "2030-11-20"}
    world.clock.now = dt.datetime(2030, 11, 19, 12, 0, tzinfo=dt.UTC)
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.VERIFY_ID
    world.clock.forward(days=1)
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.ALLOW
    with refusal(Problem.NOT_FOUND):
        renew_victim_marker(world.registry, world.actor("carrier-b"), world.call(), WANG)


def test_a_paid_debt_clears_even_while_disputed(world: World) -> None:
    dispute_id = disputed(world)
    assert settles(world, "carrier-a", WANG, account("A1")).state == "CLEARED"
    assert case_of(world, dispute_id)["outcome"] == "SETTLED"
    world.clock.forward(days=60)
    assert run_disputes(world.registry) == 0


def test_the_creditor_that_takes_its_record_back_closes_the_case(world: World) -> None:
    verdict = lists(world, "carrier-a", a_report("wang"))
    assert verdict.record_id is not None
    (case,) = files(world)
    withdraw(
        world.registry,
        world.actor("carrier-a"),
        world.call(),
        record_id=verdict.record_id,
        reason=WithdrawalReason.REPORTED_IN_ERROR,
        expected_version=None,
    )
    assert case_of(world, uuid.UUID(case["dispute_id"]))["outcome"] == "WITHDRAWN"


def test_the_creditor_that_concedes_takes_its_record_back(world: World) -> None:
    conceded = answers(world, disputed(world), DisputeAnswer.CONCEDED)
    assert (conceded["outcome"], conceded["record_state"]) == ("WITHDRAWN", "WITHDRAWN")


def test_who_was_told_before_being_listed_can_dispute_before_it_too(world: World, court: Actor) -> None:
    dispute_id = disputed(world, notice_date=TODAY)
    answers(world, dispute_id)
    with refusal(Problem.EDGE_NOT_ALLOWED):
        decides(world, court, dispute_id, DisputeDecision.UPHOLD)
    world.clock.forward(days=30)
    tick(world.registry)
    assert asks(world, "carrier-c", WANG).decision is DecisionCode.ALLOW
    assert decides(world, court, dispute_id, DisputeDecision.UPHOLD)["record_state"] == "ACTIVE"


def test_a_late_answer_makes_nothing_block_within_the_lead_time(world: World) -> None:
    dispute_id = disputed(world, notice_date=TODAY)
    world.clock.forward(days=16)
    with refusal(Problem.EDGE_NOT_ALLOWED):
        answers(world, dispute_id)
    world.clock.forward(days=14)
    assert answers(world, dispute_id)["record_state"] == "ACTIVE"


def test_the_late_fee_stands_still_while_disputed_and_goes_on_afterwards(world: World, court: Actor) -> None:
    recent = {"principal_fen": 200_00, "due_date": TODAY - dt.timedelta(days=100)}
    dispute_id = disputed(world, **recent, notice_date=TODAY - dt.timedelta(days=60))
    answers(world, dispute_id)
    world.clock.forward(days=10)
    decides(world, court, dispute_id, DisputeDecision.UPHOLD)
    world.clock.forward(days=5)
    quote = asks(world, "carrier-c", WANG).quote
    assert quote is not None
    assert quote.late_fee_fen == 105 * 60
    paid = settles(world, "carrier-a", WANG, account("A1"), amount_fen=200_00 + 105 * 60)
    assert paid.outstanding_fen == 0


def test_a_judged_ground_is_not_judged_again_but_another_one_is(world: World, court: Actor) -> None:
    dispute_id = disputed(world)
    with refusal(Problem.EDGE_NOT_ALLOWED):
        files(world)
    answers(world, dispute_id)
    decides(world, court, dispute_id, DisputeDecision.UPHOLD)
    with refusal(Problem.EDGE_NOT_ALLOWED):
        files(world)
    assert files(world, ground=DisputeGround.WRONG_AMOUNT)[0]["state"] == "OPEN"


def test_a_filing_can_name_the_creditor_and_the_service(world: World) -> None:
    lists(world, "carrier-a", a_report("wang", "A1"))
    lists(world, "carrier-a", a_report("wang", "A2", service_class=ServiceClass.IPTV))
    lists(world, "carrier-c", a_report("wang", "C1"))
    (one,) = files(world, creditor="carrier-a", service_class=ServiceClass.IPTV)
    assert (one["creditor"], one["service_class"]) == ("carrier-a", "IPTV")
    assert [each["creditor"] for each in files(world, creditor="carrier-c")] == ["carrier-c"]
    assert len(files(world)) == 1
    with refusal(Problem.NOT_FOUND):
        files(world, creditor="carrier-b")
    with refusal(Problem.NOT_FOUND):
        files(world, whose=tokens("stranger"))
    with refusal(Problem.INVALID_FIELD):
        files(world, whose=tokens("wang", register="r"))


def test_only_the_creditor_answers_and_only_who_is_no_party_decides(world: World) -> None:
    dispute_id = disputed(world)
    with refusal(Problem.NOT_THE_CREDITOR):
        answers(world, dispute_id, carrier="carrier-b")
    with refusal(Problem.NOT_FOUND):
        answers(world, dispute_id, carrier="carrier-c")
    answers(world, dispute_id)
    with refusal(Problem.EDGE_NOT_ALLOWED):
        answers(world, dispute_id)
    for party in ("carrier-a", "carrier-b"):
        with refusal(Problem.ROLE_MISSING):
            decides(world, world.actor(party, Role.ADJUDICATOR), dispute_id, DisputeDecision.UPHOLD)


def test_nothing_is_upheld_before_the_creditor_has_spoken(world: World, court: Actor) -> None:
    dispute_id = disputed(world)
    with refusal(Problem.EDGE_NOT_ALLOWED):
        decides(world, court, dispute_id, DisputeDecision.UPHOLD)
    assert decides(world, court, dispute_id, DisputeDecision.WITHDRAW)["record_state"] == "WITHDRAWN"
    with refusal(Problem.EDGE_NOT_ALLOWED):
        decides(world, court, dispute_id, DisputeDecision.VOID)


@pytest.mark.parametrize("decision", list(DisputeDecision))
def test_a_closed_case_is_not_decided_again(world: World, court: Actor, decision: DisputeDecision) -> None:
    dispute_id = disputed(world)
    answers(world, dispute_id)
    decides(world, court, dispute_id, DisputeDecision.UPHOLD)
    with pytest.raises(Refusal, match="The dispute is CLOSED") as refused:
        decides(world, court, dispute_id, decision)
    assert refused.value.problem is Problem.EDGE_NOT_ALLOWED
    assert case_of(world, dispute_id)["record_state"] == "ACTIVE"


@pytest.mark.parametrize("decision", list(DisputeDecision))
def test_a_suspended_case_is_not_decided(world: World, court: Actor, decision: DisputeDecision) -> None:
    dispute_id = disputed(world)
    world.clock.forward(days=16)
    run_disputes(world.registry)
    assert case_of(world, dispute_id)["state"] == "SUSPENDED"
    with refusal(Problem.EDGE_NOT_ALLOWED):
        decides(world, court, dispute_id, decision)
    assert case_of(world, dispute_id)["state"] == "SUSPENDED"


def test_a_step_on_a_case_that_has_changed_is_stale(world: World, court: Actor) -> None:
    dispute_id = disputed(world)
    answers(world, dispute_id, expected_version=1)
    with refusal(Problem.VERSION_STALE):
        decides(world, court, dispute_id, DisputeDecision.UPHOLD, version=1)
    assert case_of(world, dispute_id)["version"] == 2


def test_documents_travel_with_the_case_and_are_opened_for_its_sides_and_the_adjudicator(
    world: World, court: Actor
) -> None:
    dispute_id = disputed(world)
    receipt = adds(world, dispute_id)
    world.clock.forward(seconds=1)
    contract = adds(world, dispute_id, "carrier-a", Side.CREDITOR, b"\x89PNG\r\n\x1a\n...")
    for actor in (world.actor("carrier-a"), world.actor("carrier-b"), court):
        listed = list_papers(world.registry, actor, dispute_id).documents
        assert [each.side for each in listed] == ["FILER", "CREDITOR"]
        paper = open_paper(world.registry, actor, dispute_id, receipt)
        assert (paper.media_type, paper.content) == ("application/pdf", PDF)
    for outsider in (world.actor("carrier-c"), world.actor("operator", Role.OPERATOR)):
        with refusal(Problem.NOT_FOUND):
            open_paper(world.registry, outsider, dispute_id, contract)
    with refusal(Problem.NOT_FOUND):
        open_paper(world.registry, court, dispute_id, dispute_id)


def test_a_document_is_added_by_its_own_side_while_the_case_is_not_closed(world: World) -> None:
    dispute_id = disputed(world)
    with refusal(Problem.ROLE_MISSING):
        adds(world, dispute_id, "carrier-a", Side.FILER)
    with refusal(Problem.ROLE_MISSING):
        adds(world, dispute_id, "carrier-b", Side.CREDITOR)
    with pytest.raises(Refusal) as refused:
        adds(world, dispute_id, content=b"<html>")
    assert refused.value.fields == {"content": "not-a-document"}
    for _ in range(5):
        adds(world, dispute_id)
    with pytest.raises(Refusal) as refused:
        adds(world, dispute_id)
    assert refused.value.fields == {"content": "too-many"}
    answers(world, dispute_id, DisputeAnswer.CONCEDED)
    with refusal(Problem.EDGE_NOT_ALLOWED):
        adds(world, dispute_id, "carrier-a", Side.CREDITOR)


def test_what_the_disk_holds_is_sealed(world: World) -> None:
    dispute_id = disputed(world)
    adds(world, dispute_id)
    case = world.registry.store.read(lambda tx: tx.disputes.find(dispute_id))
    assert case is not None
    (kept,) = world.registry.store.read(lambda tx: tx.papers.of_dispute(case.subject_key, dispute_id))
    assert PDF not in kept.ciphertext
    assert PDF not in kept.wrapped_key


def told(world: World, actor: Actor, kind: EventKind) -> list[dict[str, Any]]:
    events = read_events(world.registry, actor, 0, 500).events
    return [event.facts for event in events if event.kind == kind]


def test_a_creditor_is_reminded_once_five_days_before_its_answer_is_due(world: World) -> None:
    dispute_id = disputed(world)
    creditor = world.actor("carrier-a")
    world.clock.forward(days=9)
    tick(world.registry)
    assert len(told(world, creditor, EventKind.DISPUTE_ANSWER_DUE)) == 1
    world.clock.forward(days=1)
    assert remind_disputes(world.registry) == 1
    assert remind_disputes(world.registry) == 0
    tick(world.registry)
    reminders = told(world, creditor, EventKind.DISPUTE_ANSWER_DUE)
    assert reminders == [{"dispute": str(dispute_id), "answer_due": "2026-12-06"}] * 2
    assert case_of(world, dispute_id)["version"] == 1


def test_who_has_answered_is_not_reminded(world: World) -> None:
    answers(world, disputed(world))
    world.clock.forward(days=12)
    assert remind_disputes(world.registry) == 0


def test_adjudicators_are_told_once_of_an_answered_case_that_nobody_decided(world: World, court: Actor) -> None:
    dispute_id = disputed(world)
    answers(world, dispute_id)
    world.clock.forward(days=20)
    assert remind_disputes(world.registry) == 0
    world.clock.forward(days=1)
    tick(world.registry)
    tick(world.registry)
    assert told(world, court, EventKind.DISPUTE_DECISION_DUE) == [
        {"dispute": str(dispute_id), "close_due": "2026-12-11"}
    ]
    assert told(world, world.actor("carrier-a"), EventKind.DISPUTE_DECISION_DUE) == []
    assert decides(world, court, dispute_id, DisputeDecision.UPHOLD)["outcome"] == "UPHELD"


def test_what_is_decided_in_time_reminds_nobody(world: World, court: Actor) -> None:
    dispute_id = disputed(world)
    answers(world, dispute_id)
    decides(world, court, dispute_id, DisputeDecision.UPHOLD)
    world.clock.forward(days=30)
    assert remind_disputes(world.registry) == 0


def test_a_suspended_creditor_can_still_concede(world: World) -> None:
    dispute_id = disputed(world)
    world.clock.forward(days=16)
    run_disputes(world.registry)
    assert case_of(world, dispute_id)["record_state"] == "SUSPENDED"
    conceded = answers(world, dispute_id, DisputeAnswer.CONCEDED)
    assert (conceded["outcome"], conceded["record_state"]) == ("WITHDRAWN", "WITHDRAWN")


def test_cases_are_listed_page_by_page_for_whom_they_concern(world: World, court: Actor) -> None:
    for number in range(3):
        whose = f"debtor {number}"
        lists(world, "carrier-a", a_report(whose, f"A{number}"))
        files(world, "carrier-b" if number else "carrier-c", whose=tokens(whose))
    pages, after = [], None
    while True:
        page = list_disputes(world.registry, court, DisputesQuery(after=after, limit=2))
        pages.append([each.dispute_id for each in page.disputes])
        if page.next is None:
            break
        after = page.next
    assert [len(each) for each in pages] == [2, 1]
    assert len({each for page in pages for each in page}) == 3
    for carrier, count in (("carrier-a", 3), ("carrier-b", 2), ("carrier-c", 1)):
        mine = list_disputes(world.registry, world.actor(carrier), DisputesQuery(state=DisputeState.OPEN))
        assert len(mine.disputes) == count
    assert list_disputes(world.registry, court, DisputesQuery(state=DisputeState.CLOSED)).disputes == ()
