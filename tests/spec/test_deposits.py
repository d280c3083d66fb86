"""docs/spec/deposits.md: a second implementation of its rules says what the vectors say."""

import calendar
import datetime as dt
import json
from fractions import Fraction
from typing import Any

import pytest

from tests.support.root import ROOT

VECTORS = json.loads((ROOT / "docs/spec/vectors/deposits.json").read_bytes())
DAY = dt.timedelta(days=1)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def interest(fen: int, ppm_year: int, since: str, until: str) -> int:
    days = max(0, day(until).toordinal() - day(since).toordinal())
    return int(Fraction(fen * ppm_year, 1_000_000) * Fraction(days, 365))


@pytest.mark.parametrize("case", VECTORS["interest"], ids=lambda case: f"{case['fen']}-{case['to']}")
def test_interest_is_simple_and_rounded_down(case: dict[str, Any]) -> None:
    assert case["interest_fen"] == interest(case["fen"], case["interest_ppm_year"], case["from"], case["to"])


def test_a_deposit_is_due_at_the_first_of_two_days() -> None:
    for case in VECTORS["due"]:
        taken = day(case["taken_on"])
        years, month = divmod(taken.month - 1 + case["months"], 12)
        first = dt.date(taken.year + years, month + 1, 1)
        has_day = taken.day <= calendar.monthrange(first.year, first.month)[1]
        at_last = first.replace(day=taken.day) if has_day else (first + 31 * DAY).replace(day=1)
        ended = case["service_ended_on"]
        days = [at_last] if ended is None else [at_last, day(ended) + case["end_days"] * DAY]
        assert day(case["due_on"]) == min(days), case


@pytest.mark.parametrize("case", VECTORS["returned"], ids=lambda case: str(case["interest_ppm_year"]))
def test_what_is_left_after_each_return(case: dict[str, Any]) -> None:
    principal, owed, since = case["fen"], 0, case["taken_on"]
    for each in case["returns"]:
        owed += interest(principal, case["interest_ppm_year"], since, each["on"])
        since = each["on"]
        assert each["left_fen"] == principal + owed
        paid = each["fen"] + each["kept_fen"]
        principal, owed = principal - max(0, paid - owed), max(0, owed - paid)
    assert (principal, owed, case["state"]) == (0, 0, "RETURNED")


def test_each_refusal_has_a_return_that_meets_it() -> None:
    names = {case["problem"] for case in VECTORS["refused"]}
    assert names == {"invalid-field", "service-not-ended", "more-than-left", "deposit-returned", "not-a-deposit"}
    codes = {(error["field"], error["code"]) for case in VECTORS["refused"] for error in case["errors"]}
    assert codes == {
        ("fen", "out-of-range"),
        ("kept_fen", "invalid"),
        ("kept_fen", "required"),
        ("at", "in-the-future"),
        ("at", "before-the-deposit"),
        ("service_ended_on", "in-the-future"),
        ("service_ended_on", "before-the-deposit"),
    }
    assert {case.get("left_fen") for case in VECTORS["refused"] if case["problem"] == "more-than-left"} == {118_00}
