"""Writes the vectors of docs/spec/grade-reviews.md: days, reviews taken and refused, and what obeys afterwards."""

# ruff: noqa: INP001 (a script's part, beside the pages it serves)

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any, Final

from docs.spec.fixed import NOW, stream
from protocol.activations import ActivationOutcome, ActivationReason
from protocol.codes import DecisionCode, ServiceClass
from protocol.encodings import format_time
from protocol.grades import BY_GRADE, ReviewOutcome, ReviewReason
from protocol.messages.activations import ActivationReport
from protocol.messages.grades import NewGradeReview
from protocol.messages.rules import CollectionTerms
from protocol.problems import Refusal
from protocol.wire.codec import write
from registry.domain.activations import ShownDecision
from registry.domain.grades import GradeReview
from registry.domain.ids import uuid7
from registry.policy.activation import obeyed
from registry.policy.reviewing import check, require_next, review_due

_CLERK, _CHIEF = stream("agent reference")(16), stream("second agent")(16)
_ASKED: Final = NOW + dt.timedelta(minutes=10)
_LATER: Final = NOW + dt.timedelta(days=1)
_TOKEN: Final = "e30.e30.AA"  # noqa: S105 (a form, no secret)
_HOLIDAYS: Final = (dt.date(2026, 11, 24), dt.date(2026, 11, 29))
_EXTRA: Final = (dt.date(2026, 11, 28),)


def content() -> dict[str, object]:
    """Write the days, reviews that are taken and refused, their order, and the activations that obey afterwards."""
    return {
        "inquired_at": format_time(NOW),
        "now": format_time(_LATER),
        "due": list(_due()),
        "judged": [_told(review, code) for review, code in _taken()],
        "refused": list(_refused()),
        "orders": list(_orders()),
        "obeyed": list(_obeyed()),
    }


def _due() -> Iterator[dict[str, object]]:
    """Count working days from moments around the change of the Beijing date, with and without a calendar."""
    moments = (
        NOW,
        dt.datetime(2026, 11, 23, 15, 59, 59, 999_999, tzinfo=dt.UTC),
        dt.datetime(2026, 11, 23, 16, 0, tzinfo=dt.UTC),
        dt.datetime(2026, 11, 27, 1, 0, tzinfo=dt.UTC),
    )
    for asked_at, days, (holidays, extra) in product(moments, (1, 3, 15), (((), ()), (_HOLIDAYS, _EXTRA))):
        calendar = CollectionTerms(confirm_working_days=1, holidays=holidays, extra_workdays=extra)
        yield {
            "asked_at": format_time(asked_at),
            "working_days": days,
            "holidays": [each.isoformat() for each in holidays],
            "extra_workdays": [each.isoformat() for each in extra],
            "due_on": review_due(asked_at, days, calendar).isoformat(),
        }


def _review(outcome: ReviewOutcome, **changes: Any) -> NewGradeReview:
    review = NewGradeReview(
        decision_token=_TOKEN,
        outcome=outcome,
        reason=ReviewReason.GOOD_RECORD_HERE,
        asked_at=_ASKED,
        agent=_CLERK,
        approved_by=_CHIEF if outcome is ReviewOutcome.LIFTED else None,
    )
    return replace(review, **changes)


def _decision(code: DecisionCode, *, is_lifted: bool = False) -> ShownDecision:
    return ShownDecision(
        inquiry_id=uuid7(NOW, stream("inquiry")),
        service_class=ServiceClass.MOBILE,
        decision=code,
        first=code,
        alternatives=(),
        decided_at=NOW,
        valid_until=NOW + dt.timedelta(minutes=30),
        report_by=NOW + dt.timedelta(days=90),
        is_lifted=is_lifted,
    )


def _told(review: NewGradeReview, code: DecisionCode) -> dict[str, object]:
    check(review, _decision(code), _LATER)
    said = {name: value for name, value in write(review).items() if name != "decision_token"}
    return {"decision": code.value, "review": said}


def _taken() -> Iterator[tuple[NewGradeReview, DecisionCode]]:
    for code, outcome, reason in product(sorted(BY_GRADE), ReviewOutcome, ReviewReason):
        yield _review(outcome, reason=reason), code
    yield _review(ReviewOutcome.CONFIRMED, asked_at=NOW - dt.timedelta(minutes=1)), DecisionCode.DEPOSIT
    yield _review(ReviewOutcome.CONFIRMED, asked_at=_LATER + dt.timedelta(seconds=30)), DecisionCode.DEPOSIT


def _refused() -> Iterator[dict[str, object]]:
    lifted, confirmed = _review(ReviewOutcome.LIFTED), _review(ReviewOutcome.CONFIRMED)
    cases = [
        (replace(lifted, approved_by=None), DecisionCode.DEPOSIT),
        (replace(lifted, approved_by=_CLERK), DecisionCode.DEPOSIT),
        (replace(confirmed, approved_by=_CHIEF), DecisionCode.DEPOSIT),
        (replace(lifted, asked_at=_LATER + dt.timedelta(seconds=31)), DecisionCode.DEPOSIT),
        (replace(lifted, asked_at=NOW - dt.timedelta(seconds=61)), DecisionCode.PREPAID_ONLY),
        *((lifted, code) for code in DecisionCode if code not in BY_GRADE),
    ]
    for review, code in cases:
        try:
            check(review, _decision(code), _LATER)
        except Refusal as refusal:
            said = {name: value for name, value in write(review).items() if name != "decision_token"}
            told: dict[str, object] = {"decision": code.value, "review": said}
            yield told | {"problem": refusal.problem.value.name, "errors": refusal.fields}
        else:
            raise AssertionError(review)


def _orders() -> Iterator[dict[str, object]]:
    confirmed, lifted = ReviewOutcome
    for before in ((), (confirmed,), (lifted,), (confirmed, lifted)):
        for following in ReviewOutcome:
            case: dict[str, object] = {"before": [each.value for each in before], "next": following.value}
            try:
                require_next(following, [_row(each, number) for number, each in enumerate(before, start=1)])
            except Refusal as refusal:
                yield case | {"problem": refusal.problem.value.name}
            else:
                yield case


def _row(outcome: ReviewOutcome, number: int) -> GradeReview:
    return GradeReview(
        subject_key=bytes(16),
        inquiry_id=uuid.UUID(int=1),
        number=number,
        participant_id="carrier-b",
        outcome=outcome,
        reason=ReviewReason.OTHER,
        asked_at=_ASKED,
        due_on=_LATER.date(),
        late=False,
        reviewed_at=_LATER,
        content_digest=bytes(32),
        log_entry_id=uuid.UUID(int=number),
    )


def _obeyed() -> Iterator[dict[str, object]]:
    outcome = ActivationOutcome
    reports: tuple[tuple[ActivationOutcome, dict[str, Any]], ...] = (
        (outcome.ACTIVATED, {"reason": ActivationReason.REVIEWED}),
        (outcome.ACTIVATED, {"reason": ActivationReason.VERIFIED}),
        (outcome.ACTIVATED, {}),
        (outcome.PREPAID, {}),
        (outcome.DEPOSIT_TAKEN, {"deposit_fen": 1}),
        (outcome.DECLINED, {"reason": ActivationReason.APPLICANT_LEFT}),
        (
            outcome.OVERRIDDEN,
            {"reason": ActivationReason.MANAGER, "agent": _CLERK, "approved_by": _CHIEF},
        ),
    )
    for code, (told, more) in product(sorted(BY_GRADE), reports):
        report = ActivationReport(
            row_id="row-1",
            order=stream("order reference")(16),
            service_class=ServiceClass.MOBILE,
            outcome=told,
            at=_ASKED,
            decision_token=_TOKEN,
            **more,
        )
        said = {name: value for name, value in write(report).items() if name != "decision_token"}
        lifted = _decision(code, is_lifted=True)
        yield {"decision": code.value, "report": said, "obeyed": obeyed(report, lifted, None).value}
