"""Judges a carrier's review of a decision that a grade made. Lateness is taken and noted, as every confession is."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Final

from protocol.beijing import beijing_date
from protocol.grades import BY_GRADE, ReviewOutcome
from protocol.messages.grades import NewGradeReview
from protocol.messages.rules import CollectionTerms
from protocol.problems import FieldCode, Problem, Refusal
from registry.domain.activations import ShownDecision
from registry.domain.collected import working_days_after
from registry.domain.grades import GradeReview
from registry.domain.ids import time_of
from registry.policy.activation import MOST_AHEAD

_MOST_BEHIND: Final = dt.timedelta(minutes=1)
"""People tell a time by its minute: an applicant may have asked in that of the inquiry."""


def check(review: NewGradeReview, shown: ShownDecision, now: dt.datetime) -> None:
    """Raise Refusal INVALID_FIELD, NOT_GRADED, SECOND_PERSON_MISSING or SAME_PERSON for a review in itself."""
    found = dict(_faults(review, shown, now))
    if found:
        raise Refusal(Problem.INVALID_FIELD, fields={path: code.value for path, code in found.items()})
    if shown.decision not in BY_GRADE:
        raise Refusal(Problem.NOT_GRADED)
    if review.outcome is ReviewOutcome.LIFTED:
        if review.approved_by is None:
            raise Refusal(Problem.SECOND_PERSON_MISSING)
        if review.approved_by == review.agent:
            raise Refusal(Problem.SAME_PERSON)


def _faults(review: NewGradeReview, shown: ShownDecision, now: dt.datetime) -> Iterator[tuple[str, FieldCode]]:
    if review.approved_by is not None and review.outcome is not ReviewOutcome.LIFTED:
        yield "approved_by", FieldCode.INVALID
    if review.asked_at > now + MOST_AHEAD:
        yield "asked_at", FieldCode.IN_THE_FUTURE
    elif review.asked_at < time_of(shown.inquiry_id) - _MOST_BEHIND:
        yield "asked_at", FieldCode.BEFORE_THE_DECISION


def require_next(outcome: ReviewOutcome, earlier: Sequence[GradeReview]) -> None:
    """Raise Refusal EDGE_NOT_ALLOWED unless this is a first review, or lifts what the first one confirmed."""
    confirmed = all(each.outcome is ReviewOutcome.CONFIRMED for each in earlier)
    if earlier and not (confirmed and outcome is ReviewOutcome.LIFTED):
        raise Refusal(Problem.EDGE_NOT_ALLOWED, detail="This decision was reviewed before.")


def review_due(asked_at: dt.datetime, working_days: int, calendar: CollectionTerms) -> dt.date:
    """Return the last Beijing date on which a review is in time; ``calendar`` says which days are working days."""
    return working_days_after(beijing_date(asked_at), working_days, calendar)
