"""docs/spec/activations.md: a second implementation of its tables says what the vectors say."""

import json
from pathlib import Path
from typing import Any

import pytest

VECTORS = json.loads((Path(__file__).parents[2] / "docs/spec/vectors/activations.json").read_bytes())
OPENED = {"ACTIVATED", "DEPOSIT_TAKEN", "PREPAID", "OVERRIDDEN"}
PROOF = {"REVIEW": "REVIEWED", "VERIFY_ID": "VERIFIED"}
OFFER = {"PREPAID": "PREPAID_ONLY", "DEPOSIT_TAKEN": "DEPOSIT"}


def named(case: dict[str, Any]) -> str:
    told = case["report"]
    parts = (case.get("decision"), told["outcome"], told.get("reason"), case.get("problem"), *case.get("errors", ()))
    return "-".join(str(each) for each in parts if each)


def obeys(case: dict[str, Any]) -> bool:
    report, decision = case["report"], case["decision"]
    match report["outcome"]:
        case "DECLINED":
            return True
        case "OVERRIDDEN":
            return False
        case "ACTIVATED":
            return decision == "ALLOW" or (decision in PROOF and report.get("reason") == PROOF[decision])
    kind = OFFER[report["outcome"]]
    offered = [each for each in case["alternatives"] if each["kind"] == kind]
    return decision in ("ALLOW", kind) or any(
        report.get("deposit_fen", 0) >= each.get("amount_fen", 0) for each in offered
    )


@pytest.mark.parametrize("case", VECTORS["judged"], ids=named)
def test_a_report_is_judged_by_its_decision(case: dict[str, Any]) -> None:
    if case["decision"] is None:
        assert (case["basis"], case["obeyed"]) == ("UNCHECKED", "NOT_BOUND")
        return
    # Both times have one form, so that they compare as texts.
    assert case["basis"] == ("CHECKED" if case["report"]["at"] <= VECTORS["valid_until"] else "STALE")
    assert case["obeyed"] == ("YES" if obeys(case) else "NO")


def test_every_decision_meets_every_outcome() -> None:
    pairs = {(case["decision"], case["report"]["outcome"]) for case in VECTORS["judged"] if case["decision"]}
    assert len(pairs) == 6 * 5


@pytest.mark.parametrize("case", VECTORS["refused"], ids=named)
def test_a_report_that_does_not_hold_is_refused_for_one_reason(case: dict[str, Any]) -> None:
    assert (case["problem"] == "invalid-field") is bool(case["errors"])
    assert len(case["errors"]) <= 1


@pytest.mark.parametrize("case", VECTORS["edges"], ids=lambda case: f"{case['from']}-{case['to']}")
def test_an_edge_is_taken_as_the_table_says(case: dict[str, Any]) -> None:
    before, after = case["from"], case["to"]
    if before is None:
        allowed, corrects = after != "CANCELLED_LATER", False
    elif before == "DECLINED":
        allowed, corrects = after in OPENED, False
    else:
        allowed, corrects = before in OPENED, after != "CANCELLED_LATER"
    assert ("problem" not in case) is allowed
    assert case.get("corrects", corrects) is corrects


def test_only_the_first_line_is_a_report_and_the_others_name_their_faults() -> None:
    verdicts = [each.get("verdict") for each in VECTORS["lines"]]
    assert verdicts[0] is None
    assert {each["verdict"] for each in verdicts[1:]} == {"REJ_MALFORMED_ROW"}
    assert [each["row_id"] for each in verdicts[1:]] == ["row-1"] * 5 + ["line-1"] * 2
    assert all(("errors" in each) is (each["row_id"] == "row-1") for each in verdicts[1:])
