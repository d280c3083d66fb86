"""Decisions: own arrears first, a household's only as far as the rules allow."""

import uuid
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.codes import DecisionCode, ReasonCode, Remedy, ServiceClass
from protocol.states import RecordState
from registry.domain.records import Record
from registry.policy.decision import RED_LIST_WAIVES, InquiryFacts, decide
from tests.support.builders import a_record

FIXED = [each for each in ServiceClass if each.is_fixed_line]


def facts(*, own: tuple[Record, ...] = (), household: tuple[Record, ...] = (), service: ServiceClass) -> InquiryFacts:
    return InquiryFacts(service_class=service, own=own, household=household)


def other(**changes: object) -> Record:
    return a_record(subject_key=b"H" * 16, record_id=uuid.UUID(int=77), **changes)


@pytest.mark.parametrize("service", list(ServiceClass))
def test_a_stranger_is_allowed(service: ServiceClass) -> None:
    decision = decide(facts(service=service))
    assert (decision.code, decision.reasons, decision.to_pay) == (DecisionCode.ALLOW, (ReasonCode.NO_ARREARS,), ())


@pytest.mark.parametrize("service", list(ServiceClass))
def test_own_arrears_are_paid_first_whatever_is_asked_for(service: ServiceClass) -> None:
    decision = decide(facts(own=(a_record(),), service=service))
    assert decision.code is DecisionCode.PAY_FIRST
    assert decision.to_pay == (a_record(),)
    assert Remedy.PAY_QUOTE in decision.remedies


@pytest.mark.parametrize("asked", FIXED)
@pytest.mark.parametrize("owed", FIXED)
def test_a_household_that_owes_for_a_fixed_line_pays_before_another(owed: ServiceClass, asked: ServiceClass) -> None:
    decision = decide(facts(household=(other(service_class=owed),), service=asked))
    assert decision.code is DecisionCode.PAY_FIRST
    assert decision.reasons == (ReasonCode.HOUSEHOLD_FIXED_LINE_ARREARS,)
    assert Remedy.REBUT_HOUSEHOLD in decision.remedies


@pytest.mark.parametrize(
    ("owed", "asked"),
    [
        (ServiceClass.MOBILE, ServiceClass.BROADBAND),
        (ServiceClass.IPTV, ServiceClass.MOBILE),
        (ServiceClass.MOBILE, ServiceClass.MOBILE),
    ],
)
def test_every_other_household_hit_is_only_reviewed(owed: ServiceClass, asked: ServiceClass) -> None:
    decision = decide(facts(household=(other(service_class=owed),), service=asked))
    assert (decision.code, decision.to_pay) == (DecisionCode.REVIEW, ())


def test_own_and_household_arrears_are_both_named_and_both_quoted() -> None:
    decision = decide(
        facts(own=(a_record(),), household=(other(service_class=ServiceClass.IPTV),), service=ServiceClass.BROADBAND)
    )
    assert decision.reasons == (ReasonCode.OWN_ARREARS, ReasonCode.HOUSEHOLD_FIXED_LINE_ARREARS)
    assert len(decision.to_pay) == 2


@given(st.sampled_from([each for each in RecordState if each is not RecordState.ACTIVE]), st.booleans())
def test_nothing_but_an_active_record_ever_weighs(state: RecordState, own: bool) -> None:
    record = a_record(state=state, service_class=ServiceClass.IPTV)
    given_facts = facts(
        own=(record,) if own else (), household=() if own else (record,), service=ServiceClass.BROADBAND
    )
    assert decide(given_facts).code is DecisionCode.ALLOW


@pytest.mark.parametrize("service", list(ServiceClass))
def test_the_red_list_waives_payment_and_hides_neither_arrears_nor_quote(service: ServiceClass) -> None:
    given_facts = facts(own=(a_record(),), household=(other(service_class=ServiceClass.IPTV),), service=service)
    plain, waived = decide(given_facts), decide(replace(given_facts, red_listed=True))
    assert plain.code is DecisionCode.PAY_FIRST
    assert waived.code is DecisionCode.ALLOW
    assert waived.reasons == (*plain.reasons, ReasonCode.RED_LIST)
    assert (waived.remedies, waived.to_pay) == (plain.remedies, plain.to_pay)
    assert Remedy.PAY_QUOTE in waived.remedies


@pytest.mark.parametrize("household", [(), (other(service_class=ServiceClass.MOBILE),)])
def test_the_red_list_is_not_named_where_there_is_nothing_to_waive(household: tuple[Record, ...]) -> None:
    given_facts = facts(household=household, service=ServiceClass.BROADBAND)
    plain = decide(given_facts)
    assert plain.code in (DecisionCode.ALLOW, DecisionCode.REVIEW)
    assert decide(replace(given_facts, red_listed=True)) == plain


def test_the_red_list_waives_money_asked_for_beforehand_and_no_doubt() -> None:
    assert {DecisionCode.PAY_FIRST, DecisionCode.DEPOSIT, DecisionCode.PREPAID_ONLY} == RED_LIST_WAIVES


@pytest.mark.parametrize("service", list(ServiceClass))
def test_a_victim_is_verified_where_others_are_served(service: ServiceClass) -> None:
    decision = decide(replace(facts(service=service), victim=True))
    assert (decision.code, decision.reasons) == (DecisionCode.VERIFY_ID, (ReasonCode.VICTIM_MARKER,))
    assert (decision.remedies, decision.to_pay) == ((Remedy.VERIFY_AT_COUNTER,), ())


def test_the_marker_dominates_a_review_and_hides_nothing_of_it() -> None:
    given_facts = facts(household=(other(service_class=ServiceClass.MOBILE),), service=ServiceClass.BROADBAND)
    decision = decide(replace(given_facts, victim=True))
    assert decision.code is DecisionCode.VERIFY_ID
    assert decision.reasons == (ReasonCode.HOUSEHOLD_ARREARS, ReasonCode.VICTIM_MARKER)
    assert decision.remedies == (Remedy.REBUT_HOUSEHOLD, Remedy.VERIFY_AT_COUNTER)


def test_a_victim_still_pays_its_own_debts_first() -> None:
    plain = decide(facts(own=(a_record(),), service=ServiceClass.MOBILE))
    marked = decide(replace(facts(own=(a_record(),), service=ServiceClass.MOBILE), victim=True))
    assert (marked.code, marked.to_pay) == (DecisionCode.PAY_FIRST, plain.to_pay)
    assert marked.reasons == (*plain.reasons, ReasonCode.VICTIM_MARKER)


def test_the_red_list_waives_payment_and_not_the_victims_verification() -> None:
    given_facts = facts(own=(a_record(),), service=ServiceClass.MOBILE)
    decision = decide(replace(given_facts, red_listed=True, victim=True))
    assert decision.code is DecisionCode.VERIFY_ID
    assert {ReasonCode.OWN_ARREARS, ReasonCode.RED_LIST, ReasonCode.VICTIM_MARKER} == set(decision.reasons)
