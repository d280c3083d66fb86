"""The listing rules: the first failing one, in the published order, gives the code."""

import dataclasses
import datetime as dt

import pytest

from protocol.codes import Category, Verdict
from protocol.listing import DebtFacts, enforceable_from, first_failing_rule
from registry.policy.reporting import debt_facts
from registry.policy.rules import DEFAULT_RULES
from tests.support.builders import NOW, TODAY, a_manifest, a_report

RULES = DEFAULT_RULES.in_force(TODAY).listing


def ago(days: int) -> dt.date:
    return TODAY - dt.timedelta(days=days)


GOOD = debt_facts(a_report(), TODAY)
IN_ORDER: list[tuple[Verdict, dict[str, object]]] = [
    (Verdict.REJ_INVALID_AMOUNT, {"principal_fen": 0}),
    (Verdict.REJ_INVALID_DATE, {"suspended_on": TODAY + dt.timedelta(days=1)}),
    (Verdict.REJ_BELOW_MINIMUM, {"principal_fen": 99_99}),
    (Verdict.REJ_TOO_RECENT, {"due_date": ago(89), "notice_date": ago(40)}),
    (Verdict.REJ_NO_NOTICE, {"notice_date": None}),
    (Verdict.REJ_OPEN_DISPUTE, {"category": Category.OPEN_DISPUTE}),
    (Verdict.REJ_MINOR, {"debtor_of_age": False}),
]


def spoiled(facts: DebtFacts, *spoils: dict[str, object]) -> DebtFacts:
    for each in spoils:
        facts = dataclasses.replace(facts, **each)  # type: ignore[arg-type]  # the fields are the table's
    return facts


def test_a_good_report_fails_no_rule() -> None:
    assert first_failing_rule(GOOD, RULES) is None


@pytest.mark.parametrize(("code", "spoil"), IN_ORDER)
def test_each_rule_alone_gives_its_own_code(code: Verdict, spoil: dict[str, object]) -> None:
    assert first_failing_rule(spoiled(GOOD, spoil), RULES) is code


@pytest.mark.parametrize("first", range(len(IN_ORDER) - 1))
def test_of_two_failing_rules_the_earlier_gives_the_code(first: int) -> None:
    for later in range(first + 1, len(IN_ORDER)):
        both = spoiled(GOOD, IN_ORDER[later][1], IN_ORDER[first][1])
        expected = first_failing_rule(spoiled(GOOD, IN_ORDER[first][1]), RULES)
        assert first_failing_rule(both, RULES) is expected


@pytest.mark.parametrize(
    ("category", "code"),
    [
        (Category.OPEN_DISPUTE, Verdict.REJ_OPEN_DISPUTE),
        (Category.CARRIER_CAUSED, Verdict.REJ_CARRIER_CAUSED),
        (Category.STOLEN_IDENTITY, Verdict.REJ_STOLEN_IDENTITY),
        (Category.SP_FEE, Verdict.REJ_SP_FEE),
        (Category.MALICIOUS, None),
        (Category.UNABLE, None),
        (Category.MISSED_CYCLE, None),
        (Category.ENTERPRISE, None),
    ],
)
def test_only_four_categories_are_listable(category: Category, code: Verdict | None) -> None:
    assert first_failing_rule(spoiled(GOOD, {"category": category}), RULES) is code


def test_a_hundred_yuan_and_ninety_days_are_just_enough() -> None:
    boundary = spoiled(GOOD, {"principal_fen": 100_00, "due_date": ago(90), "notice_date": ago(40)})
    assert first_failing_rule(boundary, RULES) is None


@pytest.mark.parametrize(
    "spoil",
    [
        {"due_date": TODAY + dt.timedelta(days=1)},
        {"notice_date": TODAY + dt.timedelta(days=1)},
        {"notice_date": ago(201)},
        {"ended_on": ago(201)},
        {"suspended_on": ago(100), "ended_on": ago(101)},
    ],
)
def test_dates_that_cannot_have_happened_are_refused(spoil: dict[str, object]) -> None:
    assert first_failing_rule(spoiled(GOOD, spoil), RULES) is Verdict.REJ_INVALID_DATE


def test_the_lead_time_runs_thirty_days_from_the_notice() -> None:
    assert enforceable_from(ago(30), RULES) == TODAY


def test_where_evidence_is_required_a_report_without_any_is_refused_behind_the_notice() -> None:
    assert first_failing_rule(GOOD, RULES, evidence_required=True) is Verdict.REJ_NO_EVIDENCE
    shown = debt_facts(a_report(evidence=a_manifest()), TODAY)
    assert first_failing_rule(shown, RULES, evidence_required=True) is None
    without_notice = spoiled(GOOD, {"notice_date": None, "category": Category.SP_FEE})
    assert first_failing_rule(without_notice, RULES, evidence_required=True) is Verdict.REJ_NO_NOTICE
    assert first_failing_rule(spoiled(GOOD, {"debtor_of_age": False}), RULES, evidence_required=True) is (
        Verdict.REJ_NO_EVIDENCE
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"contract_date": ago(199)},
        {"notice_at": NOW - dt.timedelta(days=149)},
        {"notice_at": NOW - dt.timedelta(days=150) + dt.timedelta(hours=12)},
    ],
)
def test_evidence_of_impossible_dates_is_an_invalid_date(changes: dict[str, object]) -> None:
    facts = debt_facts(a_report(evidence=a_manifest(**changes)), TODAY)
    assert first_failing_rule(facts, RULES) is Verdict.REJ_INVALID_DATE


def test_evidence_of_a_contract_of_the_due_date_and_of_a_notice_late_on_its_day_is_possible() -> None:
    late = NOW - dt.timedelta(days=150) + dt.timedelta(hours=11, minutes=59)
    facts = debt_facts(a_report(evidence=a_manifest(contract_date=ago(200), notice_at=late)), TODAY)
    assert first_failing_rule(facts, RULES) is None
