"""A world whose rules grade people, and carriers with terms of their own for low grades."""

from dataclasses import replace
from typing import Any, Final

from api.examples.grades import NEW_CREDIT_TERMS
from protocol.beijing import beijing_date
from protocol.messages.grades import GradeTerms, NewCreditTerms
from protocol.wire.codec import read
from registry.policy.first_scorecard import FIRST_GRADE
from registry.policy.rules import DEFAULT_RULES, RuleBook
from registry.usecases.grades.credit_terms import set_credit_terms
from tests.support.world import World

GRADED: Final = RuleBook((replace(DEFAULT_RULES.versions[0], grade=read(GradeTerms, FIRST_GRADE)),))
"""The founding rules with the first scorecard."""
BINDING: Final = {"tariff": None, "average_bill_fen": 59_00, "use": "BINDING"}


def graded(world: World, *carriers: str, **terms: Any) -> World:
    """Let the rules grade people, and carriers bind themselves to a deposit of two bills of 59.00 yuan for mobile."""
    world.registry = replace(world.registry, founding_rules=GRADED)
    for carrier in carriers:
        sets_terms(world, carrier, **terms)
    return world


def sets_terms(world: World, carrier: str, **changes: Any) -> None:
    """Set the carrier's terms from today on."""
    today = beijing_date(world.clock()).isoformat()
    document = {**NEW_CREDIT_TERMS, **BINDING, "effective_from": today, **changes}
    wanted = read(NewCreditTerms, {name: value for name, value in document.items() if value is not None})
    set_credit_terms(world.registry, world.actor(carrier), world.call(), wanted)
