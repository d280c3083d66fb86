"""Writes the vectors of docs/spec/activations.md: how reports are judged, which edges there are, and broken lines."""

# ruff: noqa: INP001 (a script's part, beside the pages it serves)

import datetime as dt
import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any, Final

from api.limits import Limits
from api.rows import lines, parse_activation
from docs.spec.fixed import NOW, stream
from protocol.activations import NEEDS_REASON, REASONS, ActivationOutcome, ActivationReason, Obeyed, UncheckedCause
from protocol.activations import Basis as Ground
from protocol.alternatives import AlternativeKind
from protocol.codes import DecisionCode, ServiceClass
from protocol.encodings import b64url_encode, format_time
from protocol.messages.activations import ActivationReport, ActivationRowVerdict
from protocol.messages.inquiries import Alternative
from protocol.problems import Refusal
from protocol.wire.codec import write
from registry.domain.activations import Activation, OrderHistory, ShownDecision
from registry.policy.activation import basis, check, follow, obeyed
from registry.policy.rules import DEFAULT_RULES

_ORDER: Final = stream("order reference")(16)
_AGENT, _OTHER = stream("agent reference")(16), stream("second agent")(16)
_AT: Final = NOW + dt.timedelta(minutes=10)
_LATER: Final = _AT + dt.timedelta(days=1)
_TOKEN: Final = "e30.e30.AA"  # noqa: S105 (a form, no secret)
_PREPAID: Final = Alternative(kind=AlternativeKind.PREPAID_ONLY)
_DEPOSIT: Final = Alternative(kind=AlternativeKind.DEPOSIT, amount_fen=100_00)
_TERMS: Final = DEFAULT_RULES.versions[0].activation
_OFFERED: Final = {
    DecisionCode.PAY_FIRST: (_PREPAID,),
    DecisionCode.REVIEW: (_PREPAID, _DEPOSIT),
    DecisionCode.DEPOSIT: (_PREPAID,),
    DecisionCode.PREPAID_ONLY: (_DEPOSIT,),
}


def content() -> dict[str, object]:
    """Write judged reports, refused ones, edges between outcomes, and lines of a batch."""
    return {
        "decided_at": format_time(NOW),
        "valid_until": format_time(_decision(DecisionCode.ALLOW).valid_until),
        "now": format_time(_LATER),
        "judged": list(_judged()),
        "refused": list(_refused()),
        "edges": list(_edges()),
        "lines": [_line(each) for each in _broken()],
    }


def _decision(code: DecisionCode) -> ShownDecision:
    return ShownDecision(
        inquiry_id=uuid.UUID(int=1),
        service_class=ServiceClass.MOBILE,
        decision=code,
        first=code,
        alternatives=_OFFERED.get(code, ()),
        decided_at=NOW,
        valid_until=NOW + dt.timedelta(minutes=30),
        report_by=NOW + dt.timedelta(days=90),
        order=_ORDER,
        lines=1,
    )


def _report(outcome: ActivationOutcome, **changes: Any) -> ActivationReport:
    """Write the shortest report of an outcome that is well formed."""
    more: dict[str, Any] = {}
    if outcome in NEEDS_REASON:
        more["reason"] = min(REASONS[outcome])
    if outcome is ActivationOutcome.OVERRIDDEN:
        more |= {"agent": _AGENT, "approved_by": _OTHER}
    if outcome is ActivationOutcome.DEPOSIT_TAKEN:
        more["deposit_fen"] = 100_00
    report = ActivationReport(
        row_id="row-1",
        order=_ORDER,
        service_class=ServiceClass.MOBILE,
        outcome=outcome,
        at=_AT,
        decision_token=_TOKEN,
        **more,
    )
    return replace(report, **changes)


def _judged() -> Iterator[dict[str, object]]:
    """Judge each outcome beside each decision, with the reasons that matter, late ones, and one without a decision."""
    firsts = [each for each in ActivationOutcome if each is not ActivationOutcome.CANCELLED_LATER]
    for code, outcome in product(DecisionCode, firsts):
        yield _judgement(_report(outcome), _decision(code))
    for code, reason in product(
        (DecisionCode.REVIEW, DecisionCode.VERIFY_ID), sorted(REASONS[ActivationOutcome.ACTIVATED])
    ):
        yield _judgement(_report(ActivationOutcome.ACTIVATED, reason=reason), _decision(code))
    review = _decision(DecisionCode.REVIEW)
    yield _judgement(_report(ActivationOutcome.DEPOSIT_TAKEN, deposit_fen=99_99), review)
    yield _judgement(_report(ActivationOutcome.ACTIVATED, at=_LATER), _decision(DecisionCode.ALLOW))
    unchecked = _report(ActivationOutcome.ACTIVATED, decision_token=None, unchecked=UncheckedCause.NOT_ASKED)
    yield _judgement(unchecked, None)


def _judgement(report: ActivationReport, decision: ShownDecision | None) -> dict[str, object]:
    check(report, decision, _LATER)
    told = {name: value for name, value in write(report).items() if name != "decision_token"}
    return {
        "decision": None if decision is None else decision.decision.value,
        "alternatives": [] if decision is None else [write(each) for each in decision.alternatives],
        "report": told,
        "basis": basis(report, decision, None).value,
        "obeyed": obeyed(report, decision, None).value,
    }


def _refused() -> Iterator[dict[str, object]]:
    """Refuse reports that contradict themselves, or their token."""
    outcome = ActivationOutcome
    override = _report(outcome.OVERRIDDEN)
    for report in (
        _report(outcome.ACTIVATED, decision_token=None),
        _report(outcome.ACTIVATED, unchecked=UncheckedCause.NOT_ASKED),
        _report(outcome.DECLINED, reason=None),
        _report(outcome.DECLINED, reason=ActivationReason.MANAGER),
        _report(outcome.PREPAID, reason=ActivationReason.REVIEWED),
        _report(outcome.DEPOSIT_TAKEN, deposit_fen=None),
        _report(outcome.ACTIVATED, deposit_fen=1),
        _report(outcome.ACTIVATED, approved_by=_OTHER),
        _report(outcome.ACTIVATED, at=NOW - dt.timedelta(microseconds=1)),
        _report(outcome.ACTIVATED, at=_LATER + dt.timedelta(seconds=31)),
        replace(override, approved_by=None),
        replace(override, agent=None),
        replace(override, approved_by=_AGENT),
        _report(outcome.ACTIVATED, order=_AGENT),
        _report(outcome.ACTIVATED, service_class=ServiceClass.IPTV),
    ):
        try:
            check(report, _decision(DecisionCode.PAY_FIRST), _LATER)
        except Refusal as refusal:
            told = {name: value for name, value in write(report).items() if name != "decision_token"}
            has_token = report.decision_token is not None
            case = {"report": told, "has_token": has_token, "problem": refusal.problem.value.name}
            yield case | {"errors": refusal.fields}
        else:
            raise AssertionError(report)


def _edges() -> Iterator[dict[str, object]]:
    """Take each edge between two outcomes on a decision, the second told an hour after the first."""
    for before, after in product((None, *ActivationOutcome), ActivationOutcome):
        if before is ActivationOutcome.CANCELLED_LATER:
            known = [_row(ActivationOutcome.ACTIVATED, 1), _row(before, 2)]
        else:
            known = [] if before is None else [_row(before, 1)]
        report = _report(after, revision=len(known) + 1)
        case: dict[str, object] = {"from": None if before is None else before.value, "to": after.value}
        try:
            corrects = follow(report, OrderHistory(known), _decision(DecisionCode.ALLOW), _LATER, _TERMS)
        except Refusal as refusal:
            yield case | {"problem": refusal.problem.value.name}
        else:
            yield case | {"corrects": corrects}


def _row(outcome: ActivationOutcome, revision: int) -> Activation:
    return Activation(
        subject_key=bytes(16),
        month=202611,
        inquiry_id=uuid.UUID(int=1),
        participant_id="carrier-b",
        order_ref=_ORDER,
        part=1,
        revision=revision,
        service_class=ServiceClass.MOBILE,
        outcome=outcome,
        basis=Ground.CHECKED,
        obeyed=Obeyed.YES,
        reason=None,
        lines=1,
        unchecked_lines=0,
        notes=(),
        done_at=_AT,
        reported_at=_LATER - dt.timedelta(hours=1),
        content_digest=bytes(32),
        log_entry_id=uuid.UUID(int=revision),
    )


def _broken() -> Iterator[str]:
    whole = write(_report(ActivationOutcome.ACTIVATED))
    yield json.dumps(whole)
    yield json.dumps(whole | {"outcome": "GIVEN_AWAY"})
    yield json.dumps(whole | {"revision": 0, "part": 100})
    yield json.dumps(whole | {"order": b64url_encode(bytes(15))})
    yield json.dumps(whole | {"name": "x"})
    yield json.dumps({name: value for name, value in whole.items() if name not in {"at", "outcome"}})
    yield "[]"
    yield '{"row_id":"mine"'


def _line(text: str) -> dict[str, object]:
    [found] = lines([text.encode()], Limits().line_bytes)
    read = parse_activation(found, 1, Limits().line_bytes)
    if not isinstance(read, ActivationRowVerdict):
        return {"line": text}
    return {"line": text, "verdict": write(read)}
