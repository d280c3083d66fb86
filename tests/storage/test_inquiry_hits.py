"""Hits come back by the record that caused them, on both databases."""

import pytest

from registry.domain.inquiries import Hit
from registry.store.errors import StoreFailure
from registry.store.transactions import Store
from tests.storage import values as v

DEBTORS = 105
"""Their keys and ids are more than the 10,000 pairs of one statement."""


def a_hit(subject: int, record: int, inquiry: int, participant: str = "carrier-b") -> Hit:
    return Hit(
        subject_key=v.key(subject),
        record_id=v.an_id(record),
        inquiry_id=v.an_id(inquiry),
        participant_id=participant,
        asked_at=v.LATER,
    )


def test_hits_are_found_by_subject_and_grouped_by_record(store: Store) -> None:
    v.founded(store)
    first, second, other, elsewhere = a_hit(1, 10, 50), a_hit(1, 10, 51), a_hit(1, 11, 50), a_hit(2, 12, 50)
    store.write(lambda tx: tx.inquiry_hits.add([elsewhere, other, second, first]))
    assert store.read(lambda tx: tx.inquiry_hits.of_subjects([v.key(1), v.key(3)])) == {
        (v.key(1), v.an_id(10)): (first, second),
        (v.key(1), v.an_id(11)): (other,),
    }
    assert store.read(lambda tx: tx.inquiry_hits.of_subjects([])) == {}
    store.write(lambda tx: tx.inquiry_hits.add([]))


def test_one_record_weighs_in_one_inquiry_once(store: Store) -> None:
    v.founded(store)
    store.write(lambda tx: tx.inquiry_hits.add([a_hit(1, 10, 50)]))
    with pytest.raises(StoreFailure):
        store.write(lambda tx: tx.inquiry_hits.add([a_hit(1, 10, 50)]))


def test_the_records_of_many_debtors_find_their_own_askers_in_pieces(store: Store) -> None:
    v.founded(store, *range(1, DEBTORS + 1))
    found = [a_hit(subject, subject * 100, 1000 + subject) for subject in range(1, DEBTORS + 1)]
    found += [a_hit(1, 100 + each, 1001) for each in range(1, 5)]
    store.write(lambda tx: tx.inquiry_hits.add(found))
    places = [(each.subject_key, each.record_id) for each in found]
    asked = {(each.participant_id, each.inquiry_id) for each in found}
    assert store.read(lambda tx: tx.inquiry_hits.askers(places)) == asked
    assert len(asked) == DEBTORS
    assert set(store.read(lambda tx: tx.inquiry_hits.of_records(places[2:5]))) == set(found[2:5])
    assert store.read(lambda tx: tx.inquiry_hits.askers([(v.key(1), found[1].record_id)])) == frozenset()
    assert store.read(lambda tx: tx.inquiry_hits.askers([])) == frozenset()


def test_what_weighed_for_others_is_told_apart_from_the_subjects_own_inquiries(store: Store) -> None:
    v.founded(store, 1, 2)
    own, others = a_hit(1, 10, 50), a_hit(1, 10, 51)
    store.write(lambda tx: tx.inquiry_hits.add([own, others, a_hit(2, 12, 51)]))
    store.write(lambda tx: tx.inquiries.add([v.an_inquiry(1, 50)]))
    assert store.read(lambda tx: tx.inquiry_hits.weighed_for_others(v.key(1))) == (others,)
