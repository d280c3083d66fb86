"""Each rule is shown to find what it looks for: a checker that never fires is no checker."""

import pytest

from tests.architecture.controls import BREAKS, KEEPS, Control
from tests.architecture.rules import ALL_RULES, findings
from tests.architecture.words import WORD_RULES

RULES = {rule.__name__: rule for rule in (*ALL_RULES, *WORD_RULES)}


def test_every_rule_has_a_source_that_breaks_it() -> None:
    assert {control.rule for control in BREAKS} == set(RULES)


@pytest.mark.parametrize("control", BREAKS, ids=lambda control: f"{control.rule} {control.path}")
def test_a_broken_rule_is_found(control: Control) -> None:
    assert findings(control.path, control.text, (RULES[control.rule],))


@pytest.mark.parametrize("control", KEEPS, ids=lambda control: f"{control.rule} {control.path}")
def test_a_near_miss_is_let_through(control: Control) -> None:
    assert findings(control.path, control.text, (RULES[control.rule],)) == []
