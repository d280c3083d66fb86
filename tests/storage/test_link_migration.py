"""Links from before they had an end: the newest of a record and kind stays, the others end, on both databases."""

import datetime as dt
from collections.abc import Iterator
from contextlib import closing

import pytest

from protocol.states import HouseholdKind
from registry.store.columns import SEALED
from registry.store.engines import make_engines
from registry.store.epochs import key_epoch
from registry.store.households import household, household_link
from registry.store.migrate import upgrade
from registry.store.participants import participant
from registry.store.records import record
from registry.store.subjects import subject
from registry.store.transactions import Store, exclusive
from tests.storage import values as v
from tests.storage.revisions import before, insert, insert_entries, upgrade_to
from tests.support.builders import NOW

REVISION = "0026"
DAY = dt.timedelta(days=1)
ADDRESS, REGISTER = {"kind": HouseholdKind.ADDRESS}, {"kind": HouseholdKind.REGISTER}
LATEST = NOW + 9 * DAY
"""The time of the latest entry in the log."""

MOVED_TWICE = [v.a_link(50 + place, 1, 10, linked_at=NOW + place * DAY, **ADDRESS) for place in range(3)]
REGISTERED = v.a_link(60, 1, 10, **REGISTER)
AT_ONCE = [v.a_link(50, 1, 11, **ADDRESS), v.a_link(51, 1, 11, **ADDRESS)]
OTHER = v.a_link(50, 2, 12, linked_at=NOW + 5 * DAY, **ADDRESS)


def fill(url: str) -> None:
    with closing(make_engines(url)) as engines, exclusive(engines) as connection:
        entries = [v.a_log_entry(number) for number in (1, 10, 11, 12, 13)]
        insert_entries(connection, *entries, v.a_log_entry(99, at=LATEST))
        insert(connection, participant, v.a_participant("carrier-a"))
        insert(connection, key_epoch, v.an_epoch())
        insert(connection, subject, v.a_subject(1), v.a_subject(2), **SEALED)
        insert(connection, record, *(v.record_of(1, number) for number in (10, 11, 13)), v.record_of(2, 12))
        flats = [v.a_household(number, HouseholdKind.ADDRESS) for number in (50, 51, 52)]
        insert(connection, household, *flats, v.a_household(60), **SEALED)
        insert(connection, household_link, *MOVED_TWICE, REGISTERED, *AT_ONCE, OTHER)


@pytest.fixture
def old_store(empty_url: str) -> Iterator[Store]:
    upgrade_to(empty_url, before(REVISION))
    fill(empty_url)
    upgrade(empty_url)
    with closing(Store(make_engines(empty_url))) as store:
        yield store


def test_the_newest_link_of_each_kind_stays_and_the_others_end_with_the_log(old_store: Store) -> None:
    links = old_store.read(lambda tx: tx.households.links_of([v.key(1), v.key(2)]))
    current = {(each.household_key, each.record_id) for each in links if each.is_current}
    stays = [MOVED_TWICE[2], REGISTERED, AT_ONCE[1], OTHER]
    assert current == {(each.household_key, each.record_id) for each in stays}
    assert {each.ended_at for each in links if not each.is_current} == {LATEST}
    assert [(each.kind, each.linked_at) for each in links if each.household_key == v.key(60)] == [
        (HouseholdKind.REGISTER, NOW)
    ]
    assert len(links) == 7
    assert old_store.read(lambda tx: tx.households.links([v.key(50)])) == {v.key(50): (OTHER,)}


def test_a_record_from_before_knows_its_households(old_store: Store) -> None:
    found = old_store.read(lambda tx: tx.records.of_subjects([v.key(1), v.key(2)]))
    homes = {each.record_id: each.household_keys for records in found.values() for each in records}
    assert homes == {
        v.an_id(10): (v.key(60), v.key(52)),
        v.an_id(11): (v.key(51),),
        v.an_id(12): (v.key(50),),
        v.an_id(13): (),
    }
