"""docs/spec/grade-reviews.md: a second implementation of its rules says what the vectors say."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

VECTORS = json.loads((Path(__file__).parents[2] / "docs/spec/vectors/grade-reviews.json").read_bytes())
BY_GRADE = {"DEPOSIT", "PREPAID_ONLY"}


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def due_on(case: dict[str, Any]) -> str:
    day = (moment(case["asked_at"]) + dt.timedelta(hours=8)).date()
    after = (day + dt.timedelta(days=number) for number in range(1, 100))
    works = [
        each
        for each in map(str, after)
        if each in case["extra_workdays"]
        or (dt.date.fromisoformat(each).isoweekday() <= 5 and each not in case["holidays"])
    ]
    return works[case["working_days"] - 1]


def refusal(case: dict[str, Any]) -> str | None:
    review = case["review"]
    ahead = moment(review["asked_at"]) - moment(VECTORS["now"])
    behind = moment(VECTORS["inquired_at"]) - moment(review["asked_at"])
    lifts = review["outcome"] == "LIFTED"
    if ahead > dt.timedelta(seconds=30) or behind > dt.timedelta(minutes=1) or ("approved_by" in review and not lifts):
        return "invalid-field"
    if case["decision"] not in BY_GRADE:
        return "not-graded"
    if lifts and "approved_by" not in review:
        return "second-person-missing"
    return "same-person" if lifts and review["approved_by"] == review["agent"] else None


def test_a_review_is_due_after_the_working_days_of_the_calendar() -> None:
    assert [case["due_on"] for case in VECTORS["due"]] == list(map(due_on, VECTORS["due"]))
    assert len({case["due_on"] for case in VECTORS["due"]}) > 8


def test_reviews_are_taken_and_refused_as_the_page_says() -> None:
    assert {refusal(case) for case in VECTORS["judged"]} == {None}
    assert [case["problem"] for case in VECTORS["refused"]] == list(map(refusal, VECTORS["refused"]))
    assert all((case["problem"] == "invalid-field") is bool(case["errors"]) for case in VECTORS["refused"])


@pytest.mark.parametrize("case", VECTORS["orders"], ids=lambda case: f"{'-'.join(case['before'])}-{case['next']}")
def test_only_a_confirmed_decision_is_reviewed_once_more_and_lifted(case: dict[str, Any]) -> None:
    taken = not case["before"] or (case["before"] == ["CONFIRMED"] and case["next"] == "LIFTED")
    assert case.get("problem") == (None if taken else "edge-not-allowed")


def test_a_lifted_decision_is_obeyed_by_every_service_that_was_reported_for_what_it_is() -> None:
    for case in VECTORS["obeyed"]:
        report = case["report"]
        reviewed = report["outcome"] == "ACTIVATED" and report.get("reason") == "REVIEWED"
        obeys = reviewed or report["outcome"] in {"PREPAID", "DEPOSIT_TAKEN", "DECLINED"}
        assert case["obeyed"] == ("YES" if obeys else "NO")
