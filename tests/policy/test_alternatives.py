"""Alternatives: nobody is left without a service that can be had today, but for whoever has to be verified first."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.alternatives import AlternativeKind
from protocol.codes import DecisionCode, ServiceClass
from protocol.messages.inquiries import Alternative
from protocol.messages.rules import AlternativeTerms
from protocol.wire.codec import write
from registry.policy.alternatives import alternatives
from registry.policy.decision import InquiryFacts, decide
from registry.policy.rules import DEFAULT_RULES
from tests.support.builders import a_record

TERMS = DEFAULT_RULES.versions[0].alternatives
PREPAID = Alternative(kind=AlternativeKind.PREPAID_ONLY)
SERVED = frozenset({DecisionCode.ALLOW, DecisionCode.DEPOSIT, DecisionCode.PREPAID_ONLY})


def deposit(fen: int) -> Alternative:
    return Alternative(kind=AlternativeKind.DEPOSIT, amount_fen=fen)


def offered(
    decision: DecisionCode, service: ServiceClass = ServiceClass.MOBILE, *, owed: int = 0, up_to: int = 0
) -> tuple[Alternative, ...]:
    return alternatives(decision, service, quote_fen=owed, terms=replace(TERMS, deposit_up_to_fen=up_to))


@pytest.mark.parametrize(
    ("decision", "service", "expected"),
    [
        (DecisionCode.PAY_FIRST, ServiceClass.MOBILE, (PREPAID,)),
        (DecisionCode.PAY_FIRST, ServiceClass.BROADBAND, (PREPAID,)),
        (DecisionCode.PAY_FIRST, ServiceClass.FIXED_VOICE, ()),
        (DecisionCode.PAY_FIRST, ServiceClass.IPTV, ()),
        (DecisionCode.REVIEW, ServiceClass.MOBILE, (PREPAID, deposit(100_00))),
        (DecisionCode.REVIEW, ServiceClass.BROADBAND, (PREPAID, deposit(200_00))),
        (DecisionCode.REVIEW, ServiceClass.FIXED_VOICE, (deposit(100_00),)),
        (DecisionCode.REVIEW, ServiceClass.IPTV, (deposit(100_00),)),
        (DecisionCode.DEPOSIT, ServiceClass.MOBILE, (PREPAID,)),
        (DecisionCode.DEPOSIT, ServiceClass.IPTV, (PREPAID,)),
    ],
)
def test_the_founding_rules_offer_prepaid_and_deposit(
    decision: DecisionCode, service: ServiceClass, expected: tuple[Alternative, ...]
) -> None:
    assert offered(decision, service, owed=300_00) == expected


@pytest.mark.parametrize("decision", [DecisionCode.ALLOW, DecisionCode.VERIFY_ID])
@pytest.mark.parametrize("service", list(ServiceClass))
def test_an_allowed_service_needs_no_alternative_and_a_thief_gets_none(
    decision: DecisionCode, service: ServiceClass
) -> None:
    assert offered(decision, service, owed=300_00, up_to=100_000_00) == ()


@pytest.mark.parametrize(
    ("owed", "up_to", "with_deposit"), [(300_00, 0, False), (300_00, 299_99, False), (300_00, 300_00, True)]
)
def test_a_deposit_stands_in_for_a_small_quote_where_the_rules_say_so(
    owed: int, up_to: int, *, with_deposit: bool
) -> None:
    expected = (PREPAID, deposit(100_00)) if with_deposit else (PREPAID,)
    assert offered(DecisionCode.PAY_FIRST, owed=owed, up_to=up_to) == expected


@given(
    st.sets(st.sampled_from(ServiceClass)).map(lambda some: tuple(sorted({*some, ServiceClass.MOBILE}))),
    st.integers(0, 100_000_00),
)
def test_nobody_is_left_without_a_mobile_service_but_for_verification(
    prepaid: tuple[ServiceClass, ...], up_to: int
) -> None:
    terms: AlternativeTerms = replace(TERMS, prepaid_services=prepaid, deposit_up_to_fen=up_to)
    records, flags = [(), (a_record(),)], (False, True)
    for own, household, red_listed, victim in itertools.product(records, records, flags, flags):
        facts = InquiryFacts(
            service_class=ServiceClass.MOBILE, own=own, household=household, red_listed=red_listed, victim=victim
        )
        code = decide(facts).code
        others = alternatives(code, ServiceClass.MOBILE, quote_fen=300_00 if own else 0, terms=terms)
        assert code in SERVED or others or code is DecisionCode.VERIFY_ID
    for code in DecisionCode:
        others = alternatives(code, ServiceClass.MOBILE, quote_fen=0, terms=terms)
        assert code in SERVED or others or code is DecisionCode.VERIFY_ID


def test_the_rules_have_a_deposit_for_every_service() -> None:
    assert write(TERMS.deposit_fen).keys() == {each.value for each in ServiceClass}
    assert {each: TERMS.deposit_fen.of(each) for each in ServiceClass} == write(TERMS.deposit_fen)
