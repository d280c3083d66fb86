"""A person of the carrier reviews the decision that a grade made: told once, and lifted by two people alone."""

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest

from protocol.activations import ActivationOutcome, ActivationReason, Obeyed
from protocol.codes import DecisionCode
from protocol.encodings import b64url_encode, format_time
from protocol.grades import ReviewOutcome, ReviewReason
from protocol.log_entries import EntryKind
from protocol.messages.grades import NewGradeReview
from protocol.messages.inquiries import InquiryAnswer
from protocol.problems import Problem, Refusal
from registry.store.grade_reviews import grade_review
from registry.store.idempotency import stored_answer
from registry.store.log.openings import log_opening
from tests.support.activations import a_report_on, tells
from tests.support.builders import a_report, tokens
from tests.support.contexts import asks_in_context, checks_again
from tests.support.counting import rows_of
from tests.support.grade_reviews import (
    CHIEF,
    CLERK,
    a_review,
    asks_about_low_grade,
    confirming,
    grading_begins,
    reviews,
)
from tests.support.races import at_once, outcome_of
from tests.support.statements import statement
from tests.support.stories import asks, lists
from tests.support.world import World

WANG = tokens("wang")
_Outcome = ActivationOutcome
MONDAY = dt.datetime(2026, 12, 21, 2, tzinfo=dt.UTC)


@pytest.fixture
def answer(world: World) -> InquiryAnswer:
    """A decision that a grade made, on a Monday."""
    grading_begins(world)
    world.clock.now = MONDAY
    return asks_about_low_grade(world)


def asked(world: World) -> InquiryAnswer:
    world.clock.forward(milliseconds=1)
    return asks_in_context(world, "carrier-b", WANG)


def refusal(world: World, review: NewGradeReview, carrier: str = "carrier-b") -> Refusal:
    before = rows_of(world, grade_review, log_opening, stored_answer)
    with pytest.raises(Refusal) as refused:
        reviews(world, review, carrier)
    assert rows_of(world, grade_review, log_opening, stored_answer) == before, "a refused review leaves nothing"
    return refused.value


def obeyed(world: World, answer: InquiryAnswer, outcome: _Outcome, **changes: Any) -> Obeyed:
    return tells(world, "carrier-b", a_report_on(world, answer, outcome, **changes)).obeyed


@pytest.mark.parametrize("asks", ["DEPOSIT", "PREPAID_ONLY"])
def test_an_order_may_be_done_as_asked_once_two_people_lifted_the_decision(world: World, asks: str) -> None:
    grading_begins(world)
    answer = asks_about_low_grade(world, asks=asks)
    reviewed = {"reason": ActivationReason.REVIEWED}
    assert obeyed(world, answer, _Outcome.ACTIVATED, **reviewed) is Obeyed.NO
    reviews(world, confirming(world, answer))
    assert obeyed(world, answer, _Outcome.ACTIVATED, part=2, **reviewed) is Obeyed.NO
    reviews(world, a_review(world, answer))
    assert obeyed(world, answer, _Outcome.ACTIVATED, part=3, **reviewed) is Obeyed.YES
    assert obeyed(world, answer, _Outcome.ACTIVATED, part=4) is Obeyed.NO
    assert obeyed(world, answer, _Outcome.PREPAID, part=5) is Obeyed.YES
    assert obeyed(world, answer, _Outcome.DEPOSIT_TAKEN, part=6, deposit_fen=1) is Obeyed.YES
    # The report from before the review stands as it was judged.
    [stated] = statement(world)["inquiries"][-1:]
    assert [each["part"] for each in stated["activations"]] == [1, 2, 3, 4, 5, 6]


def test_a_review_of_one_inquiry_lifts_no_other(world: World, answer: InquiryAnswer) -> None:
    other = asked(world)
    reviews(world, a_review(world, other))
    assert obeyed(world, answer, _Outcome.ACTIVATED, reason=ActivationReason.REVIEWED) is Obeyed.NO


def test_a_lifted_decision_is_lifted_for_the_tokens_of_its_later_checks_too(
    world: World, answer: InquiryAnswer
) -> None:
    reviews(world, a_review(world, answer))
    again = checks_again(world, "carrier-b", answer)
    assert (again.inquiry_id, again.decision) == (answer.inquiry_id, answer.decision)
    assert obeyed(world, again, _Outcome.ACTIVATED, reason=ActivationReason.REVIEWED) is Obeyed.YES


def test_the_entry_names_its_people_in_the_part_that_can_be_erased(world: World, answer: InquiryAnswer) -> None:
    told = reviews(world, a_review(world, answer))
    entry = world.registry.store.read(lambda tx: tx.openings.find(told.log_entry_id))
    assert entry is not None
    assert entry.personal is not None
    assert (entry.kind, told.review_id, told.inquiry_id) == (
        EntryKind.GRADE_REVIEWED,
        told.log_entry_id,
        answer.inquiry_id,
    )
    assert json.loads(entry.core)["facts"] == {
        "inquiry": str(answer.inquiry_id),
        "outcome": "LIFTED",
        "reason": "GOOD_RECORD_HERE",
        "asked_at": format_time(told.asked_at),
        "rules": "2027-01",
    }
    personal = json.loads(entry.personal)
    assert personal.pop("subject")
    assert personal == {"agent": b64url_encode(CLERK), "approved_by": b64url_encode(CHIEF)}


def test_a_review_is_in_time_on_its_last_working_day_and_noted_as_late_on_the_next(
    world: World, answer: InquiryAnswer
) -> None:
    lift, confirm = a_review(world, answer), confirming(world, answer)
    # Three working days after Monday, and the Beijing date changes at 16:00 UTC.
    world.clock.now = MONDAY + dt.timedelta(days=3, hours=13, minutes=59)
    in_time = reviews(world, confirm)
    assert (in_time.due_on, in_time.late) == (dt.date(2026, 12, 24), False)
    world.clock.forward(minutes=1)
    late = reviews(world, lift)
    assert (late.due_on, late.late, late.outcome) == (dt.date(2026, 12, 24), True, ReviewOutcome.LIFTED)
    entry = world.registry.store.read(lambda tx: tx.openings.find(late.log_entry_id))
    assert entry is not None
    assert json.loads(entry.core)["facts"]["late"] == 1


def test_the_same_review_again_is_answered_alike_and_another_one_only_lifts(
    world: World, answer: InquiryAnswer
) -> None:
    confirmed = confirming(world, answer)
    first = reviews(world, confirmed)
    # Another token of the inquiry, and another key: the same review.
    assert (
        reviews(world, replace(confirmed, decision_token=checks_again(world, "carrier-b", answer).decision_token))
        == first
    )
    assert refusal(world, replace(confirmed, agent=CHIEF)).problem is Problem.EDGE_NOT_ALLOWED
    lifting = a_review(world, answer, reason=ReviewReason.HARDSHIP)
    lifted = reviews(world, lifting)
    assert (lifted.outcome, reviews(world, lifting), reviews(world, confirmed)) == (
        ReviewOutcome.LIFTED,
        lifted,
        first,
    )
    for other in (replace(lifting, agent=b"x" * 16), confirming(world, answer)):
        assert refusal(world, other).problem is Problem.EDGE_NOT_ALLOWED


def test_a_review_that_does_not_hold_is_refused(world: World, answer: InquiryAnswer) -> None:
    minute, too_early = dt.timedelta(minutes=1), MONDAY - dt.timedelta(seconds=61)
    cases: tuple[tuple[dict[str, Any], Problem, dict[str, str]], ...] = (
        ({"approved_by": None}, Problem.SECOND_PERSON_MISSING, {}),
        ({"approved_by": CLERK}, Problem.SAME_PERSON, {}),
        ({"outcome": ReviewOutcome.CONFIRMED}, Problem.INVALID_FIELD, {"approved_by": "invalid"}),
        ({"asked_at": MONDAY + minute}, Problem.INVALID_FIELD, {"asked_at": "in-the-future"}),
        (
            {"asked_at": too_early},
            Problem.INVALID_FIELD,
            {"asked_at": "before-the-decision"},
        ),
        ({"decision_token": "e30.e30.AA"}, Problem.TOKEN_INVALID, {}),
    )
    for changes, problem, fields in cases:
        refused = refusal(world, a_review(world, answer, **changes))
        assert (refused.problem, refused.fields) == (problem, fields)


def test_only_its_own_carrier_reviews_a_decision_and_only_one_that_a_grade_made(
    world: World, answer: InquiryAnswer
) -> None:
    assert refusal(world, a_review(world, answer), "carrier-a").problem is Problem.TOKEN_FOREIGN
    plain = asks_in_context(world, "carrier-b", tokens("li"))
    lists(world, "carrier-a", a_report("wang", "A9"))
    for other, decision in ((plain, DecisionCode.ALLOW), (asked(world), DecisionCode.PAY_FIRST)):
        assert other.decision is decision
        assert refusal(world, a_review(world, other)).problem is Problem.NOT_GRADED
    # Without a context nobody is graded.
    assert refusal(world, a_review(world, asks(world, "carrier-b", WANG))).problem is Problem.TOKEN_INVALID


def test_the_minute_in_which_an_applicant_asked_may_have_begun_before_the_decision(
    world: World, answer: InquiryAnswer
) -> None:
    world.clock.forward(seconds=30)
    assert not reviews(world, a_review(world, answer, asked_at=MONDAY - dt.timedelta(seconds=59))).late


def test_the_statement_lists_the_reviews_under_their_inquiry(world: World, answer: InquiryAnswer) -> None:
    told = [reviews(world, confirming(world, answer)), reviews(world, a_review(world, answer))]
    [stated] = statement(world)["inquiries"]
    assert [(each["outcome"], each["at"], each["late"]) for each in stated["reviews"]] == [
        (each.outcome.value, format_time(each.reviewed_at), False) for each in told
    ]
    assert (stated["reviews"][1]["reason"], stated["reviews"][1]["asked_at"]) == (
        "GOOD_RECORD_HERE",
        format_time(told[1].asked_at),
    )


def test_of_two_first_reviews_at_once_one_is_taken(world: World, answer: InquiryAnswer) -> None:
    told = (confirming(world, answer), confirming(world, answer, agent=b"x" * 16))
    before = rows_of(world, grade_review, log_opening)

    def tell(number: int) -> str:
        return outcome_of(lambda: reviews(world, told[number]).outcome)

    assert sorted(at_once(2, tell)) == ["CONFIRMED", "edge-not-allowed"]
    assert rows_of(world, grade_review, log_opening) == tuple(each + 1 for each in before)
