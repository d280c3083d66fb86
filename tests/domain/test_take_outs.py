"""The daily bound on take-outs: at least so many, else a share; more only on the word of another key."""

import datetime as dt
import uuid
from typing import Any

import pytest

from protocol.messages.rules import TakeOutTerms
from registry.domain.take_outs import (
    MoreThanHeld,
    SameKey,
    TakeOutConfirmation,
    TakeOutDay,
    confirmed,
    room,
    spent,
)
from tests.support.builders import NOW, TODAY

TERMS = TakeOutTerms(daily_share_ppm=10_000, daily_least=20)
ENTRY = uuid.UUID(int=5)


def a_day(**changes: Any) -> TakeOutDay:
    values: dict[str, Any] = {
        "participant_id": "carrier-a",
        "day": TODAY,
        "open_at_start": 3_000,
        "taken": 0,
        "held": 0,
        "held_key_id": None,
    }
    return TakeOutDay(**(values | changes))


def confirm(day: TakeOutDay, take_outs: int, key_id: str = "second") -> tuple[TakeOutDay, TakeOutConfirmation]:
    return confirmed(day, take_outs=take_outs, key_id=key_id, at=NOW, log_entry_id=ENTRY)


@pytest.mark.parametrize(("open_at_start", "most"), [(0, 20), (2_000, 20), (2_099, 20), (2_100, 21), (10**7, 10**5)])
def test_the_bound_is_a_hundredth_of_the_open_records_and_at_least_twenty(open_at_start: int, most: int) -> None:
    assert TERMS.bound(open_at_start) == most


def test_what_was_taken_leaves_less_room_and_never_less_than_none() -> None:
    assert [room(a_day(taken=taken), None, TERMS, key_id="first") for taken in (0, 29, 30, 99)] == [30, 1, 0, 0]


def test_taking_more_than_there_is_room_for_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="room"):
        spent(a_day(taken=29), None, TERMS, key_id="first", taken=2, held=0)


def test_confirmed_take_outs_are_used_after_the_free_ones_by_another_key_than_confirmed_them() -> None:
    day, confirmation = confirm(a_day(taken=28, held=50, held_key_id="first"), 10)
    assert room(day, confirmation, TERMS, key_id="first") == 12
    assert room(day, confirmation, TERMS, key_id="second") == 2
    day, left = spent(day, confirmation, TERMS, key_id="first", taken=5, held=0)
    assert left is not None
    assert (day.taken, left.unused, left.take_outs) == (33, 7, 10)
    assert [room(day, left, TERMS, key_id=key) for key in ("first", "second")] == [7, 0]


def test_the_free_room_uses_no_confirmation() -> None:
    day, confirmation = confirm(a_day(held=1, held_key_id="first"), 1)
    assert spent(day, confirmation, TERMS, key_id="first", taken=30, held=0)[1] is confirmation


def test_the_key_that_sent_every_held_row_cannot_confirm_them_and_another_can() -> None:
    day, _ = spent(a_day(taken=30), None, TERMS, key_id="first", taken=0, held=3)
    day, _ = spent(day, None, TERMS, key_id="first", taken=0, held=1)
    assert (day.held, day.held_key_id) == (4, "first")
    with pytest.raises(SameKey):
        confirm(day, 4, "first")
    after, confirmation = confirm(day, 4)
    assert (after.held, after.held_key_id, confirmation.unused, confirmation.key_id) == (0, None, 4, "second")


def test_rows_of_several_keys_are_confirmed_by_each_of_them_for_the_others() -> None:
    day, _ = spent(a_day(taken=30), None, TERMS, key_id="first", taken=0, held=3)
    day, _ = spent(day, None, TERMS, key_id="second", taken=0, held=2)
    assert (day.held, day.held_key_id) == (5, None)
    after, confirmation = confirm(day, 5, "first")
    assert [room(after, confirmation, TERMS, key_id=key) for key in ("first", "second")] == [0, 5]


@pytest.mark.parametrize("take_outs", [0, 4])
def test_no_more_is_confirmed_than_is_held_and_nothing_is_no_confirmation(take_outs: int) -> None:
    with pytest.raises(MoreThanHeld):
        confirm(a_day(held=3, held_key_id="first"), take_outs)


def test_a_day_has_no_rows_held_before_its_first() -> None:
    assert a_day(day=TODAY + dt.timedelta(days=1)).held == 0
