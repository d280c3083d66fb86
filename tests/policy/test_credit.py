"""The effect of a grade: it changes a plain yes alone, by the carrier's own tariff, and never without a choice."""

import uuid
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.alternatives import AlternativeKind
from protocol.codes import DecisionCode, ReasonCode, Remedy, ServiceClass
from protocol.context import Purpose
from protocol.grades import Grade, GradeUse, Tenure
from protocol.grading import CreditFacts
from protocol.messages.grades import MOST_DEPOSIT_PERMILLE, GradeTerms
from protocol.messages.inquiries import Alternative
from protocol.wire.codec import read
from registry.domain.grades import DEFAULT_TARIFF, CreditTerms
from registry.policy.alternatives import alternatives
from registry.policy.credit import Credit, credit_of, is_graded
from registry.policy.decision import InquiryFacts, decide
from registry.policy.first_scorecard import FIRST_GRADE
from registry.policy.rules import DEFAULT_RULES
from tests.support.builders import NOW, TODAY, a_record

RULES = read(GradeTerms, FIRST_GRADE)
LOW = CreditFacts(cleared_days=10, cleared_creditors=1, blocked_days=70)
TERMS = CreditTerms(
    participant_id="carrier-a",
    terms_id=uuid.UUID(int=1),
    service_class=ServiceClass.MOBILE,
    tariff=DEFAULT_TARIFF,
    average_bill_fen=59_00,
    deposit_permille_of_bill=2_000,
    prepaid=True,
    use=GradeUse.BINDING,
    asks=AlternativeKind.DEPOSIT,
    effective_from=TODAY,
    set_at=NOW,
    log_entry_id=uuid.UUID(int=1),
)
TARIFFS = st.builds(
    lambda **members: replace(TERMS, **members),
    average_bill_fen=st.integers(1, 10_000_00),
    deposit_permille_of_bill=st.integers(0, MOST_DEPOSIT_PERMILLE),
    prepaid=st.booleans(),
    use=st.sampled_from(GradeUse),
    asks=st.sampled_from(AlternativeKind),
)
FACTS = st.builds(
    CreditFacts,
    open=st.integers(0, 3),
    plan_running=st.integers(0, 1),
    cleared_days=st.integers(-1, 200),
    cleared_creditors=st.integers(0, 4),
    blocked_days=st.integers(0, 400),
    plans_broken=st.integers(0, 3),
    tenure=st.sampled_from(Tenure),
)


def credit(facts: CreditFacts = LOW, terms: CreditTerms | None = TERMS) -> Credit:
    return credit_of(facts, RULES, ServiceClass.MOBILE, terms)


def facts_with(found: Credit | None, **changes: Any) -> InquiryFacts:
    plain = InquiryFacts(service_class=ServiceClass.MOBILE, own=(), household=(), credit=found)
    return replace(plain, **changes)


def test_grade_d_asks_for_a_deposit_of_two_bills_and_leaves_prepaid_and_a_review() -> None:
    found = credit()
    decision = decide(facts_with(found))
    assert (found.graded.grade, found.deposit_fen, found.limit_fen) == (Grade.D, 118_00, 0)
    assert (decision.code, decision.reasons) == (DecisionCode.DEPOSIT, (ReasonCode.LOW_GRADE,))
    assert decision.remedies == (Remedy.PAY_DEPOSIT, Remedy.TAKE_PREPAID, Remedy.ASK_REVIEW)
    assert offered(decision.code, found) == (Alternative(kind=AlternativeKind.PREPAID_ONLY),)


def test_a_carrier_may_ask_for_prepaid_first_and_then_the_deposit_is_the_choice() -> None:
    found = credit(terms=replace(TERMS, asks=AlternativeKind.PREPAID_ONLY))
    decision = decide(facts_with(found))
    assert decision.code is DecisionCode.PREPAID_ONLY
    assert offered(decision.code, found) == (Alternative(kind=AlternativeKind.DEPOSIT, amount_fen=118_00),)


def offered(code: DecisionCode, found: Credit) -> tuple[Alternative, ...]:
    terms = DEFAULT_RULES.versions[0].alternatives
    return alternatives(code, ServiceClass.MOBILE, quote_fen=0, terms=terms, credit=found)


@given(FACTS, TARIFFS | st.none(), st.tuples(*[st.booleans()] * 4))
def test_a_grade_changes_a_plain_yes_alone_and_never_leaves_one_way(
    facts: CreditFacts, terms: CreditTerms | None, flags: tuple[bool, bool, bool, bool]
) -> None:
    own, household, red_listed, victim = flags
    other = a_record(subject_key=b"H" * 16, record_id=uuid.UUID(int=77))
    found = credit(facts, terms)
    graded = facts_with(
        found,
        own=(a_record(),) if own else (),
        household=(other,) if household else (),
        red_listed=red_listed,
        victim=victim,
    )
    plain, decision = decide(replace(graded, credit=None)), decide(graded)
    if plain.code is not DecisionCode.ALLOW:
        assert decision == plain
    if decision.code is not plain.code:
        assert decision.code in (DecisionCode.DEPOSIT, DecisionCode.PREPAID_ONLY)
        assert terms is not None
        assert terms.use is GradeUse.BINDING
        assert found.graded.grade is Grade.D
        assert Remedy.ASK_REVIEW in decision.remedies
        (other_way,) = offered(decision.code, found)
        assert other_way.kind.value != decision.code.value
        assert 100 <= found.deposit_fen <= RULES.deposit.cap_fen
        assert found.deposit_fen % 100 == 0
        assert other_way.amount_fen in (None, found.deposit_fen)
    elif decision.code is DecisionCode.ALLOW:
        assert offered(decision.code, found) == ()


@pytest.mark.parametrize(
    ("facts", "limit_fen"),
    [
        (CreditFacts(tenure=Tenure.THREE_YEARS), 177_00),
        (CreditFacts(tenure=Tenure.TWO_YEARS), 118_00),
        (CreditFacts(), 59_00),
        (LOW, 0),
        (CreditFacts(open=1), 0),
    ],
)
def test_a_limit_is_advice_by_the_letter_and_the_average_bill(facts: CreditFacts, limit_fen: int) -> None:
    assert credit(facts).limit_fen == limit_fen
    assert credit(facts, None).limit_fen == limit_fen, "the rules have an average bill for who set none"
    assert credit(facts, None).asks is None


@pytest.mark.parametrize(
    ("changes", "deposit_fen"),
    [
        ({"average_bill_fen": 400_00}, 500_00),
        ({"average_bill_fen": 59_99}, 119_00),
        ({"deposit_permille_of_bill": 0}, 0),
        ({"average_bill_fen": 49}, 0),
    ],
)
def test_a_deposit_is_whole_yuan_and_capped_by_the_rules(changes: dict[str, Any], deposit_fen: int) -> None:
    assert credit(terms=replace(TERMS, **changes)).deposit_fen == deposit_fen


@pytest.mark.parametrize("changes", [{"prepaid": False}, {"deposit_permille_of_bill": 0}, {"use": GradeUse.ADVISORY}])
def test_terms_without_a_choice_and_terms_that_advise_bind_nobody(changes: dict[str, Any]) -> None:
    assert credit(terms=replace(TERMS, **changes)).asks is None


def test_a_grade_is_read_for_a_new_order_that_says_why_and_where_its_carrier_wants_one() -> None:
    assert not is_graded(None, TERMS)
    assert {each for each in Purpose if is_graded(each, None)} == set(Purpose) - {Purpose.REINSTATEMENT}
    assert is_graded(Purpose.NEW_LINE, replace(TERMS, use=GradeUse.ADVISORY))
    assert not is_graded(Purpose.NEW_LINE, replace(TERMS, use=GradeUse.OFF))
