"""A rebuttal cuts one household both ways, to the day, and hides nobody's own debt."""

import datetime as dt
import uuid
from dataclasses import replace
from typing import Any

import pytest

from protocol.codes import RebuttalGround
from registry.domain.rebuttal import Rebuttal, RebuttalState, holds, household_debtors, outsiders, state_on, withdrawn
from registry.domain.subject import HouseholdKind, HouseholdLink
from tests.builders import NOW, TODAY

SON, FATHER, UNCLE = b"S" * 16, b"F" * 16, b"U" * 16
HOME, REGISTER = b"h" * 16, b"r" * 16
ENTRY = uuid.UUID(int=9)


def a_rebuttal(**changes: Any) -> Rebuttal:
    values: dict[str, Any] = {
        "household_key": HOME,
        "subject_key": SON,
        "rebuttal_id": uuid.UUID(int=1),
        "kind": HouseholdKind.ADDRESS,
        "ground": RebuttalGround.MOVED_AWAY,
        "evidence_digest": b"e" * 32,
        "filed_by": "carrier-b",
        "filed_at": NOW,
        "until": TODAY + dt.timedelta(days=1),
        "rules_version": "2026-01",
        "log_entry_id": uuid.UUID(int=1),
    }
    return Rebuttal(**(values | changes))


def a_link(household: bytes, debtor: bytes, record: int) -> HouseholdLink:
    return HouseholdLink(household_key=household, subject_key=debtor, record_id=uuid.UUID(int=record), linked_at=NOW)


LINKS = {
    HOME: (a_link(HOME, FATHER, 1), a_link(HOME, SON, 2)),
    REGISTER: (a_link(REGISTER, UNCLE, 3), a_link(REGISTER, FATHER, 4)),
}


def weighing(asker: bytes, *rebuttals: Rebuttal, day: dt.date = TODAY) -> set[int]:
    found = household_debtors(asker, (HOME, REGISTER, b"n" * 16), LINKS, outsiders(rebuttals, day))
    return {each.int for each in found}


@pytest.mark.parametrize(
    ("changes", "days", "state"),
    [
        ({}, 0, RebuttalState.HOLDS),
        ({}, 1, RebuttalState.EXPIRED),
        ({"withdrawn_at": NOW}, 0, RebuttalState.WITHDRAWN),
        ({"withdrawn_at": NOW}, 1, RebuttalState.WITHDRAWN),
    ],
)
def test_a_rebuttal_holds_up_to_its_day_unless_it_is_taken_back(changes: dict[str, Any], days: int, state) -> None:
    each, on = a_rebuttal(**changes), TODAY + dt.timedelta(days=days)
    assert state_on(each, on) is state
    assert holds(each, on) == (state is RebuttalState.HOLDS)


def test_without_a_rebuttal_the_records_of_others_weigh_and_ones_own_are_not_among_them() -> None:
    assert weighing(SON) == {1, 3, 4}
    assert weighing(FATHER) == {2, 3}


def test_a_rebuttal_keeps_the_household_off_the_subject_through_that_household_alone() -> None:
    assert weighing(SON, a_rebuttal()) == {3, 4}
    assert weighing(SON, a_rebuttal(), a_rebuttal(household_key=REGISTER)) == set()


def test_a_rebuttal_keeps_the_subjects_records_off_the_household() -> None:
    assert weighing(FATHER, a_rebuttal()) == {3}
    assert weighing(UNCLE, a_rebuttal()) == {1, 4}


def test_what_is_over_keeps_nothing_apart() -> None:
    assert weighing(SON, a_rebuttal(), day=TODAY + dt.timedelta(days=1)) == {1, 3, 4}
    taken_back = withdrawn(a_rebuttal(), at=NOW, by="court", log_entry_id=ENTRY)
    assert taken_back == replace(a_rebuttal(), withdrawn_at=NOW, withdrawn_by="court", log_entry_id=ENTRY)
    assert weighing(SON, taken_back) == {1, 3, 4}
    assert weighing(SON, taken_back, a_rebuttal()) == {3, 4}
