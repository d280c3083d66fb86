"""An answer offers what can be had at once by the rules of its day, and nothing more is written for it."""

import json
from dataclasses import replace

import pytest

from protocol.alternatives import AlternativeKind
from protocol.codes import DecisionCode, ServiceClass
from protocol.messages.inquiries import Alternative
from registry.policy.rules import DEFAULT_RULES, RuleBook
from registry.usecases.inquiries.inquire import inquire
from tests.support.builders import a_report, tokens
from tests.support.inquiry_groups import an_inquiry
from tests.support.stories import asks, lists
from tests.support.world import World

WANG, LI = tokens("wang", register="home"), tokens("li", register="home")
PREPAID = Alternative(kind=AlternativeKind.PREPAID_ONLY)


def with_deposits_up_to(world: World, fen: int) -> None:
    founding = DEFAULT_RULES.versions[0]
    rules = replace(founding, alternatives=replace(founding.alternatives, deposit_up_to_fen=fen))
    world.registry = replace(world.registry, founding_rules=RuleBook((rules,)))


@pytest.fixture
def listed(world: World) -> World:
    lists(world, "carrier-a", a_report("wang", "A1", tokens=WANG))
    return world


def test_a_debtor_is_offered_a_prepaid_line(listed: World) -> None:
    answer = asks(listed, "carrier-b", WANG)
    assert (answer.decision, answer.alternatives) == (DecisionCode.PAY_FIRST, (PREPAID,))
    assert asks(listed, "carrier-b", WANG, ServiceClass.IPTV).alternatives == ()


def test_a_member_of_the_household_is_offered_prepaid_or_a_deposit(listed: World) -> None:
    answer = asks(listed, "carrier-b", LI)
    deposit = Alternative(kind=AlternativeKind.DEPOSIT, amount_fen=100_00)
    assert (answer.decision, answer.alternatives) == (DecisionCode.REVIEW, (PREPAID, deposit))


def test_a_deposit_stands_in_for_a_quote_up_to_the_sum_of_the_rules(listed: World) -> None:
    quote = asks(listed, "carrier-b", WANG).quote
    assert quote is not None
    offered = []
    for up_to in (quote.total_fen - 1, quote.total_fen):
        with_deposits_up_to(listed, up_to)
        offered.append([each.kind.value for each in asks(listed, "carrier-b", WANG).alternatives])
    assert offered == [["PREPAID_ONLY"], ["PREPAID_ONLY", "DEPOSIT"]]


def test_nobody_else_is_offered_anything_and_the_answer_has_no_member_for_it(listed: World) -> None:
    asked = an_inquiry(listed, "carrier-b", tokens("stranger"), key="k1")
    outcome = inquire(listed.registry, asked.actor, asked.call, asked.request)
    assert "alternatives" not in json.loads(outcome.body)


def test_an_answer_that_is_given_again_offers_what_it_offered(listed: World) -> None:
    asked = an_inquiry(listed, "carrier-b", WANG, key="k1")
    first = inquire(listed.registry, asked.actor, asked.call, asked.request)
    with_deposits_up_to(listed, 100_000_00)
    again = an_inquiry(listed, "carrier-b", WANG, key="k1")
    assert inquire(listed.registry, again.actor, again.call, again.request).body == first.body
