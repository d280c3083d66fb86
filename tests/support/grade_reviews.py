"""People with a low grade, and reviews of decisions by people of the carrier."""

import json
from dataclasses import replace
from typing import Any

from protocol.codes import DecisionCode, Role
from protocol.grades import ReviewOutcome, ReviewReason
from protocol.messages.grades import GradeReview, NewGradeReview
from protocol.messages.inquiries import InquiryAnswer
from protocol.wire.codec import read, write
from registry.usecases.grades.review import review_grade
from tests.support.api import admit
from tests.support.attestations import rules_with_grades
from tests.support.builders import a_report, account, tokens
from tests.support.contexts import asks_in_context
from tests.support.grades import sets_terms
from tests.support.rules import a_version, approved, proposed
from tests.support.stories import lists, settles
from tests.support.world import World

CLERK, CHIEF = b"a" * 16, b"m" * 16


def grading_begins(world: World) -> None:
    """A version with the first scorecard, which allows attestations, is approved, and its day has come."""
    if "regulator" not in world.signing_keys:
        admit(world, "regulator", Role.REGULATOR)
    proposed(world, a_version(grade=write(rules_with_grades())["grade"]))
    approved(world)
    world.clock.forward(days=14)


def asks_about_low_grade(world: World, name: str = "wang", **terms: Any) -> InquiryAnswer:
    """Carrier-b, which binds itself to the grade, asks about somebody who just paid debts to two others."""
    sets_terms(world, "carrier-b", **terms)
    for carrier in ("carrier-a", "carrier-c"):
        lists(world, carrier, a_report(name, f"{name}-{carrier}"))
        settles(world, carrier, tokens(name), account(f"{name}-{carrier}"), amount_fen=9_000_000_00)
    answer = asks_in_context(world, "carrier-b", tokens(name))
    assert answer.decision is DecisionCode(terms.get("asks", "DEPOSIT"))
    return answer


def a_review(world: World, answer: InquiryAnswer, **changes: Any) -> NewGradeReview:
    """A review that lifts the decision of an answer, asked for now."""
    review = NewGradeReview(
        decision_token=answer.decision_token,
        outcome=ReviewOutcome.LIFTED,
        reason=ReviewReason.GOOD_RECORD_HERE,
        asked_at=world.clock.now,
        agent=CLERK,
        approved_by=CHIEF,
    )
    return replace(review, **changes)


def confirming(world: World, answer: InquiryAnswer, **changes: Any) -> NewGradeReview:
    """A review after which the decision of an answer stands, asked for now."""
    return a_review(world, answer, outcome=ReviewOutcome.CONFIRMED, approved_by=None, **changes)


def reviews(world: World, review: NewGradeReview, carrier: str = "carrier-b") -> GradeReview:
    """Tell a review."""
    world.clock.forward(milliseconds=1)
    outcome = review_grade(world.registry, world.actor(carrier), world.call(), review)
    return read(GradeReview, json.loads(outcome.body))
