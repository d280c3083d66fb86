"""UUID version 7: the time in front, randomness behind."""

import datetime as dt
import os
import uuid

from registry.domain.ids import month_of, uuid7
from tests.support.builders import NOW


def test_an_id_is_a_version_7_uuid_of_its_millisecond() -> None:
    made = uuid7(NOW, os.urandom)
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert made.int >> 80 == int(NOW.timestamp() * 1000)


def test_later_ids_sort_later() -> None:
    earlier = uuid7(NOW, lambda count: b"\xff" * count)
    later = uuid7(NOW + dt.timedelta(milliseconds=1), lambda count: b"\x00" * count)
    assert earlier < later
    assert earlier.bytes < later.bytes


def test_all_74_random_bits_are_used() -> None:
    ones = uuid7(NOW, lambda count: b"\xff" * count).int
    zeros = uuid7(NOW, lambda count: b"\x00" * count).int
    assert (ones ^ zeros).bit_count() == 74


def test_the_month_is_a_number_that_partitions_can_use() -> None:
    assert month_of(NOW) == 202611
