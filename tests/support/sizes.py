"""The sizes of the long stories and of the property tests: `make soak` runs all of each, the usual run a part."""

import os
from typing import Final

FULL_SIZE: Final = bool(os.environ.get("SOAK"))


def examples(full: int) -> int:
    """Return how many examples a property test draws: a quarter of them, other ones in each run, until `make soak`."""
    return full if FULL_SIZE else full // 4
