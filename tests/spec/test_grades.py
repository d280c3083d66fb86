"""A second reader of docs/spec/grades.md: it shares no code with the registry and arrives at every value."""

import datetime as dt
import json
import pathlib
import re
from typing import Any

import pytest

VECTORS = json.loads(pathlib.Path("docs/spec/vectors/grades.json").read_text(encoding="utf-8"))
ORDER = ("plan_running", "cleared_days", "cleared_creditors", "blocked_days", "plans_broken", "tenure")
Case = dict[str, Any]


def inputs(case: Case) -> dict[str, int]:
    def age(day: str) -> int:
        return (dt.date.fromisoformat(VECTORS["today"]) - dt.date.fromisoformat(day)).days

    history, debts = VECTORS["grade"]["history_days"], case["debts"]
    recent = [each for each in debts if each["state"] != "ACTIVE" and age(each["settled_on"]) <= history]
    runs = "ARRANGED" in {each["state"] for each in debts}
    return {
        "open": len({each["creditor"] for each in debts if each["state"] == "ACTIVE"}),
        "plan_running": 1 if runs else 0,
        "cleared_days": -1 if runs else min((age(each["settled_on"]) for each in recent), default=-1),
        "cleared_creditors": len({each["creditor"] for each in recent}),
        "blocked_days": max((0, *(age(each["blocking_from"]) - age(each["settled_on"]) for each in recent))),
        "plans_broken": sum(
            each["plan_breaks"] for each in debts if each["last_break_on"] and age(each["last_break_on"]) <= history
        ),
        "tenure": case["tenure"],
    }


def outcome(values: dict[str, int]) -> tuple[int, str, list[str]]:
    grade = VECTORS["grade"]
    fallen = {}
    for characteristic in grade["characteristics"]:
        name = characteristic["input"]
        fallen[name] = [each for each in characteristic["bins"] if each["from_value"] <= values[name]][-1]
    points = grade["base"] + sum(each["points"] for each in fallen.values())
    if values["open"]:
        return points, "E", ["DEBT_OPEN"]
    letter = next((cut["grade"] for cut in grade["cuts"] if points >= cut["at_least"]), "D")
    adverse = sorted((name for name in ORDER if fallen[name]["points"] < 0), key=lambda name: fallen[name]["points"])
    reasons = [fallen[name]["reason"] for name in adverse] or ["NOTHING_ADVERSE"]
    (tenure,) = (each for each in grade["characteristics"] if each["input"] == "tenure")
    is_best = fallen["tenure"]["points"] == max(each["points"] for each in tenure["bins"])
    if not (adverse and is_best):
        reasons.append(fallen["tenure"]["reason"])
    return points, letter, reasons[:4]


@pytest.mark.parametrize("case", VECTORS["cases"], ids=[each["case"] for each in VECTORS["cases"]])
def test_a_second_reader_arrives_at_inputs_points_letter_reasons_and_text(case: Case) -> None:
    values = inputs(case)
    assert values == case["inputs"]
    assert outcome(values) == (case["points"], case["grade"], case["reasons"])
    days = "-" if values["cleared_days"] == -1 else values["cleared_days"]
    written = [f"{letter}{value}" for letter, value in zip("opdcbkt", (*values.values(),), strict=True)]
    written[2] = f"d{days}"
    assert " ".join([*written, case["grade"]]) == case["text"]


def test_the_refused_texts_have_another_form() -> None:
    form = re.compile(
        "o(0|[1-9][0-9]{0,5}) p[01] d(-|0|[1-9][0-9]{0,5}) c(0|[1-9][0-9]{0,5}) b(0|[1-9][0-9]{0,5})"
        " k(0|[1-9][0-9]{0,5}) t(0|12|24|36) [A-E]"
    )
    assert not [each["text"] for each in VECTORS["refused_texts"] if form.fullmatch(each["text"])]
    assert all(form.fullmatch(each["text"]) for each in VECTORS["cases"])


def test_every_code_of_a_refused_scorecard_is_on_the_page() -> None:
    page = pathlib.Path("docs/spec/grades.md").read_text(encoding="utf-8")
    refused = {each["refused"] for each in VECTORS["scorecards"] if "refused" in each}
    assert {f"`{code}`" for code in refused} <= set(re.findall("`[a-z0-9-]+`", page))
    assert [each["case"] for each in VECTORS["scorecards"] if "refused" not in each] == [
        "a plan costs just as much as a payment",
        "memory of nothing",
    ]
