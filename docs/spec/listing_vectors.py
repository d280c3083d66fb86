"""Writes the vectors of docs/spec/listing.md: the facts of a debt, and the code of the first rule that it fails."""

# ruff: noqa: INP001 (a script's part, beside the pages it serves)

import datetime as dt
from typing import Any, Final

from protocol.beijing import beijing_date
from protocol.codes import Category, Verdict
from protocol.encodings import format_time, parse_time
from protocol.listing import DebtFacts, enforceable_from, first_failing_rule
from protocol.messages.rules import ListingRules
from protocol.wire.codec import write
from registry.policy.rules import DEFAULT_RULES

TODAY: Final = dt.date(2026, 11, 21)
RULES: Final[ListingRules] = DEFAULT_RULES.in_force(TODAY).listing
_OTHER_RULES: Final = ListingRules(
    minimum_principal_fen=50_00, minimum_days_past_due=30, maximum_days_past_due=365, notice_lead_days=10
)


def _ago(days: int) -> str:
    return (TODAY - dt.timedelta(days=days)).isoformat()


def _evidence(contract_days: int = 900, notice: str | None = None) -> dict[str, str]:
    noon = dt.datetime(2026, 6, 24, 4, 0, tzinfo=dt.UTC)
    return {"contract_date": _ago(contract_days), "notice_at": notice or format_time(noon)}


_GOOD: Final[dict[str, Any]] = {
    "principal_fen": 120_00,
    "due_date": _ago(200),
    "suspended_on": None,
    "ended_on": None,
    "notice_date": _ago(150),
    "evidence": None,
    "category": Category.MISSED_CYCLE.value,
    "debtor_of_age": True,
}
_EVIDENT: Final[dict[str, Any]] = {"evidence": _evidence(), "evidence_required": True}
# Each fails its own rule and every later one of the list can be added to it: the order of the codes shows.
_FAULTS: Final[list[dict[str, Any]]] = [
    {"principal_fen": 0},
    {"suspended_on": _ago(-1)},
    {"principal_fen": 99_99},
    {"due_date": _ago(89), "notice_date": _ago(40)},
    {"notice_date": None},
    {"evidence_required": True},
    {"category": Category.OPEN_DISPUTE.value},
    {"debtor_of_age": False},
]
_CASES: Final[dict[str, dict[str, Any]]] = {
    "a good report": {},
    "the smallest principal": {"principal_fen": 100_00},
    "one fen less": {"principal_fen": 99_99},
    "one fen less of a debt that is listed": {"principal_fen": 99_99, "listed_on": _ago(20)},
    "90 days past due": {"due_date": _ago(90), "notice_date": _ago(40)},
    "89 days past due": {"due_date": _ago(89), "notice_date": _ago(40)},
    "1,095 days past due": {"due_date": _ago(1_095)},
    "1,096 days past due": {"due_date": _ago(1_096)},
    "1,096 days past due today, listed yesterday": {"due_date": _ago(1_096), "listed_on": _ago(1)},
    "1,096 days past due when it was listed": {"due_date": _ago(1_116), "listed_on": _ago(20)},
    "due tomorrow": {"due_date": _ago(-1), "notice_date": None},
    "notice on the due date": {"notice_date": _ago(200)},
    "notice the day after": {"notice_date": _ago(199)},
    "notice today": {"notice_date": _ago(0)},
    "notice tomorrow": {"notice_date": _ago(-1)},
    "no notice": {"notice_date": None},
    "suspended and ended on the due date": {"suspended_on": _ago(200), "ended_on": _ago(200)},
    "suspended before the due date": {"suspended_on": _ago(201)},
    "ended before the due date": {"ended_on": _ago(201)},
    "ended before it was suspended": {"suspended_on": _ago(100), "ended_on": _ago(101)},
    "ended tomorrow": {"ended_on": _ago(-1)},
    "evidence required and none": {"evidence_required": True},
    "evidence": _EVIDENT,
    "a contract of the due date": {**_EVIDENT, "evidence": _evidence(200)},
    "a contract younger than the debt": {**_EVIDENT, "evidence": _evidence(199)},
    "evidence of a notice of another day": {**_EVIDENT, "evidence": _evidence(notice="2026-06-24T16:00:00.000000Z")},
    "evidence of a notice in the last second of its Beijing day": {
        **_EVIDENT,
        "evidence": _evidence(notice="2026-06-24T15:59:59.000000Z"),
    },
    "evidence of a notice in the first second of its Beijing day": {
        **_EVIDENT,
        "evidence": _evidence(notice="2026-06-23T16:00:00.000000Z"),
    },
    "evidence without a notice date": {**_EVIDENT, "notice_date": None},
    "a minor": {"debtor_of_age": False},
    **{f"category {each.value}": {"category": each.value} for each in Category},
    "other figures of the rules": {"rules": write(_OTHER_RULES), "principal_fen": 50_00, "notice_date": _ago(5)},
    "other figures, too small": {"rules": write(_OTHER_RULES), "principal_fen": 49_99},
    "other figures, too old": {"rules": write(_OTHER_RULES), "due_date": _ago(366)},
}


def content() -> dict[str, object]:
    """Write each case with its code, or with its verdict and the first day on which its record may block."""
    cases = {**_CASES, **_pairs()}
    return {
        "today": TODAY.isoformat(),
        "rules": write(RULES),
        "cases": [judged({"why": why, **_GOOD, **changes}) for why, changes in cases.items()],
    }


def _pairs() -> dict[str, dict[str, Any]]:
    """Pair each fault with each later one; of two the earlier gives the code."""
    return {
        f"faults {first + 1} and {second + 1}": {**_FAULTS[second], **_FAULTS[first]}
        for second in range(len(_FAULTS))
        for first in range(second)
        if not _FAULTS[first].keys() & _FAULTS[second].keys()
    }


def judged(case: dict[str, Any]) -> dict[str, object]:
    """Add the outcome of the running code to a case."""
    rules = ListingRules(**case["rules"]) if "rules" in case else RULES
    listed_on = _day(case.get("listed_on"))
    verdict = first_failing_rule(
        _facts(case), rules, evidence_required=case.get("evidence_required", False), listed_on=listed_on
    )
    if verdict is not None:
        return {**case, "refused": verdict.value}
    notice_date = dt.date.fromisoformat(case["notice_date"])
    blocks_from = enforceable_from(notice_date, rules)
    passed = {**case, "enforceable_from": blocks_from.isoformat()}
    if listed_on is not None:
        return passed
    return {**passed, "verdict": (Verdict.ACTIVE if blocks_from <= TODAY else Verdict.PENDING).value}


def _facts(case: dict[str, Any]) -> DebtFacts:
    evidence = case["evidence"]
    return DebtFacts(
        today=TODAY,
        principal_fen=case["principal_fen"],
        due_date=dt.date.fromisoformat(case["due_date"]),
        suspended_on=_day(case["suspended_on"]),
        ended_on=_day(case["ended_on"]),
        notice_date=_day(case["notice_date"]),
        category=Category(case["category"]),
        debtor_of_age=case["debtor_of_age"],
        has_evidence=evidence is not None,
        contract_date=None if evidence is None else dt.date.fromisoformat(evidence["contract_date"]),
        noticed_on=None if evidence is None else beijing_date(parse_time(evidence["notice_at"])),
    )


def _day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)
