"""Confused with a flatmate: one step at the counter, both ways, for a time, and never for one's own debt."""

import json
import uuid
from typing import Any

import pytest

from protocol.codes import DecisionCode, Remedy, Role, ServiceClass
from protocol.messages.tokens import SubjectTokens
from protocol.problems import Problem, Refusal
from registry.usecases.disassociations.read import read_rebuttal
from registry.usecases.disassociations.withdraw import withdraw_rebuttal
from tests.support.builders import a_report, tokens
from tests.support.disassociations import FLAT, SON, rebuts
from tests.support.stories import asks, lists
from tests.support.world import World

DEBTOR = tokens("debtor", address=FLAT)


def broadband(world: World, whose: SubjectTokens, carrier: str = "carrier-b") -> DecisionCode:
    return asks(world, carrier, whose, ServiceClass.BROADBAND).decision


def refusal(problem: Problem) -> Any:
    return pytest.raises(Refusal, match=problem.value.name)


@pytest.fixture
def owed(world: World) -> World:
    """A stranger's broadband debt at the address that the son has moved to."""
    lists(world, "carrier-a", a_report(tokens=DEBTOR, service_class=ServiceClass.BROADBAND))
    return world


def test_confused_with_a_flatmate_and_served_at_once_after_one_step(owed: World) -> None:
    refused = asks(owed, "carrier-b", SON, ServiceClass.BROADBAND)
    assert refused.decision is DecisionCode.PAY_FIRST
    assert Remedy.REBUT_HOUSEHOLD in refused.remedies
    told = rebuts(owed)
    assert (told["state"], told["households"], told["until"]) == ("HOLDS", ["ADDRESS"], "2028-11-21")
    for carrier in ("carrier-b", "carrier-c"):
        assert broadband(owed, SON, carrier) is DecisionCode.ALLOW
    assert broadband(owed, DEBTOR) is DecisionCode.PAY_FIRST
    assert broadband(owed, tokens("another flatmate", address=FLAT)) is DecisionCode.PAY_FIRST


def test_a_rebuttal_runs_out_and_is_renewed(owed: World) -> None:
    rebuts(owed)
    owed.clock.forward(days=730)
    assert broadband(owed, SON) is DecisionCode.ALLOW
    renewed = rebuts(owed, carrier="carrier-c")
    assert renewed["until"] == "2030-11-20"
    owed.clock.forward(days=1)
    assert broadband(owed, SON) is DecisionCode.ALLOW
    owed.clock.forward(days=729)
    assert broadband(owed, SON) is DecisionCode.PAY_FIRST


def test_a_rebuttal_never_hides_ones_own_debt(owed: World) -> None:
    rebuts(owed, DEBTOR)
    assert broadband(owed, DEBTOR) is DecisionCode.PAY_FIRST
    assert asks(owed, "carrier-b", tokens("debtor")).decision is DecisionCode.PAY_FIRST


def test_who_has_left_a_household_weighs_on_nobody_there(owed: World) -> None:
    assert broadband(owed, SON) is DecisionCode.PAY_FIRST
    rebuts(owed, DEBTOR)
    assert broadband(owed, SON) is DecisionCode.ALLOW


def test_one_household_is_rebutted_and_the_other_still_weighs(world: World) -> None:
    both: dict[str, Any] = {"register": "4201060011665", "address": FLAT}
    lists(world, "carrier-a", a_report(tokens=tokens("debtor", **both), service_class=ServiceClass.IPTV))
    rebuts(world)
    assert broadband(world, tokens("son", **both)) is DecisionCode.PAY_FIRST
    assert rebuts(world, tokens("son", **both))["households"] == ["ADDRESS", "REGISTER"]
    assert broadband(world, tokens("son", **both)) is DecisionCode.ALLOW


def test_a_household_is_rebutted_before_anybody_owes_there(world: World) -> None:
    rebuts(world)
    lists(world, "carrier-a", a_report(tokens=DEBTOR, service_class=ServiceClass.BROADBAND))
    assert broadband(world, SON) is DecisionCode.ALLOW
    assert broadband(world, tokens("cousin", address=FLAT)) is DecisionCode.PAY_FIRST


def test_a_rebuttal_without_a_household_is_none(world: World) -> None:
    with refusal(Problem.INVALID_FIELD) as refused:
        rebuts(world, tokens("son"))
    assert refused.value.fields == {"tokens": "has-no-household"}


def test_its_filer_takes_a_rebuttal_back_once(owed: World) -> None:
    rebuttal_id = uuid.UUID(rebuts(owed)["rebuttal_id"])
    with refusal(Problem.NOT_FOUND):
        withdraw_rebuttal(owed.registry, owed.actor("carrier-c"), owed.call(), rebuttal_id)
    with refusal(Problem.NOT_FOUND):
        read_rebuttal(owed.registry, owed.actor("carrier-c"), rebuttal_id)
    outcome = withdraw_rebuttal(owed.registry, owed.actor("carrier-b"), owed.call(), rebuttal_id)
    assert json.loads(outcome.body)["state"] == "WITHDRAWN"
    assert broadband(owed, SON) is DecisionCode.PAY_FIRST
    with refusal(Problem.EDGE_NOT_ALLOWED):
        withdraw_rebuttal(owed.registry, owed.actor("carrier-b"), owed.call(), rebuttal_id)


def test_an_adjudicator_revokes_a_rebuttal_that_was_not_true(owed: World) -> None:
    rebuttal_id = uuid.UUID(rebuts(owed)["rebuttal_id"])
    court = owed.actor("court", Role.ADJUDICATOR)
    assert read_rebuttal(owed.registry, court, rebuttal_id).filed_by == "carrier-b"
    withdraw_rebuttal(owed.registry, owed.actor("operator", Role.ADJUDICATOR), owed.call(), rebuttal_id)
    assert read_rebuttal(owed.registry, court, rebuttal_id).state == "WITHDRAWN"
    assert broadband(owed, SON) is DecisionCode.PAY_FIRST


def test_every_rebuttal_and_its_end_are_in_the_log_without_a_pseudonym_in_the_core(owed: World) -> None:
    rebuttal_id = uuid.UUID(rebuts(owed)["rebuttal_id"])
    withdraw_rebuttal(owed.registry, owed.actor("carrier-b"), owed.call(), rebuttal_id)
    entries = owed.registry.store.read(lambda tx: tx.openings.first(1000))
    told = [each for each in entries if each.kind.startswith("household.")]
    # Both may be of one millisecond, and then their order in the log says nothing.
    assert sorted(each.kind for each in told) == ["household.rebuttal-ended", "household.rebutted"]
    for each in told:
        assert each.personal is not None
        assert each.subject_key is not None
        assert str(rebuttal_id).encode() in each.core
        assert each.subject_key.hex().encode() not in each.core
