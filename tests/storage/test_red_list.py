"""The red list comes back with its approvals, on both databases."""

from dataclasses import replace

import pytest

from registry.store.errors import StoreFailure
from registry.store.transactions import Store, Transaction
from tests.storage import values as v


def test_an_entry_comes_back_by_its_id_and_by_its_subject(store: Store) -> None:
    v.founded(store, 1, 2)
    entry = v.a_red_list_entry(1, 10)
    store.write(lambda tx: tx.red_list.add(entry))
    assert store.read(lambda tx: tx.red_list.find(entry.entry_id)) == entry
    assert store.read(lambda tx: tx.red_list.find(v.an_id(11))) is None
    assert store.read(lambda tx: tx.red_list.of_subjects([v.key(1), v.key(2), v.key(3)])) == {v.key(1): (entry,)}
    assert store.read(lambda tx: tx.red_list.of_subjects([])) == {}


def test_approvals_come_back_with_their_entry_in_the_order_they_were_given(store: Store) -> None:
    v.founded(store, 1, 2)
    store.write(lambda tx: tx.participants.add(v.a_participant("regulator")))
    first, second, other = v.a_red_list_entry(1, 10), v.a_red_list_entry(1, 11), v.a_red_list_entry(2, 12)
    approvals = (v.an_approval("regulator", 1), v.an_approval("carrier-b", 2))

    def work(tx: Transaction) -> None:
        for each in (first, second, other):
            tx.red_list.add(each)
        for approval in reversed(approvals):
            tx.red_list.approve(first, approval)
        tx.red_list.approve(other, approvals[0])

    store.write(work)
    assert store.read(lambda tx: tx.red_list.find(first.entry_id)) == replace(first, approvals=approvals)
    assert store.read(lambda tx: tx.red_list.of_subjects([v.key(1), v.key(2)])) == {
        v.key(1): (replace(first, approvals=approvals), second),
        v.key(2): (replace(other, approvals=approvals[:1]),),
    }


def test_a_revocation_is_kept_beside_what_was_approved(store: Store) -> None:
    v.founded(store, 1)
    entry, approval = v.a_red_list_entry(1, 10), v.an_approval()
    revoked = replace(entry, approvals=(approval,), revoked_at=v.LATER, log_entry_id=v.an_id(20))

    def work(tx: Transaction) -> None:
        tx.red_list.add(entry)
        tx.red_list.approve(entry, approval)
        tx.red_list.revoke(revoked)

    store.write(work)
    assert store.read(lambda tx: tx.red_list.find(entry.entry_id)) == revoked


def test_the_database_lets_a_participant_approve_an_entry_once(store: Store) -> None:
    v.founded(store, 1)
    entry = v.a_red_list_entry(1, 10)
    store.write(lambda tx: tx.red_list.add(entry))
    store.write(lambda tx: tx.red_list.approve(entry, v.an_approval(minute=1)))
    with pytest.raises(StoreFailure):
        store.write(lambda tx: tx.red_list.approve(entry, v.an_approval(minute=2)))


def test_an_entry_needs_the_head_row_that_seals_its_subjects_token(store: Store) -> None:
    v.founded(store)
    with pytest.raises(StoreFailure):
        store.write(lambda tx: tx.red_list.add(v.a_red_list_entry(1, 10)))
