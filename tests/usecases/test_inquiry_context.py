"""An inquiry with a context is logged with it; one whose context does not hold is refused, and its request kept."""

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest

from protocol.codes import DecisionCode, ServiceClass
from protocol.context import Channel, TokenName
from protocol.encodings import b64url_encode
from protocol.log_entries import EntryKind
from protocol.messages.context import Consent
from protocol.messages.inquiries import InquiryAnswer, InquiryRequest, UncheckedKeys
from protocol.problems import FieldCode, Problem, Refusal
from protocol.states import HouseholdKeyState
from protocol.wire.codec import read
from registry.policy.rules import DEFAULT_RULES, RuleBook, context_terms
from registry.usecases.context import Outcome
from registry.usecases.inquiries.group import answer_group
from registry.usecases.inquiries.inquire import inquire, inquire_batch
from tests.support.builders import TODAY, a_report, tokens
from tests.support.contexts import the_longest, with_context
from tests.support.inquiry_groups import an_inquiry, kept_of
from tests.support.statements import statement
from tests.support.stories import asks, lists
from tests.support.world import World

HOME = tokens("wang", register="home", address="street")
REQUEST = InquiryRequest(inquiry_ref="order-1", tokens=HOME, service_class=ServiceClass.BROADBAND)
MOST_CORE, MOST_PERSONAL = 700, 280
"""Bytes of an inquiry's entry."""


def answered(world: World, request: InquiryRequest) -> InquiryAnswer:
    outcome = inquire(world.registry, world.actor("carrier-b"), world.call(), request)
    return read(InquiryAnswer, json.loads(outcome.body))


def entry_of(world: World, answer: InquiryAnswer) -> tuple[dict[str, Any], dict[str, Any], int, int]:
    """Core facts and personal part of the inquiry's entry, and the bytes of both."""
    entry = world.registry.store.read(lambda tx: tx.openings.find(answer.inquiry_id))
    assert entry is not None
    assert entry.kind == EntryKind.INQUIRY
    assert entry.personal is not None
    core = json.loads(entry.core)["facts"]
    return core, json.loads(entry.personal), len(entry.core), len(entry.personal)


def test_who_asked_and_how_is_core_and_whom_about_is_personal(world: World) -> None:
    answer = answered(world, with_context(REQUEST, lines=3, port_in=True))
    core, personal, _, _ = entry_of(world, answer)
    assert core == {
        "service": "BROADBAND",
        "rules": answer.rules_version,
        "purpose": "NEW_LINE",
        "channel": "OUTLET",
        "outlet": "SH-PD-0123",
        "identity": "READER",
        "register": "GIVEN",
        "address": "GIVEN",
        "register_source": "DOCUMENT",
        "address_source": "DOCUMENT",
        "lines": 3,
        "port": 1,
        "consent": "standard-1",
    }
    refs = {"order": b"o" * 16, "agent": b"a" * 16, "consent_ref": b"c" * 16}
    assert {name: personal[name] for name in refs} == {name: b64url_encode(ref) for name, ref in refs.items()}


def test_an_inquiry_without_a_context_is_logged_as_before(world: World) -> None:
    core, personal, _, _ = entry_of(world, answered(world, REQUEST))
    assert set(core) == {"service", "rules"}
    assert set(personal) == {"subject", "decision", "reasons"}


def test_the_longest_context_keeps_the_bounds_of_an_entry(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    _, _, core, personal = entry_of(world, answered(world, replace(REQUEST, context=the_longest(HOME))))
    assert core <= MOST_CORE
    assert personal <= MOST_PERSONAL


def test_an_answer_says_what_was_checked_and_until_when_it_holds(world: World) -> None:
    alone = replace(REQUEST, tokens=tokens("wang", address="street"))
    answer = answered(world, with_context(alone))
    assert answer.checked == (TokenName.SUBJECT, TokenName.HOUSEHOLD_ADDRESS)
    assert answer.unchecked == UncheckedKeys(household_register=HouseholdKeyState.NOT_GIVEN)
    minutes = DEFAULT_RULES.versions[0].decision_token_minutes
    assert answer.valid_until == answer.decided_at + dt.timedelta(minutes=minutes)
    told = asks(world, "carrier-b", tokens("wang"))
    assert told.unchecked == UncheckedKeys(
        household_register=HouseholdKeyState.NOT_ASKED, household_address=HouseholdKeyState.NOT_ASKED
    )


def test_the_context_changes_no_decision(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    plain = asks(world, "carrier-b", HOME, ServiceClass.BROADBAND)
    answer = answered(world, with_context(REQUEST))
    assert answer.decision is plain.decision is DecisionCode.PAY_FIRST
    assert (answer.reasons, answer.remedies) == (plain.reasons, plain.remedies)


def test_a_context_that_does_not_hold_is_refused_alone_and_the_request_is_kept(world: World) -> None:
    wrong = Consent(text="another-1", ref=bytes(16))
    group = [an_inquiry(world, "carrier-b", HOME, key=f"order-{number}") for number in range(3)]
    group[1] = replace(group[1], request=with_context(group[1].request, consent=wrong, outlet=None))
    first, refused, last = answer_group(world.registry, group)
    assert isinstance(first, Outcome)
    assert isinstance(last, Outcome)
    assert isinstance(refused, Refusal)
    assert refused.problem is Problem.INVALID_FIELD
    assert refused.fields == {
        "context.consent.text": FieldCode.UNKNOWN_TEXT,
        "context.outlet": FieldCode.REQUIRED,
    }
    assert kept_of(world, group) == [True, True, True]


def test_a_batch_names_the_place_of_the_context_that_does_not_hold(world: World) -> None:
    batch = [with_context(REQUEST), with_context(REQUEST, agent=None)]
    with pytest.raises(Refusal) as refused:
        inquire_batch(world.registry, world.actor("carrier-b"), world.call(), batch)
    assert refused.value.fields == {"inquiries.1.context.agent": FieldCode.REQUIRED}


@pytest.mark.parametrize("days", [0, 1])
def test_from_its_day_on_an_inquiry_needs_a_context(world: World, days: int) -> None:
    founding = DEFAULT_RULES.versions[0]
    terms = replace(context_terms(founding), required_from=TODAY + dt.timedelta(days=1))
    demanding = RuleBook((replace(founding, context=terms),))
    world = replace(world, registry=replace(world.registry, founding_rules=demanding))
    world.clock.forward(days=days)
    assert answered(world, with_context(REQUEST)).decision is DecisionCode.ALLOW
    if days == 0:
        assert answered(world, REQUEST).decision is DecisionCode.ALLOW
        return
    with pytest.raises(Refusal) as refused:
        answered(world, REQUEST)
    assert refused.value.problem is Problem.CONTEXT_REQUIRED
    with pytest.raises(Refusal) as refused:
        inquire_batch(world.registry, world.actor("carrier-b"), world.call(), [with_context(REQUEST), REQUEST])
    assert (refused.value.problem, refused.value.fields) == (
        Problem.CONTEXT_REQUIRED,
        {"inquiries.1": FieldCode.REQUIRED},
    )


def test_a_statement_tells_why_and_where_somebody_asked(world: World) -> None:
    online = with_context(REQUEST, channel=Channel.ONLINE, outlet=None)
    for request in (with_context(REQUEST), online, REQUEST):
        answered(world, request)
        world.clock.forward(milliseconds=1)
    told = [
        {name: each[name] for name in ("purpose", "channel", "outlet") if name in each}
        for each in statement(world, tokens("wang"))["inquiries"]
    ]
    assert told == [
        {"purpose": "NEW_LINE", "channel": "OUTLET", "outlet": "SH-PD-0123"},
        {"purpose": "NEW_LINE", "channel": "ONLINE"},
        {},
    ]
