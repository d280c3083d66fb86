"""The shape of a module: it says its job, fits into a head, and its values cannot be changed or print secrets."""

from pathlib import Path

import pytest

from tests.architecture.rooms import product_paths
from tests.architecture.rules import SHAPE_RULES, findings
from tests.architecture.words import WORD_RULES
from tests.support.root import ROOT


@pytest.mark.parametrize("path", product_paths(), ids=str)
def test_a_module_has_the_shape_of_the_house(path: Path) -> None:
    assert findings(path, (ROOT / path).read_text(), (*SHAPE_RULES, *WORD_RULES)) == []
