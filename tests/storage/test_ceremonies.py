"""Committees are kept once by epoch and number, and read in their order."""

import pytest

from protocol.messages.ceremonies import CeremonyKind
from protocol.problems import Problem, Refusal
from registry.domain.ceremonies import KeptCommittee
from registry.store.transactions import Store
from tests.storage import values as v
from tests.support.builders import NOW


def a_committee(committee: int, epoch: int = 1) -> KeptCommittee:
    return KeptCommittee(
        epoch=epoch,
        committee=committee,
        ceremony=b"c" * 32,
        kind=CeremonyKind.REFRESH,
        threshold=2,
        joint_public_key=b"j" * 32,
        document="{}",
        committee_digest=bytes([committee]) * 32,
        canary=b"k" * 32,
        transcript="{}",
        transcript_digest=b"t" * 32,
        keep_days=7,
        formed_at=NOW,
        log_entry_id=v.an_id(1),
    )


def test_committees_are_found_by_epoch_and_number_and_listed_oldest_first(store: Store) -> None:
    v.founded(store)
    second = v.an_epoch(2)
    store.write(lambda tx: tx.epochs.add(second))
    every = [a_committee(1), a_committee(10), a_committee(9), a_committee(1, epoch=2)]
    for each in every:
        store.write(lambda tx, each=each: tx.ceremonies.add(each))
    in_order = (every[0], every[2], every[1], every[3])
    assert store.read(lambda tx: tx.ceremonies.newest()) == in_order
    assert store.read(lambda tx: tx.ceremonies.of_epoch(1)) == in_order[:3]
    assert store.read(lambda tx: tx.ceremonies.last(1)) == every[1]
    assert store.read(lambda tx: tx.ceremonies.find(2, 1)) == every[3]
    assert store.read(lambda tx: (tx.ceremonies.find(2, 9), tx.ceremonies.last(3))) == (None, None)
    assert store.write(lambda tx: (tx.epochs.hold(2), tx.epochs.hold(3))) == (second, None)


def test_a_number_is_given_once_in_an_epoch(store: Store) -> None:
    v.founded(store)
    store.write(lambda tx: tx.ceremonies.add(a_committee(1)))
    with pytest.raises(Refusal) as refused:
        store.write(lambda tx: tx.ceremonies.add(a_committee(1)))
    assert refused.value.problem is Problem.ALREADY_EXISTS
