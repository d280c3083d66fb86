"""An inquiry is checked again under its own name: by its token, a bounded number of times, and for its asker alone."""

import json
import uuid
from typing import Any

import pytest

from protocol.codes import DecisionCode, ServiceClass
from protocol.log_entries import EntryKind
from protocol.messages.inquiries import InquiryAnswer
from protocol.messages.tokens import SubjectTokens
from protocol.problems import Problem, Refusal
from registry.usecases.inquiries.read import read_quote
from tests.support.builders import a_report, account, tokens
from tests.support.contexts import asks_in_context, checks_again
from tests.support.decision_tokens import claims_of
from tests.support.races import at_once
from tests.support.stories import asks, lists, settles
from tests.support.world import World

WANG = tokens("wang")


def asked(world: World, whose: SubjectTokens = WANG, service: ServiceClass = ServiceClass.MOBILE) -> InquiryAnswer:
    return asks_in_context(world, "carrier-b", whose, service)


def rechecked(
    world: World, last: InquiryAnswer, who: str = "carrier-b", inquiry_id: uuid.UUID | None = None
) -> InquiryAnswer:
    world.clock.forward(milliseconds=1)
    return checks_again(world, who, last, inquiry_id)


def refusal(world: World, *arguments: Any) -> Problem:
    with pytest.raises(Refusal) as refused:
        rechecked(world, *arguments)
    return refused.value.problem


def test_who_paid_meanwhile_is_allowed_under_the_same_inquiry(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    first = asked(world)
    assert first.decision is DecisionCode.PAY_FIRST
    settles(world, "carrier-a", WANG, account("A1"))
    again = rechecked(world, first)
    assert (again.inquiry_id, again.decision, again.changed) == (first.inquiry_id, DecisionCode.ALLOW, True)
    assert again.inquiry_ref == "again"
    claims = claims_of(again.decision_token)
    assert (claims["check"], claims["first"], claims["decision"]) == (1, "PAY_FIRST", "ALLOW")
    assert (claims["order"], claims["outlet"]) == (claims_of(first.decision_token)["order"], "SH-PD-0123")
    assert again.valid_until is not None
    assert again.valid_until > again.decided_at > first.decided_at


def test_nothing_changed_while_nothing_happened(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    first = asked(world)
    again = rechecked(world, first)
    assert (again.decision, again.changed) == (DecisionCode.PAY_FIRST, False)
    assert again.quote is not None
    assert first.quote is not None
    assert again.quote.total_fen == first.quote.total_fen
    assert again.quote.reference != first.quote.reference
    shown = read_quote(world.registry, world.actor("carrier-b"), again.quote.reference)
    assert shown.total_fen == first.quote.total_fen
    assert claims_of(rechecked(world, again).decision_token)["check"] == 2


def test_who_is_listed_after_the_inquiry_is_found_by_its_token(world: World) -> None:
    first = asked(world)
    assert first.decision is DecisionCode.ALLOW
    lists(world, "carrier-a", a_report("wang"))
    again = rechecked(world, first)
    assert (again.decision, again.changed) == (DecisionCode.PAY_FIRST, True)
    assert rechecked(world, again).changed is False


def test_a_households_arrears_are_found_by_the_token_too(world: World) -> None:
    home = tokens("li", address="street")
    first = asked(world, home, ServiceClass.BROADBAND)
    assert first.decision is DecisionCode.ALLOW
    report = a_report("wang", tokens=tokens("wang", address="street"), service_class=ServiceClass.BROADBAND)
    lists(world, "carrier-a", report)
    assert rechecked(world, first).decision is DecisionCode.PAY_FIRST


def test_each_check_is_an_entry_of_the_log(world: World) -> None:
    again = rechecked(world, asked(world))
    entries = world.registry.store.read(lambda tx: tx.openings.first(1_000))
    (entry,) = [each for each in entries if each.kind == EntryKind.INQUIRY_RECHECKED]
    whole = world.registry.store.read(lambda tx: tx.openings.find(entry.entry_id))
    assert whole is not None
    assert json.loads(whole.core)["facts"] == {
        "inquiry": str(again.inquiry_id),
        "number": 1,
        "changed": 0,
        "rules": again.rules_version,
    }
    assert set(json.loads(whole.personal or b"{}")) == {"subject", "decision", "reasons", "order"}


def test_a_check_is_its_askers_and_names_its_own_inquiry(world: World) -> None:
    first, other = asked(world), asked(world, tokens("li"))
    assert refusal(world, first, "carrier-a") is Problem.TOKEN_FOREIGN
    assert refusal(world, first, "carrier-b", other.inquiry_id) is Problem.TOKEN_INVALID
    plain = asks(world, "carrier-b", WANG)
    assert refusal(world, plain) is Problem.TOKEN_INVALID


def test_checks_are_counted_and_end_after_twenty(world: World) -> None:
    last = asked(world)
    for number in range(1, 21):
        last = rechecked(world, last)
        assert claims_of(last.decision_token)["check"] == number
    assert refusal(world, last) is Problem.RECHECK_OVER


def test_an_inquiry_is_checked_for_thirty_days(world: World) -> None:
    first = asked(world)
    world.clock.forward(days=29)
    again = rechecked(world, first)
    world.clock.forward(days=1)
    assert refusal(world, again) is Problem.RECHECK_OVER


def test_two_checks_at_the_same_instant_are_both_counted(world: World) -> None:
    first = asked(world)
    answers = at_once(4, lambda _: checks_again(world, "carrier-b", first))
    assert sorted(claims_of(each.decision_token)["check"] for each in answers) == [1, 2, 3, 4]
