"""Read the review of a decision that a grade made on an order."""

from typing import Any

from gateway.counter.grades import ToldReview
from gateway.local import members
from gateway.local.contract.bodies import ReviewReport, names_of
from protocol.codes import ServiceClass
from protocol.grades import ReviewOutcome, ReviewReason


def read_review(body: dict[str, Any], idempotency_key: str | None) -> ToldReview:
    """Read the body of ``POST /grade-reviews``."""
    members.only(body, names_of(ReviewReport), "")
    members.check_key(idempotency_key)
    asked_at = members.moment(body, "asked_at")
    if asked_at is None:
        raise members.invalid("asked_at", "REQUIRED")
    return ToldReview(
        order=members.number(body, "order", needed=True) or "",
        service_class=members.code(body, "service_class", "", ServiceClass) if "service_class" in body else None,
        outcome=members.code(body, "outcome", "", ReviewOutcome),
        reason=members.code(body, "reason", "", ReviewReason),
        asked_at=asked_at,
        agent=members.number(body, "agent", needed=True) or "",
        approved_by=members.number(body, "approved_by", needed=False),
    )
