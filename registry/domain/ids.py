"""Identifiers of our own making: UUID version 7 (RFC 9562 section 5.7), so that ids sort by time."""

import datetime as dt
import uuid
from collections.abc import Callable

_VARIANT_BITS = 0b10 << 62
_VERSION_BITS = 7 << 76


def uuid7(at: dt.datetime, random: Callable[[int], bytes]) -> uuid.UUID:
    """A UUIDv7: 48 bits of Unix milliseconds and 74 random bits."""
    milliseconds = int(at.timestamp() * 1000) & ((1 << 48) - 1)
    entropy = int.from_bytes(random(10), "big")
    rand_a = (entropy >> 62) & 0xFFF
    rand_b = entropy & ((1 << 62) - 1)
    return uuid.UUID(int=(milliseconds << 80) | _VERSION_BITS | (rand_a << 64) | _VARIANT_BITS | rand_b)


def month_of(at: dt.datetime) -> int:
    """Year and month of a UTC moment as one number, such as 202611: the key of monthly partitions."""
    return at.year * 100 + at.month
