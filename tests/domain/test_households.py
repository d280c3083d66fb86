"""A record has one household of each kind at most, and links change exactly where its keys do."""

import datetime as dt
import itertools

import pytest

from protocol.states import HouseholdKind
from registry.domain.households import NO_HOMES, HomesGiven, LinkEnd, has_homes, relink, with_homes
from registry.domain.records import Record
from registry.domain.subjects import HouseholdLink
from tests.support.builders import NOW, a_record

HERE, THERE = b"h" * 16, b"t" * 16
REGISTER, OTHER = b"r" * 16, b"o" * 16
LATER = NOW + dt.timedelta(days=30)


def at_home() -> Record:
    return a_record(register_key=REGISTER, address_key=HERE)


@pytest.mark.parametrize(
    ("given", "register", "address"),
    [
        (NO_HOMES, REGISTER, HERE),
        (HomesGiven(register_key=REGISTER, address_key=HERE), REGISTER, HERE),
        (HomesGiven(address_key=THERE), REGISTER, THERE),
        (HomesGiven(register_key=OTHER), OTHER, HERE),
        (HomesGiven(register_key=OTHER, address_key=THERE), OTHER, THERE),
        (HomesGiven(collective=True), None, HERE),
        (HomesGiven(collective=True, address_key=THERE), None, THERE),
        (HomesGiven(collective=True, register_key=OTHER), None, HERE),
        (HomesGiven(collective=True, register_key=REGISTER), None, HERE),
    ],
)
def test_a_report_changes_the_households_that_it_gives_and_leaves_the_others(
    given: HomesGiven, register: bytes | None, address: bytes | None
) -> None:
    changed = with_homes(at_home(), given)
    assert (changed.register_key, changed.address_key) == (register, address)
    assert has_homes(at_home(), given) == ((register, address) == (REGISTER, HERE))
    assert has_homes(changed, given)


def test_a_collective_register_says_nothing_new_of_a_record_without_one() -> None:
    assert has_homes(a_record(address_key=HERE), HomesGiven(collective=True))


def a_link(kind: HouseholdKind, key: bytes) -> HouseholdLink:
    record = a_record()
    return HouseholdLink(
        household_key=key, subject_key=record.subject_key, record_id=record.record_id, kind=kind, linked_at=LATER
    )


def an_end(key: bytes) -> LinkEnd:
    record = a_record()
    return LinkEnd(household_key=key, subject_key=record.subject_key, record_id=record.record_id, ended_at=LATER)


def test_a_new_record_is_linked_to_each_household_that_it_has() -> None:
    change = relink(None, at_home(), LATER)
    assert change.added == (a_link(HouseholdKind.REGISTER, REGISTER), a_link(HouseholdKind.ADDRESS, HERE))
    assert change.ended == ()
    assert all(each.is_current for each in change.added)
    assert relink(None, a_record(), LATER).added == ()


def test_another_key_ends_one_link_and_begins_another() -> None:
    change = relink(at_home(), a_record(register_key=REGISTER, address_key=THERE), LATER)
    assert (change.added, change.ended) == ((a_link(HouseholdKind.ADDRESS, THERE),), (an_end(HERE),))


def test_a_collective_register_ends_a_link_and_begins_none() -> None:
    change = relink(at_home(), a_record(address_key=HERE), LATER)
    assert (change.added, change.ended) == ((), (an_end(REGISTER),))


def test_links_are_what_the_record_has_whatever_is_reported_in_which_order() -> None:
    given = [
        HomesGiven(register_key=register, address_key=address, collective=collective)
        for register in (None, REGISTER, OTHER)
        for address in (None, HERE, THERE)
        for collective in (False, True)
    ]
    for first, second, third in itertools.product(given, repeat=3):
        record, current = a_record(), set[bytes]()
        for place, each in enumerate((first, second, third)):
            changed = with_homes(record, each)
            change = relink(None if place == 0 else record, changed, LATER)
            ended = {end.household_key for end in change.ended}
            assert ended <= current
            current = (current - ended) | {link.household_key for link in change.added}
            record = changed
            assert current == set(record.household_keys)
