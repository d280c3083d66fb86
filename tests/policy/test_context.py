"""The context of an inquiry holds if its channel has what it needs, and its words fit what was sent."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from protocol.codes import ServiceClass
from protocol.context import Channel, HouseholdSource, TokenName
from protocol.messages.context import Consent, HouseholdKey, HouseholdKeys
from protocol.messages.inquiries import InquiryRequest, UncheckedKeys
from protocol.messages.rules import ContextTerms
from protocol.messages.tokens import SubjectTokens
from protocol.problems import FieldCode
from protocol.states import HouseholdKeyState
from registry.policy.context import checked, faults, is_missing, unchecked
from tests.support.builders import tokens
from tests.support.contexts import GIVEN, NOT_GIVEN, a_context

TERMS = ContextTerms(consent_texts=("standard-1",))
DAY = dt.date(2026, 11, 29)
ALONE = tokens("wang")
AT_HOME = tokens("wang", register="home", address="street")
FIRM = HouseholdKey(state=HouseholdKeyState.NOT_APPLICABLE)


def asked(given: SubjectTokens = ALONE, **changes: Any) -> InquiryRequest:
    context = a_context(given, **changes)
    return InquiryRequest(inquiry_ref="1", tokens=given, service_class=ServiceClass.MOBILE, context=context)


def without_context(given: SubjectTokens = ALONE) -> InquiryRequest:
    return InquiryRequest(inquiry_ref="1", tokens=given, service_class=ServiceClass.MOBILE)


def homes(register: HouseholdKey, address: HouseholdKey = NOT_GIVEN) -> HouseholdKeys:
    return HouseholdKeys(register=register, address=address)


@pytest.mark.parametrize("given", [ALONE, AT_HOME])
def test_a_plain_context_holds(given: SubjectTokens) -> None:
    assert faults(asked(given), TERMS) == {}


def test_an_inquiry_without_a_context_has_no_fault_in_it() -> None:
    assert faults(without_context(), TERMS) == {}


@pytest.mark.parametrize("channel", Channel)
def test_a_channel_needs_a_place_a_dealer_and_a_clerk_where_it_has_them(channel: Channel) -> None:
    found = faults(asked(channel=channel, outlet=None, dealer=None, agent=None), TERMS)
    has_place = channel in {Channel.OUTLET, Channel.DEALER, Channel.DOOR_TO_DOOR}
    has_clerk = channel not in {Channel.ONLINE, Channel.SELF_SERVICE}
    needed = {"outlet": has_place, "dealer": channel is Channel.DEALER, "agent": has_clerk}
    assert found == {f"context.{name}": FieldCode.REQUIRED for name, is_needed in needed.items() if is_needed}


@pytest.mark.parametrize(
    ("given", "keys", "fault"),
    [
        (ALONE, homes(GIVEN), {"context.household.register.state": FieldCode.NOT_AS_SENT}),
        (AT_HOME, homes(NOT_GIVEN, GIVEN), {"context.household.register.state": FieldCode.NOT_AS_SENT}),
        (
            ALONE,
            homes(replace(NOT_GIVEN, source=HouseholdSource.DECLARED)),
            {"context.household.register.source": FieldCode.INVALID},
        ),
        (
            ALONE,
            homes(HouseholdKey(state=HouseholdKeyState.COLLECTIVE)),
            {"context.household.register.source": FieldCode.REQUIRED},
        ),
        (ALONE, homes(FIRM), {"context.household.register.state": FieldCode.INVALID}),
        (ALONE, homes(FIRM, FIRM), {}),
    ],
)
def test_the_state_of_a_household_key_fits_what_was_sent(
    given: SubjectTokens, keys: HouseholdKeys, fault: dict[str, FieldCode]
) -> None:
    assert faults(asked(given, household=keys), TERMS) == fault


def test_a_consent_names_a_text_of_the_rules() -> None:
    consent = Consent(text="another-1", ref=b"c" * 16)
    assert faults(asked(consent=consent), TERMS) == {"context.consent.text": FieldCode.UNKNOWN_TEXT}
    assert faults(asked(consent=consent), replace(TERMS, consent_texts=("standard-1", "another-1"))) == {}


def test_a_context_is_missing_from_the_day_of_the_rules_on() -> None:
    demanded = replace(TERMS, required_from=DAY)
    assert not is_missing(without_context(), TERMS, DAY)
    assert not is_missing(without_context(), demanded, DAY - dt.timedelta(days=1))
    assert is_missing(without_context(), demanded, DAY)
    assert not is_missing(asked(), demanded, DAY)


def test_an_answer_says_by_which_keys_was_looked_and_why_not_by_the_others() -> None:
    by_address = tokens("wang", address="street")
    assert checked(by_address) == (TokenName.SUBJECT, TokenName.HOUSEHOLD_ADDRESS)
    assert unchecked(asked(by_address)) == UncheckedKeys(household_register=HouseholdKeyState.NOT_GIVEN)
    assert unchecked(without_context(by_address)) == UncheckedKeys(household_register=HouseholdKeyState.NOT_ASKED)
    assert unchecked(asked(AT_HOME)) is None
