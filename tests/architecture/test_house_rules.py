"""The shape of a module: it says its job, fits into a head, and its values cannot be changed or print secrets."""

import pytest

from tests.architecture.rooms import UNITS
from tests.architecture.rules import SHAPE_RULES, findings_below
from tests.architecture.words import WORD_RULES


@pytest.mark.parametrize("unit", UNITS)
def test_each_module_has_the_shape_of_the_house(unit: str) -> None:
    assert findings_below(unit, (*SHAPE_RULES, *WORD_RULES)) == []
