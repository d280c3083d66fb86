"""The parties around a gateway's pins."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.pins import PinHouse


@pytest.fixture
def house(tmp_path: Path) -> Iterator[PinHouse]:
    made = PinHouse(tmp_path)
    yield made
    made.close()
