"""Writes the vectors of docs/spec/deposits.md: interest, days that are due, returns in parts, and refused returns."""

# ruff: noqa: INP001 (a script's part, beside the pages it serves)

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from docs.spec.fixed import NOW, stream
from protocol.beijing import beijing_date
from protocol.codes import ServiceClass
from protocol.deposits import DepositState, ReturnKind
from protocol.encodings import format_time
from protocol.messages.deposits import DepositReturn
from protocol.messages.grades import DepositTerms
from protocol.problems import Refusal
from protocol.wire.codec import write
from registry.domain.deposits import Deposit, due_on, simple_interest
from registry.policy.deposits import WITHOUT_GRADE, check_return, refuse_more_than_left

_DAY: Final = dt.timedelta(days=1)
_TAKEN_ON: Final = beijing_date(NOW)
_INTEREST: Final = (
    (118_00, 0, 365),
    (118_00, 15_000, 365),
    (118_00, 15_000, 1),
    (118_00, 15_000, 0),
    (118_00, 15_000, -1),
    (100_00, 36_500, 3),
    (100_00, 36_499, 3),
    (100_000_000, 200_000, 366),
    (1, 1, 800),
)
_TAKEN: Final = ("2026-11-21", "2024-02-29", "2026-01-31", "2026-12-31", "2027-03-01")
_ENDED_AFTER: Final = (None, 0, 100, 349, 350, 351, 400)
_PARTS: Final = (
    ((365, 118_00, 0),),
    ((10, 18_00, 0), (200, 50_00, 0), (200, 0, 50_00)),
    ((100, 10, 0), (101, 117_00, 0), (360, 1_00, 0)),
    ((1, 1, 0), (2, 1, 0), (3, 117_98, 0)),
)
_BEARING: Final = replace(WITHOUT_GRADE, interest_ppm_year=36_500)


def content() -> dict[str, object]:
    """Write cases of interest, of due days, of returns in parts, and of refused returns."""
    return {
        "interest": list(_interest()),
        "due": list(_due()),
        "returned": [_returned(parts, terms) for parts in _PARTS for terms in (WITHOUT_GRADE, _BEARING)],
        "now": format_time(NOW),
        "refused": list(_refused()),
    }


def _interest() -> Iterator[dict[str, object]]:
    for fen, ppm_year, days in _INTEREST:
        until = _TAKEN_ON + days * _DAY
        found = simple_interest(fen, ppm_year, _TAKEN_ON, until)
        yield {
            "fen": fen,
            "interest_ppm_year": ppm_year,
            "from": _TAKEN_ON.isoformat(),
            "to": until.isoformat(),
            "interest_fen": found,
        }


def _due() -> Iterator[dict[str, object]]:
    for text in _TAKEN:
        taken_on = dt.date.fromisoformat(text)
        for months, after in ((12, each) for each in _ENDED_AFTER):
            ended_on = None if after is None else taken_on + after * _DAY
            terms = replace(WITHOUT_GRADE, months=months)
            yield {
                "taken_on": text,
                "months": months,
                "end_days": terms.end_days,
                "service_ended_on": None if ended_on is None else ended_on.isoformat(),
                "due_on": due_on(taken_on, ended_on, terms).isoformat(),
            }


def _deposit(terms: DepositTerms) -> Deposit:
    report = uuid.UUID(int=1)
    day = due_on(_TAKEN_ON, None, terms)
    return Deposit(
        subject_key=bytes(16),
        participant_id="carrier-b",
        order_ref=stream("order reference")(16),
        part=1,
        activation_id=report,
        service_class=ServiceClass.MOBILE,
        state=DepositState.HELD,
        fen=118_00,
        repaid_fen=0,
        interest_fen=0,
        counted_on=_TAKEN_ON,
        returned_fen=0,
        kept_fen=0,
        returned_on=None,
        taken_on=_TAKEN_ON,
        service_ended_on=None,
        due_on=day,
        tell_on=day,
        drop_on=day,
        rules_version="2026-01",
        log_entry_id=report,
    )


def _returned(parts: tuple[tuple[int, int, int], ...], terms: DepositTerms) -> dict[str, object]:
    """Give a deposit back in parts, each on a day after it was taken; the last one takes all that is left then."""
    deposit, told = _deposit(terms), []
    for number, (days, fen, kept_fen) in enumerate(parts, start=1):
        day = _TAKEN_ON + days * _DAY
        left = deposit.left_on(day, terms)
        paid = left - kept_fen if number == len(parts) else fen
        deposit = deposit.given_back(paid, kept_fen, day, terms, day, log_entry_id=deposit.log_entry_id)
        told.append({"on": day.isoformat(), "left_fen": left, "fen": paid, "kept_fen": kept_fen})
    return {
        "fen": deposit.fen,
        "interest_ppm_year": terms.interest_ppm_year,
        "taken_on": _TAKEN_ON.isoformat(),
        "returns": told,
        "state": deposit.state.value,
    }


def _refused() -> Iterator[dict[str, object]]:
    held = _deposit(WITHOUT_GRADE)
    good = DepositReturn(fen=118_00, kept_fen=0, kind=ReturnKind.RETURNED, at=NOW)
    ended = {"service_ended_on": _TAKEN_ON}
    cases: tuple[tuple[Deposit, dict[str, Any]], ...] = (
        (held, {"fen": 0}),
        (held, {"fen": 1, "kept_fen": 1}),
        (held, {"fen": 1, "kind": ReturnKind.SET_OFF, **ended}),
        (held, {"at": NOW + dt.timedelta(seconds=31)}),
        (held, {"at": NOW - _DAY}),
        (held, {"service_ended_on": _TAKEN_ON + _DAY}),
        (held, {"service_ended_on": _TAKEN_ON - _DAY}),
        (held, {"fen": 0, "kept_fen": 1, "kind": ReturnKind.SET_OFF}),
        (held, {"fen": 118_01}),
        (held, {"kept_fen": 1, "kind": ReturnKind.SET_OFF, **ended}),
        (held.over(DepositState.RETURNED, _TAKEN_ON), {"fen": 1}),
        (held.over(DepositState.NOT_TAKEN, _TAKEN_ON), {}),
    )
    for deposit, changes in cases:
        told = replace(good, **changes)
        case: dict[str, object] = {"state": deposit.state.value, "taken_on": _TAKEN_ON.isoformat(), "fen": deposit.fen}
        try:
            check_return(deposit, told, NOW)
            refuse_more_than_left(deposit, told, WITHOUT_GRADE)
        except Refusal as refusal:
            yield case | {
                "return": write(told),
                "problem": refusal.problem.value.name,
                "errors": [{"field": name, "code": code} for name, code in sorted(refusal.fields.items())],
                **refusal.figures,
            }
