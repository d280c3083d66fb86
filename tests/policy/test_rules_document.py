"""The one form of the rules as a document: what it says comes back, and nothing else is read."""

import copy
import dataclasses
import datetime as dt
import functools
import operator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.codes import ServiceClass
from protocol.encodings import canonical_json
from protocol.messages.rules import Rules
from protocol.states import DebtPart
from protocol.strict_json import StrictJsonError
from protocol.wire.codec import WHOLE, Malformed, read, write
from registry.policy.first_scorecard import FIRST_GRADE
from registry.policy.rules import DEFAULT_RULES, RuleBook
from registry.policy.rules_document import RulesInvalid, book_with, check_agreements, document_bytes, rules_of
from tests.policy.bounds import BOUNDS, KINDS, REQUIRED
from tests.support.cells import every_cell

FOUNDING = DEFAULT_RULES.versions[0]
DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2199, 12, 31))


def full_document() -> dict[str, Any]:
    """The founding document with a grade, which the founding rules themselves do not have."""
    return copy.deepcopy({**write(FOUNDING), "grade": FIRST_GRADE})


def placed(path: str, value: object) -> dict[str, Any]:
    """The full document with another value at a path."""
    document = full_document()
    *groups, last = path.split(".")
    inner = document
    for each in groups:
        inner = inner[each]
    inner[last] = value
    return document


def read_rules(document: Any) -> Rules:
    """The rules in a document, as the door and the use case read them."""
    rules = read(Rules, document)
    check_agreements(rules)
    return rules


def refusal(document: Any) -> tuple[str, str]:
    try:
        rules = read(Rules, document)
    except Malformed as malformed:
        ((path, code),) = malformed.faults.items()
        return path, code
    with pytest.raises(RulesInvalid) as refused:
        check_agreements(rules)
    return refused.value.field, refused.value.code


@st.composite
def rules(draw: st.DrawFn) -> Rules:
    document = full_document()
    document["version"] = draw(st.from_regex("[A-Za-z0-9._-]{1,32}", fullmatch=True))
    document["effective_from"] = draw(DAYS).isoformat()
    document["allocation"] = draw(st.permutations([each.value for each in DebtPart]))
    document["evidence"]["required"] = draw(st.booleans())
    prepaid = draw(st.sets(st.sampled_from(ServiceClass))) | {ServiceClass.MOBILE}
    document["alternatives"]["prepaid_services"] = sorted(prepaid)
    dates = draw(st.lists(DAYS, unique=True, max_size=9))
    document["collection"]["holidays"] = [each.isoformat() for each in sorted(dates) if each.weekday() < 5]
    document["collection"]["extra_workdays"] = [each.isoformat() for each in sorted(dates) if each.weekday() >= 5]
    for path, (least, most) in BOUNDS.items():
        *groups, last = path.split(".")
        functools.reduce(operator.getitem, groups, document)[last] = draw(st.integers(least, most))
    agree(document)
    return read_rules(document)


def agree(document: dict[str, Any]) -> None:
    """Move the figures that have to agree with others."""
    disputes, retention, listing = document["disputes"], document["retention"], document["listing"]
    listing["maximum_days_past_due"] = max(listing["maximum_days_past_due"], listing["minimum_days_past_due"])
    least = document["listing"]["minimum_principal_fen"]
    document["settlement_tolerance_fen"] = min(document["settlement_tolerance_fen"], least - 1)
    disputes["close_days"] = max(disputes["close_days"], disputes["answer_days"] + 1)
    document["dispute_reminder_days"] = min(document["dispute_reminder_days"], disputes["answer_days"] - 1)
    retention["seal_days"] = max(retention["seal_days"], document["reversal_max_days"] + 1)
    document["grade"]["base"] = FIRST_GRADE["base"]
    document["grade"]["history_days"] = min(document["grade"]["history_days"], retention["seal_days"] - 1)
    retention["closed_days"] = max(retention["closed_days"], retention["seal_days"])


@given(rules())
def test_what_is_written_is_read_back(made: Rules) -> None:
    assert read_rules(write(made)) == made
    assert rules_of(document_bytes(made)) == made
    assert document_bytes(rules_of(document_bytes(made))) == document_bytes(made)


def test_a_version_that_was_signed_before_a_figure_was_added_is_read_with_the_figure_of_the_release() -> None:
    before = write(FOUNDING)
    for group in ("ended_link_days", "take_outs", "transfers", "context", "alternatives", "rechecks", "activation"):
        del before[group]
    before["listing"] = {k: v for k, v in before["listing"].items() if k != "maximum_days_past_due"}
    assert rules_of(canonical_json(before)) == FOUNDING
    with pytest.raises(Malformed) as refused:
        read(Rules, before)
    missing = {
        "ended_link_days",
        "take_outs",
        "transfers",
        "alternatives",
        "rechecks",
        "activation",
        "listing.maximum_days_past_due",
    }
    assert refused.value.faults == dict.fromkeys(missing, "required")


def test_the_rules_that_an_older_registry_tells_are_completed_and_a_proposal_is_not() -> None:
    told = {key: value for key, value in write(FOUNDING).items() if key != "alternatives"}
    assert read(Rules, told, open_ended=True) == FOUNDING
    assert refusal(told) == ("alternatives", "required")


def test_the_founding_rules_are_within_the_bounds() -> None:
    assert read_rules(write(FOUNDING)) == FOUNDING


def test_the_law_bounds_the_late_fee() -> None:
    assert (BOUNDS["late_fee.daily_ppm"], BOUNDS["late_fee.cap_ppm"]) == ((0, 3_000), (0, 1_000_000))
    assert BOUNDS["retention.record_years"] == (1, 5)


def test_a_missing_field_is_named() -> None:
    with every_cell() as table:
        for path in (*REQUIRED, "context"):
            with table.cell(path):
                document = placed(path, None)
                *groups, last = path.split(".")
                del functools.reduce(operator.getitem, groups, document)[last]
                assert refusal(document) == (path, "required")


@pytest.mark.parametrize("value", [None, 1.0, b"2026-01-01", {"of": "another"}, [None]])
def test_a_value_of_another_kind_is_refused(value: object) -> None:
    with every_cell() as table:
        for path in KINDS:
            with table.cell(path, value):
                with pytest.raises(Malformed) as refused:
                    read(Rules, placed(path, value))
                places = {path, f"{path}.0"} if value == [None] else {path}
                faults = {place: code for place, code in refused.value.faults.items() if place in places}
                assert set(faults.values()) <= {"null", "wrong-type", "unknown-field", "out-of-range"}
                assert faults


def test_a_figure_outside_its_bounds_is_refused() -> None:
    with every_cell() as table:
        for path, (least, most) in BOUNDS.items():
            with table.cell(path):
                for value in (least - 1, most + 1, -1, 2**63, 10**40):
                    assert refusal(placed(path, value)) == (path, "out-of-range")
                assert refusal(placed(path, value=True)) == (path, "wrong-type")
                assert refusal(placed(path, str(least))) == (path, "wrong-type")


def test_an_unknown_field_is_refused_and_not_repeated() -> None:
    assert refusal(write(FOUNDING) | {"secret": 1}) == (WHOLE, "unknown-field")
    assert refusal(placed("late_fee", {"daily_ppm": 1, "cap_ppm": 1, "secret": 1})) == ("late_fee", "unknown-field")
    assert refusal([]) == (WHOLE, "wrong-type")


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("version", "", "invalid"),
        ("version", "a" * 33, "invalid"),
        ("version", "2026 01", "invalid"),
        ("effective_from", "2026-1-1", "wrong-type"),
        ("effective_from", "2026-02-30", "invalid"),
        ("effective_from", "1999-12-31", "out-of-range"),
        ("evidence.required", 1, "wrong-type"),
        ("effective_from", "2200-01-01", "out-of-range"),
        ("allocation", [], "out-of-range"),
        ("allocation", ["FEES", "FEES"], "out-of-range"),
        ("allocation", ["FEES", "FEES", "COSTS"], "not-every-part-once"),
        ("collection.holidays", ["1999-12-31"], "out-of-range"),
        ("collection.extra_workdays", ["2200-01-04"], "out-of-range"),
        ("collection.extra_workdays", ["2027-01-03", "2027-01-02"], "out-of-order"),
        ("collection.holidays", ["2027-01-04", "2027-01-01"], "out-of-order"),
        ("collection.holidays", ["2027-01-01", "2027-01-01"], "out-of-order"),
        ("collection.holidays", ["2027-01-02"], "not-a-weekday"),
        ("collection.holidays", ["2027-01-01"] * 1_001, "out-of-range"),
        ("collection.holidays", ["2027-01-01"] * 1_000, "out-of-order"),
        ("collection.extra_workdays", ["2027-01-08"], "not-a-weekend"),
        ("listing.maximum_days_past_due", 89, "below-minimum"),
        ("collection.extra_workdays", ["2027-01-01"], "not-a-weekend"),
        ("disputes.close_days", 15, "not-after-answer"),
        ("dispute_reminder_days", 15, "not-before-answer"),
        ("retention.seal_days", 180, "within-reversal-days"),
        ("retention.closed_days", 199, "before-the-seal"),
        ("settlement_tolerance_fen", 100_00, "not-below-minimum-principal"),
        ("alternatives.prepaid_services", [], "out-of-range"),
        ("alternatives.prepaid_services", ["MOBILE", "MOBILE"], "repeated"),
        ("alternatives.prepaid_services", ["BROADBAND"], "leaves-no-service"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_field(path: str, value: object, code: str) -> None:
    assert refusal(placed(path, value)) == (path, code)


def test_an_unknown_part_of_a_debt_is_refused_by_its_place() -> None:
    assert refusal(placed("allocation", ["FEES", "PENALTY", "COSTS"])) == ("allocation.1", "invalid")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("version", "a" * 32),
        ("effective_from", "2000-01-01"),
        ("effective_from", "2199-12-31"),
        ("collection.holidays", ["2027-01-01", "2027-01-04"]),
        ("collection.extra_workdays", ["2027-01-02", "2027-01-03"]),
        ("listing.maximum_days_past_due", 90),
        ("settlement_tolerance_fen", 99_99),
        ("disputes.close_days", 16),
        ("dispute_reminder_days", 14),
        ("retention.seal_days", 181),
        ("retention.closed_days", 200),
    ],
)
def test_what_just_agrees_is_read(path: str, value: object) -> None:
    assert write(read_rules(placed(path, value))) == placed(path, value)


def test_a_stored_document_is_at_most_64_kibibytes_long() -> None:
    whole = document_bytes(FOUNDING)
    assert rules_of(whole.ljust(65_536)) == FOUNDING
    with pytest.raises(StrictJsonError):
        rules_of(whole.ljust(65_537))


def test_a_stored_document_is_read_as_strictly() -> None:
    with pytest.raises(StrictJsonError):
        rules_of(b"[]")
    with pytest.raises(Malformed):
        rules_of(b"{}")
    with pytest.raises(RulesInvalid):
        rules_of(canonical_json(placed("disputes.close_days", 15)))


def test_the_book_holds_the_founding_versions_and_the_approved_ones_by_date() -> None:
    second = dataclasses.replace(FOUNDING, version="2027-01", effective_from=dt.date(2027, 1, 1))
    third = dataclasses.replace(FOUNDING, version="2027-02", effective_from=dt.date(2027, 2, 1))
    documents = (document_bytes(third), document_bytes(second))
    assert book_with(DEFAULT_RULES, documents) == RuleBook((FOUNDING, second, third))
    assert book_with(DEFAULT_RULES, documents) is book_with(DEFAULT_RULES, documents)
    assert book_with(DEFAULT_RULES, ()) == DEFAULT_RULES
