"""Links of records to households: spans of time, of which the current ones are read on the way to a decision."""

import datetime as dt

from registry.domain.subjects import HouseholdLink
from registry.store.transactions import Store, Transaction
from tests.storage import values as v
from tests.support.builders import NOW

MOVED = NOW + dt.timedelta(days=30)


def linked(store: Store, *links: HouseholdLink, times: int = 1) -> None:
    def work(tx: Transaction) -> None:
        tx.households.ensure([v.a_household(51), v.a_household(50)])
        tx.households.link(links)

    for _ in range(times):
        store.write(work)


def test_household_links_come_back_and_repeat_without_harm(store: Store) -> None:
    v.founded(store)
    links = [v.a_link(50, 1, 10), v.a_link(50, 2, 11), v.a_link(51, 1, 10)]
    linked(store, *links, times=2)
    assert store.read(lambda tx: tx.households.known([v.key(50), v.key(52)])) == {v.key(50)}
    assert store.read(lambda tx: tx.households.links([v.key(50), v.key(51), v.key(52)])) == {
        v.key(50): tuple(links[:2]),
        v.key(51): (links[2],),
    }


def test_a_link_that_ended_is_kept_and_not_read_for_a_decision(store: Store) -> None:
    v.founded(store)
    mine, other = v.a_link(50, 1, 10), v.a_link(50, 1, 11)
    linked(store, mine, other)
    for at in (MOVED, MOVED + dt.timedelta(days=1)):
        store.write(lambda tx, at=at: tx.households.end([v.an_end(mine, at)]))
    assert store.read(lambda tx: tx.households.links([v.key(50)])) == {v.key(50): (other,)}
    assert store.read(lambda tx: tx.households.links_of([v.key(1)])) == (
        v.a_link(50, 1, 10, ended_at=MOVED),
        other,
    )


def test_who_comes_back_to_a_household_is_there_for_two_spans(store: Store) -> None:
    v.founded(store)
    before, back = v.a_link(50, 1, 10), v.a_link(50, 1, 10, linked_at=MOVED)
    linked(store, before)
    store.write(lambda tx: tx.households.end([v.an_end(before)]))
    linked(store, back)
    assert store.read(lambda tx: tx.households.links([v.key(50)])) == {v.key(50): (back,)}
    assert store.read(lambda tx: tx.households.links_of([v.key(1)])) == (
        v.a_link(50, 1, 10, ended_at=v.LATER),
        back,
    )


def test_who_leaves_and_comes_back_in_one_moment_was_never_away(store: Store) -> None:
    v.founded(store)
    link = v.a_link(50, 1, 10)
    linked(store, link)
    store.write(lambda tx: tx.households.end([v.an_end(link, NOW)]))
    linked(store, link)
    assert store.read(lambda tx: tx.households.links_of([v.key(1)])) == (link,)


def test_ended_links_are_erased_by_their_end_and_current_ones_stay_whatever_their_age(store: Store) -> None:
    v.founded(store)
    links = [v.a_link(50, number, number, linked_at=NOW - dt.timedelta(days=2_000)) for number in (1, 2, 3, 4)]
    linked(store, *links)
    ends = [v.an_end(link, NOW + dt.timedelta(days=place)) for place, link in enumerate(links[:3])]
    store.write(lambda tx: tx.households.end(ends))
    before = NOW + dt.timedelta(days=2)
    assert [store.write(lambda tx: tx.retention.ended_links(before, 1)) for _ in range(3)] == [1, 1, 0]
    left = store.read(lambda tx: tx.households.links_of([v.key(each) for each in (1, 2, 3, 4)]))
    assert [each.subject_key for each in left] == [v.key(3), v.key(4)]


def test_links_go_with_their_record_whether_they_ended_or_not(store: Store) -> None:
    v.founded(store)
    links = [v.a_link(50, 1, 10), v.a_link(51, 1, 10), v.a_link(51, 1, 11)]
    linked(store, *links)
    store.write(lambda tx: tx.households.end([v.an_end(links[0])]))
    store.write(lambda tx: tx.archive.unlink([(v.key(1), v.an_id(10))]))
    assert store.read(lambda tx: tx.households.links_of([v.key(1)])) == (links[2],)


def test_a_record_keeps_its_households_and_takes_others(store: Store) -> None:
    v.founded(store, 1)
    record = v.record_of(1, 10, register_key=v.key(50), address_key=v.key(51))
    moved = v.record_of(1, 10, address_key=v.key(52), version=2)
    store.write(lambda tx: tx.records.add([record]))
    assert store.read(lambda tx: tx.records.find(v.an_id(10))) == record
    store.write(lambda tx: tx.records.update(moved, expected_version=1))
    assert store.read(lambda tx: tx.records.active_of_subjects([v.key(1)])) == {v.key(1): (moved,)}
    assert moved.household_keys == (v.key(52),)
