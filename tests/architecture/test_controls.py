"""Each rule is shown to find what it looks for: a checker that never fires is no checker."""

from tests.architecture.controls import BREAKS, KEEPS
from tests.architecture.rules import ALL_RULES, findings
from tests.architecture.words import WORD_RULES
from tests.support.cells import every_cell

RULES = {rule.__name__: rule for rule in (*ALL_RULES, *WORD_RULES)}


def test_every_rule_has_a_source_that_breaks_it() -> None:
    assert {control.rule for control in BREAKS} == set(RULES)


def test_a_broken_rule_is_found() -> None:
    with every_cell() as table:
        for control in BREAKS:
            with table.cell(control.rule, control.path):
                assert findings(control.path, control.text, (RULES[control.rule],))


def test_a_near_miss_is_let_through() -> None:
    with every_cell() as table:
        for control in KEEPS:
            with table.cell(control.rule, control.path):
                assert findings(control.path, control.text, (RULES[control.rule],)) == []
