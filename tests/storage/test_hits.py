"""Hits come back by the record that caused them, on both databases."""

import pytest

from registry.domain.inquiry import Hit
from registry.store.errors import StoreFailure
from registry.store.transactions import Store
from tests.storage import values as v


def a_hit(subject: int, record: int, inquiry: int, participant: str = "carrier-b") -> Hit:
    return Hit(
        subject_key=v.key(subject),
        record_id=v.an_id(record),
        inquiry_id=v.an_id(inquiry),
        participant_id=participant,
        asked_at=v.LATER,
    )


def test_hits_are_found_by_subject_and_grouped_by_record(store: Store):
    v.founded(store)
    first, second, other, elsewhere = a_hit(1, 10, 50), a_hit(1, 10, 51), a_hit(1, 11, 50), a_hit(2, 12, 50)
    store.write(lambda tx: tx.hits.add([elsewhere, other, second, first]))
    assert store.read(lambda tx: tx.hits.of_subjects([v.key(1), v.key(3)])) == {
        (v.key(1), v.an_id(10)): (first, second),
        (v.key(1), v.an_id(11)): (other,),
    }
    assert store.read(lambda tx: tx.hits.of_subjects([])) == {}
    store.write(lambda tx: tx.hits.add([]))


def test_one_record_weighs_in_one_inquiry_once(store: Store):
    v.founded(store)
    store.write(lambda tx: tx.hits.add([a_hit(1, 10, 50)]))
    with pytest.raises(StoreFailure):
        store.write(lambda tx: tx.hits.add([a_hit(1, 10, 50)]))
