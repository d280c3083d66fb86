"""Who may import whom, and which rooms may touch the web, SQL, the environment, the clock and a transaction."""

import pytest

from tests.architecture.rooms import UNITS, paths_of_tests
from tests.architecture.rules import CONDUCT_RULES, IMPORT_RULES, TEST_RULES, findings, findings_below
from tests.support.root import ROOT


@pytest.mark.parametrize("unit", UNITS)
def test_each_module_stays_inside_its_walls(unit: str) -> None:
    assert findings_below(unit, IMPORT_RULES) == []


@pytest.mark.parametrize("unit", UNITS)
def test_each_module_keeps_the_rules_of_conduct(unit: str) -> None:
    assert findings_below(unit, CONDUCT_RULES) == []


def test_no_test_imports_a_test() -> None:
    wrong = [line for path in paths_of_tests() for line in findings(path, (ROOT / path).read_text(), TEST_RULES)]
    assert wrong == []


def test_every_room_of_the_table_holds_source() -> None:
    assert [unit for unit in UNITS if not any((ROOT / unit).rglob("*.py"))] == []
