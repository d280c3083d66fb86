"""Contexts of inquiries: a plain one at a counter, and the longest one that there can be."""

import json
import uuid
from dataclasses import replace
from typing import Any

from protocol.codes import ServiceClass
from protocol.context import MOST_LINES, Channel, HouseholdSource, IdentityCheck, Purpose
from protocol.messages.context import Consent, HouseholdKey, HouseholdKeys, InquiryContext
from protocol.messages.inquiries import InquiryAnswer, InquiryRequest, RecheckRequest
from protocol.messages.tokens import SubjectTokens
from protocol.states import HouseholdKeyState
from protocol.wire.codec import read
from registry.usecases.inquiries.inquire import inquire
from registry.usecases.inquiries.recheck import recheck
from tests.support.world import World

GIVEN = HouseholdKey(state=HouseholdKeyState.GIVEN, source=HouseholdSource.DOCUMENT)
NOT_GIVEN = HouseholdKey(state=HouseholdKeyState.NOT_GIVEN)


def a_context(tokens: SubjectTokens, **changes: Any) -> InquiryContext:
    """The context of a new line at a counter, true of the tokens that are sent."""
    register = NOT_GIVEN if tokens.household_register is None else GIVEN
    address = NOT_GIVEN if tokens.household_address is None else GIVEN
    context = InquiryContext(
        purpose=Purpose.NEW_LINE,
        channel=Channel.OUTLET,
        identity=IdentityCheck.READER,
        household=HouseholdKeys(register=register, address=address),
        consent=Consent(text="standard-1", ref=b"c" * 16),
        order=b"o" * 16,
        outlet="SH-PD-0123",
        agent=b"a" * 16,
    )
    return replace(context, **changes)


def with_context(request: InquiryRequest, **changes: Any) -> InquiryRequest:
    """The same inquiry with a context."""
    return replace(request, context=a_context(request.tokens, **changes))


def the_longest(tokens: SubjectTokens) -> InquiryContext:
    """The context with the longest value of every field."""
    key = HouseholdKey(state=HouseholdKeyState.NOT_CANONICAL, source=HouseholdSource.DOCUMENT)
    register = key if tokens.household_register is None else GIVEN
    address = key if tokens.household_address is None else GIVEN
    return a_context(
        tokens,
        purpose=Purpose.OWNERSHIP_CHANGE,
        channel=Channel.DOOR_TO_DOOR,
        identity=IdentityCheck.DOCUMENT_SEEN,
        household=HouseholdKeys(register=register, address=address),
        outlet="X" * 32,
        dealer="Y" * 32,
        lines=MOST_LINES,
        port_in=True,
    )


def asks_in_context(
    world: World, carrier: str, whose: SubjectTokens, service: ServiceClass = ServiceClass.MOBILE, **changes: Any
) -> InquiryAnswer:
    """Ask with a context."""
    request = with_context(InquiryRequest(inquiry_ref="order-1", tokens=whose, service_class=service), **changes)
    outcome = inquire(world.registry, world.actor(carrier), world.call(), request)
    return read(InquiryAnswer, json.loads(outcome.body))


def asks_in_order(world: World, carrier: str, request: InquiryRequest, order: bytes) -> InquiryAnswer:
    """Ask with the context of one order (16 bytes)."""
    outcome = inquire(world.registry, world.actor(carrier), world.call(), with_context(request, order=order))
    return read(InquiryAnswer, json.loads(outcome.body))


def checks_again(world: World, carrier: str, last: InquiryAnswer, inquiry_id: uuid.UUID | None = None) -> InquiryAnswer:
    """Ask whether anything has changed since an answer."""
    request = RecheckRequest(inquiry_ref="again", decision_token=last.decision_token)
    outcome = recheck(world.registry, world.actor(carrier), world.call(), inquiry_id or last.inquiry_id, request)
    return read(InquiryAnswer, json.loads(outcome.body))
