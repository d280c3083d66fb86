"""Judges a report of an activation. A report is a confession: it is never refused for what it confesses.

Refused is only what is malformed, foreign, altered or said twice; lateness and deviation are taken, and noted.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Final

from protocol.activations import (
    NEEDS_REASON,
    OPENED,
    REASONS,
    ActivationOutcome,
    ActivationReason,
    Basis,
    Obeyed,
)
from protocol.alternatives import AlternativeKind
from protocol.codes import DecisionCode
from protocol.messages.activations import ActivationReport
from protocol.messages.rules import ActivationTerms
from protocol.problems import FieldCode, Problem, Refusal
from registry.domain.activations import Activation, OrderHistory, ShownDecision, first_opening

MOST_AHEAD: Final = dt.timedelta(seconds=30)
"""The clock of a sender may be so far ahead."""
LATE_AFTER: Final = dt.timedelta(hours=24)
_Outcome = ActivationOutcome
_PROOFS: Final = {
    DecisionCode.REVIEW: ActivationReason.REVIEWED,
    DecisionCode.VERIFY_ID: ActivationReason.VERIFIED,
}
"""The reason with which an order is opened as asked although the decision wanted a second look."""
_OFFERED_AS: Final = {
    _Outcome.PREPAID: AlternativeKind.PREPAID_ONLY,
    _Outcome.DEPOSIT_TAKEN: AlternativeKind.DEPOSIT,
}
_DECIDED_AS: Final = {
    _Outcome.PREPAID: DecisionCode.PREPAID_ONLY,
    _Outcome.DEPOSIT_TAKEN: DecisionCode.DEPOSIT,
}


def check(report: ActivationReport, shown: ShownDecision | None, now: dt.datetime) -> None:
    """Raise Refusal INVALID_FIELD, SECOND_PERSON_MISSING, SAME_PERSON or TOKEN_OTHER_ORDER for a report in itself."""
    found = dict(_faults(report, shown, now))
    if found:
        raise Refusal(Problem.INVALID_FIELD, fields={path: code.value for path, code in found.items()})
    if report.outcome is _Outcome.OVERRIDDEN:
        if report.agent is None or report.approved_by is None:
            raise Refusal(Problem.SECOND_PERSON_MISSING)
        if report.agent == report.approved_by:
            raise Refusal(Problem.SAME_PERSON)
    if shown is not None and (
        shown.order not in (None, report.order) or shown.service_class is not report.service_class
    ):
        raise Refusal(Problem.TOKEN_OTHER_ORDER)


def _faults(report: ActivationReport, shown: ShownDecision | None, now: dt.datetime) -> Iterator[tuple[str, FieldCode]]:
    if report.decision_token is None and report.unchecked is None:
        yield "unchecked", FieldCode.REQUIRED
    if report.decision_token is not None and report.unchecked is not None:
        yield "unchecked", FieldCode.INVALID
    if report.reason is None and report.outcome in NEEDS_REASON:
        yield "reason", FieldCode.REQUIRED
    if report.reason is not None and report.reason not in REASONS[report.outcome]:
        yield "reason", FieldCode.INVALID
    if report.approved_by is not None and report.outcome is not _Outcome.OVERRIDDEN:
        yield "approved_by", FieldCode.INVALID
    if (report.deposit_fen is not None) is not (report.outcome is _Outcome.DEPOSIT_TAKEN):
        yield "deposit_fen", FieldCode.REQUIRED if report.deposit_fen is None else FieldCode.INVALID
    if report.at > now + MOST_AHEAD:
        yield "at", FieldCode.IN_THE_FUTURE
    elif shown is not None and report.at < shown.decided_at:
        yield "at", FieldCode.BEFORE_THE_DECISION


def follow(
    report: ActivationReport,
    history: OrderHistory,
    shown: ShownDecision | None,
    now: dt.datetime,
    terms: ActivationTerms,
) -> bool:
    """Take the next edge of a part; returns whether it corrects what was said before.

    Raises Refusal EDGE_NOT_ALLOWED, TOKEN_EXPIRED, or INVALID_FIELD for a first report that comes too late.
    """
    revisions = history.of_part(report.part)
    current = revisions[-1] if revisions else None
    if report.revision != (1 if current is None else current.revision + 1):
        raise Refusal(Problem.EDGE_NOT_ALLOWED, detail="The revision before this one is not reported yet.")
    cancels = report.outcome is _Outcome.CANCELLED_LATER
    if current is None or current.outcome is _Outcome.DECLINED:
        _require(allowed=not cancels if current is None else report.outcome in OPENED and shown is not None)
        _check_time(report, shown, now, terms)
        return False
    # Without a token nobody can speak about an order whose decision is known.
    _require(allowed=current.is_open and (shown is not None or current.basis is Basis.UNCHECKED))
    if cancels:
        _require(allowed=now <= current.done_at + dt.timedelta(days=terms.cancel_days))
        return False
    if current.basis is Basis.UNCHECKED and shown is not None:
        _require(allowed=now <= current.reported_at + dt.timedelta(days=terms.find_days))
        return True
    opened = first_opening(revisions) or current
    _require(allowed=now <= opened.reported_at + dt.timedelta(days=terms.correct_days))
    return True


def _require(*, allowed: bool) -> None:
    if not allowed:
        raise Refusal(Problem.EDGE_NOT_ALLOWED, detail="This does not follow from what was reported before.")


def _check_time(
    report: ActivationReport, shown: ShownDecision | None, now: dt.datetime, terms: ActivationTerms
) -> None:
    """A service that nobody reported in time can still be told, without its decision."""
    if shown is not None and now > shown.report_by:
        raise Refusal(Problem.TOKEN_EXPIRED)
    if report.at < now - dt.timedelta(days=terms.report_days):
        raise Refusal(Problem.INVALID_FIELD, fields={"at": FieldCode.TOO_LONG_AGO})


def basis(report: ActivationReport, shown: ShownDecision | None, before: Activation | None) -> Basis:
    """Derive the ground of an outcome; a cancellation keeps that of what it cancels."""
    if report.outcome is _Outcome.CANCELLED_LATER and before is not None:
        return before.basis
    if shown is None:
        return Basis.UNCHECKED
    return Basis.CHECKED if report.at <= shown.valid_until else Basis.STALE


def obeyed(report: ActivationReport, shown: ShownDecision | None, before: Activation | None) -> Obeyed:
    """Tell how an outcome stands to the decision that was shown."""
    if report.outcome is _Outcome.CANCELLED_LATER and before is not None:
        return before.obeyed
    if shown is None:
        return Obeyed.NOT_BOUND
    return Obeyed.YES if _obeys(report, shown) else Obeyed.NO


def _obeys(report: ActivationReport, shown: ShownDecision) -> bool:
    match report.outcome:
        case _Outcome.DECLINED:
            return True
        case _Outcome.ACTIVATED:
            proof = ActivationReason.REVIEWED if shown.is_lifted else _PROOFS.get(shown.decision)
            return shown.decision is DecisionCode.ALLOW or (proof is not None and report.reason is proof)
        case _Outcome.PREPAID | _Outcome.DEPOSIT_TAKEN:
            if 0 < shown.deposit_fen < (report.deposit_fen or 0):
                return False  # whoever is asked for a deposit pays the one that the decision named, and no more
            allowing = (DecisionCode.ALLOW, _DECIDED_AS[report.outcome])
            return shown.is_lifted or shown.decision in allowing or _is_offered(report, shown)
    return False


def _is_offered(report: ActivationReport, shown: ShownDecision) -> bool:
    """Tell whether these terms were offered; a deposit counts if it is not below the one that was named."""
    kind = _OFFERED_AS[report.outcome]
    return any(
        each.kind is kind and (each.amount_fen is None or (report.deposit_fen or 0) >= each.amount_fen)
        for each in shown.alternatives
    )


def unchecked_lines(report: ActivationReport, shown: ShownDecision | None, history: OrderHistory) -> int:
    """Count the lines beyond those of the decision, which all parts of the order share."""
    if shown is None or shown.lines is None or report.outcome not in OPENED:
        return 0
    spare = max(0, shown.lines - history.lines_elsewhere(report.part))
    return max(0, report.lines - spare)
