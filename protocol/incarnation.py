"""The incarnation of the registry: a number that each restore raises, in a header and in every cursor."""

import re
from typing import Final

HEADER: Final = "Clearline-Incarnation"
FIRST: Final = 1
"""The incarnation of a registry that was never restored; a missing header means it, too."""
MOST: Final = 8_191
_PLACE_BITS: Final = 40
MOST_PLACES: Final = (1 << _PLACE_BITS) - 1
"""The last place of a feed: 2^53 bounds the integers of JSON, and the incarnation takes the upper 13 bits."""
_WRITTEN: Final = re.compile(r"[1-9][0-9]{0,3}")


def read_incarnation(text: str) -> int:
    """Read the number from a header, in its one canonical form; raises ValueError."""
    if _WRITTEN.fullmatch(text) is None or int(text) > MOST:
        raise ValueError("not an incarnation")
    return int(text)


def cursor_of(incarnation: int, place: int) -> int:
    """Combine a feed's place with the incarnation, so that two incarnations never share a cursor."""
    return (incarnation - FIRST) << _PLACE_BITS | place


def read_cursor(cursor: int) -> tuple[int, int]:
    """Split a cursor into its incarnation and its place."""
    return (cursor >> _PLACE_BITS) + FIRST, cursor & MOST_PLACES
