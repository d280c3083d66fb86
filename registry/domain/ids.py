"""Makes identifiers: UUID version 7 (RFC 9562 section 5.7), so that ids sort by time."""

import datetime as dt
import uuid
from collections.abc import Callable
from functools import lru_cache

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_VARIANT_BITS = 0b10 << 62
_VERSION_BITS = 7 << 76


def uuid7(at: dt.datetime, random: Callable[[int], bytes]) -> uuid.UUID:
    """Make a UUIDv7: 48 bits of Unix milliseconds and 74 random bits."""
    entropy = int.from_bytes(random(10), "big")
    rand_a = (entropy >> 62) & 0xFFF
    rand_b = entropy & ((1 << 62) - 1)
    return uuid.UUID(int=_first_of(at) | (rand_a << 64) | rand_b)


@lru_cache(maxsize=64)
def _first_of(at: dt.datetime) -> int:
    """Return the lowest number of a moment: an act makes thousands of ids at one."""
    milliseconds = int(at.timestamp() * 1000) & ((1 << 48) - 1)
    return (milliseconds << 80) | _VERSION_BITS | _VARIANT_BITS


def time_of(name: uuid.UUID) -> dt.datetime:
    """Return the moment, to the millisecond, at which a UUIDv7 was made."""
    return EPOCH + dt.timedelta(milliseconds=name.int >> 80)


def first_uuid7(at: dt.datetime) -> uuid.UUID:
    """Return the lowest id of this moment, as the lower bound of a range of ids."""
    return uuid.UUID(int=((at - EPOCH) // dt.timedelta(milliseconds=1)) << 80)


def month_of(at: dt.datetime) -> int:
    """Return year and month of a UTC moment as one number, such as 202611: the key of monthly partitions."""
    return at.year * 100 + at.month
