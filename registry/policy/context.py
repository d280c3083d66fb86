"""Judges an inquiry's context by the rules: what its channel needs, what was sent, and which consent texts there are.

Nobody here can tell whether outlet, clerk, consent or household are true: the signature makes them the carrier's word.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Final

from protocol.context import WITH_DEALER, WITH_OUTLET, WITHOUT_AGENT, TokenName
from protocol.messages.context import HouseholdKey, InquiryContext
from protocol.messages.inquiries import InquiryRequest, UncheckedKeys
from protocol.messages.rules import ContextTerms
from protocol.messages.tokens import SubjectTokens
from protocol.problems import FieldCode
from protocol.readings import Reading
from protocol.states import SOURCED_STATES, HouseholdKeyState

LEAST_NOTICE_DAYS: Final = 90
"""A version of the rules demands a context so many days after its approval at the earliest."""


def is_missing(request: InquiryRequest, terms: ContextTerms, today: dt.date) -> bool:
    """Tell whether the inquiry needs a context by now and has none."""
    return request.context is None and terms.required_from is not None and terms.required_from <= today


def is_untold(reading: Reading, terms: ContextTerms, today: dt.date) -> bool:
    """Tell whether an office's reading needs a purpose and an agent by now and lacks one of them."""
    is_required = terms.required_from is not None and terms.required_from <= today
    return is_required and (reading.purpose is None or reading.agent is None)


def faults(request: InquiryRequest, terms: ContextTerms) -> dict[str, str]:
    """Find what does not hold in the context, by the path of its field; nothing for an inquiry without one."""
    return {} if request.context is None else dict(_faults(request.context, request.tokens, terms))


def _faults(context: InquiryContext, tokens: SubjectTokens, terms: ContextTerms) -> Iterator[tuple[str, FieldCode]]:
    if context.outlet is None and context.channel in WITH_OUTLET:
        yield "context.outlet", FieldCode.REQUIRED
    if context.dealer is None and context.channel in WITH_DEALER:
        yield "context.dealer", FieldCode.REQUIRED
    if context.agent is None and context.channel not in WITHOUT_AGENT:
        yield "context.agent", FieldCode.REQUIRED
    if context.consent.text not in terms.consent_texts:
        yield "context.consent.text", FieldCode.UNKNOWN_TEXT
    sent = {"register": tokens.household_register, "address": tokens.household_address}
    keys = {"register": context.household.register, "address": context.household.address}
    for name, key in keys.items():
        yield from _of_key(f"context.household.{name}", key, is_sent=sent[name] is not None)
    firms = [name for name, key in keys.items() if key.state is HouseholdKeyState.NOT_APPLICABLE]
    if len(firms) == 1:
        yield f"context.household.{firms[0]}.state", FieldCode.INVALID


def _of_key(path: str, key: HouseholdKey, *, is_sent: bool) -> Iterator[tuple[str, FieldCode]]:
    if (key.state is HouseholdKeyState.GIVEN) is not is_sent:
        yield f"{path}.state", FieldCode.NOT_AS_SENT
    if key.source is None and key.state in SOURCED_STATES:
        yield f"{path}.source", FieldCode.REQUIRED
    if key.source is not None and key.state not in SOURCED_STATES:
        yield f"{path}.source", FieldCode.INVALID


def checked(tokens: SubjectTokens) -> tuple[TokenName, ...]:
    """Name the elements by which the registry looks."""
    present = {
        TokenName.SUBJECT: True,
        TokenName.HOUSEHOLD_REGISTER: tokens.household_register is not None,
        TokenName.HOUSEHOLD_ADDRESS: tokens.household_address is not None,
    }
    return tuple(name for name, is_there in present.items() if is_there)


def unchecked(request: InquiryRequest) -> UncheckedKeys | None:
    """Say for each household key that was not sent why; None where both were."""
    tokens, register, address = request.tokens, HouseholdKeyState.NOT_ASKED, HouseholdKeyState.NOT_ASKED
    if request.context is not None:
        told = request.context.household
        register, address = told.register.state, told.address.state
    if tokens.household_register is not None and tokens.household_address is not None:
        return None
    return UncheckedKeys(
        household_register=register if tokens.household_register is None else None,
        household_address=address if tokens.household_address is None else None,
    )
