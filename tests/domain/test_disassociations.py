"""A rebuttal cuts one household both ways, to the day, and hides nobody's own debt."""

import datetime as dt
import uuid
from dataclasses import replace
from typing import Any

import pytest

from protocol.codes import RebuttalGround
from protocol.states import HouseholdKind, RebuttalState
from registry.domain import disassociations as rebuttal
from registry.domain.disassociations import Rebuttal, holds, outsiders, state_on, withdrawn
from registry.domain.records import Record
from registry.domain.subjects import HouseholdLink
from tests.support.builders import NOW, TODAY, a_record

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
    kind = HouseholdKind.ADDRESS if household == HOME else HouseholdKind.REGISTER
    return HouseholdLink(
        household_key=household, subject_key=debtor, record_id=uuid.UUID(int=record), kind=kind, linked_at=NOW
    )


def owed(debtor: bytes, number: int, **homes: bytes) -> Record:
    return a_record(subject_key=debtor, record_id=uuid.UUID(int=number), **homes)


LINKS = {
    HOME: (a_link(HOME, FATHER, 1), a_link(HOME, SON, 2)),
    REGISTER: (a_link(REGISTER, UNCLE, 3), a_link(REGISTER, FATHER, 4)),
}
RECORDS = {
    FATHER: (owed(FATHER, 1, address_key=HOME), owed(FATHER, 4, register_key=REGISTER), owed(FATHER, 5)),
    SON: (owed(SON, 2, address_key=HOME),),
    UNCLE: (owed(UNCLE, 3, register_key=REGISTER),),
}


def weighing(asker: bytes, *rebuttals: Rebuttal, day: dt.date = TODAY, **changed: Record) -> set[int]:
    records = RECORDS | {each.subject_key: (each,) for each in changed.values()}
    found = rebuttal.weighing(asker, (HOME, REGISTER, b"n" * 16), LINKS, records, outsiders(rebuttals, day))
    return {each.record_id.int for each in found}


@pytest.mark.parametrize(
    ("changes", "days", "state"),
    [
        ({}, 0, RebuttalState.HOLDS),
        ({}, 1, RebuttalState.EXPIRED),
        ({"withdrawn_at": NOW}, 0, RebuttalState.WITHDRAWN),
        ({"withdrawn_at": NOW}, 1, RebuttalState.WITHDRAWN),
    ],
)
def test_a_rebuttal_holds_up_to_its_day_unless_it_is_taken_back(
    changes: dict[str, Any], days: int, state: RebuttalState
) -> None:
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


def test_a_link_alone_makes_nothing_weigh() -> None:
    moved = owed(FATHER, 1, address_key=b"m" * 16, register_key=REGISTER)
    assert weighing(SON, moved=moved) == {1, 3}
    assert weighing(SON, a_rebuttal(household_key=REGISTER), moved=moved) == set()


def test_a_debt_that_changed_hands_weighs_for_the_homes_that_the_new_record_has() -> None:
    bought = {"origin_record_id": uuid.UUID(int=1)}
    at_home = a_record(subject_key=FATHER, record_id=uuid.UUID(int=8), address_key=HOME, **bought)
    moved = a_record(subject_key=FATHER, record_id=uuid.UUID(int=9), **bought)
    assert weighing(SON, sold=at_home) == {3, 8}
    assert weighing(SON, sold=moved) == {3}
