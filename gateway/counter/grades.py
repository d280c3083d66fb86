"""Tell reviews of decisions that a grade made by people of this carrier: the order's number finds the token."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from client.idempotency import named
from client.resources.grades import review_grade
from gateway.counter.inquiries import order_reference, staff_reference
from gateway.errors import OrderUnknown
from gateway.orders.values import KeptDecision
from gateway.tools import Tools
from protocol.codes import ServiceClass
from protocol.encodings import canonical_json
from protocol.grades import BY_GRADE, ReviewOutcome, ReviewReason
from protocol.messages.grades import GradeReview, NewGradeReview
from protocol.wire.codec import write

_MINUTE: Final = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldReview:
    """A review as a program or a person tells it. Numbers of order and staff stay at the carrier."""

    order: str = field(repr=False)
    service_class: ServiceClass | None = None
    outcome: ReviewOutcome
    reason: ReviewReason
    asked_at: dt.datetime
    agent: str = field(repr=False)
    approved_by: str | None = field(default=None, repr=False)


def review(tools: Tools, told: ToldReview, *, idempotency_key: str | None = None) -> GradeReview:
    """Tell one review; the same call again gives the first answer.

    Raises OrderUnknown, ApplicationInvalid, OrdersUnusable (nothing was sent), and the registry's refusals.
    """
    approver = told.approved_by
    decisions = tools.orders.decisions(order_reference(tools, told.order))
    new = NewGradeReview(
        decision_token=_chosen(decisions, told).decision_token,
        outcome=told.outcome,
        reason=told.reason,
        asked_at=told.asked_at,
        agent=staff_reference(tools, "agent", told.agent),
        approved_by=None if approver is None else staff_reference(tools, "approved_by", approver),
    )
    key = idempotency_key or named("grade-review", canonical_json(write(new)))
    return review_grade(tools.registry, new, key=key)


def _chosen(decisions: Sequence[KeptDecision], told: ToldReview) -> KeptDecision:
    """Choose the decision that the applicant asked about: the newest one of then that a grade made.

    Where there is none the newest one is sent all the same: the registry says that it has no grade.
    """
    fitting = [each for each in decisions if told.service_class in (None, each.service_class)]
    if not fitting:
        raise OrderUnknown
    graded = [each for each in fitting if each.decision in BY_GRADE] or fitting
    there = [each for each in graded if each.decided_at < told.asked_at + _MINUTE] or graded
    return max(there, key=lambda each: (each.decided_at, each.inquiry_id))
