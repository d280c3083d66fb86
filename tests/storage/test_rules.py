"""Versions of the rules and creditors' terms come back as they were stored, on both databases."""

import datetime as dt
from dataclasses import replace

import pytest

from protocol.problems import Problem, Refusal
from registry.domain.creditor_terms import FeeTerms
from registry.domain.rules import RulesVersion
from registry.store.errors import StoreFailure
from registry.store.transactions import Store, Transaction
from tests.storage import values as v
from tests.storage.values import LATER
from tests.support.builders import TODAY


def a_version(name: str, days: int = 30) -> RulesVersion:
    return RulesVersion(
        version=name,
        effective_from=TODAY + dt.timedelta(days=days),
        document=f'{{"version":"{name}"}}'.encode(),
        proposed_by="carrier-a",
        proposed_key_id="carrier-a-1",
        proposed_at=LATER,
        log_entry_id=v.an_id(1),
    )


def approved(version: RulesVersion, by: str = "carrier-b") -> RulesVersion:
    return replace(version, approved_by=by, approved_key_id=f"{by}-1", approved_at=LATER, log_entry_id=v.an_id(2))


def store_approved(store: Store, version: RulesVersion) -> None:
    def work(tx: Transaction) -> None:
        tx.rules.add(replace(version, approved_by=None, approved_key_id=None, approved_at=None))
        tx.rules.lock()
        tx.rules.approve(version)

    store.write(work)


def test_a_proposal_comes_back_and_is_in_nobodys_book(store: Store) -> None:
    v.founded(store)
    store.write(lambda tx: tx.rules.add(a_version("2027-01")))
    assert store.read(lambda tx: tx.rules.find("2027-01")) == a_version("2027-01")
    assert store.read(lambda tx: tx.rules.find("2027-02")) is None
    assert store.read(lambda tx: tx.rules.approved_documents()) == ()


def test_approved_documents_come_back_byte_for_byte_in_the_order_of_their_dates(store: Store) -> None:
    v.founded(store)
    second, first = approved(a_version("2027-02", 60)), approved(a_version("2027-01", 30))
    store_approved(store, second)
    store_approved(store, first)
    assert store.read(lambda tx: tx.rules.find("2027-01")) == first
    assert store.read(lambda tx: tx.rules.approved_documents()) == (first.document, second.document)


def test_the_name_of_a_version_is_taken_once(store: Store) -> None:
    v.founded(store)
    store.write(lambda tx: tx.rules.add(a_version("2027-01")))
    with pytest.raises(Refusal) as refused:
        store.write(lambda tx: tx.rules.add(a_version("2027-01", 90)))
    assert refused.value.problem is Problem.ALREADY_EXISTS


def test_the_database_keeps_two_versions_off_one_day(store: Store) -> None:
    v.founded(store)
    store_approved(store, approved(a_version("2027-01")))
    with pytest.raises(StoreFailure):
        store_approved(store, approved(a_version("2027-01b")))


def test_the_database_lets_nobody_approve_a_proposal_of_its_own(store: Store) -> None:
    v.founded(store)
    with pytest.raises(StoreFailure):
        store_approved(store, approved(a_version("2027-01"), by="carrier-a"))


def test_a_creditors_terms_come_back_by_date(store: Store) -> None:
    v.founded(store)

    def terms(number: int, creditor: str, days: int) -> FeeTerms:
        return FeeTerms(
            creditor_id=creditor,
            terms_id=v.an_id(number),
            effective_from=TODAY + dt.timedelta(days=days),
            daily_ppm=1_000,
            cap_ppm=500_000,
            set_at=LATER,
            log_entry_id=v.an_id(number),
        )

    every = terms(2, "carrier-a", 0), terms(1, "carrier-a", 10), terms(3, "carrier-b", 0)
    for each in reversed(every):
        store.write(lambda tx, each=each: tx.creditor_terms.add(each))
    assert store.read(lambda tx: tx.creditor_terms.of_creditor("carrier-a")) == every[:2]
    assert store.read(lambda tx: tx.creditor_terms.of_creditor("carrier-c")) == ()


def test_a_records_fee_never_changes(store: Store) -> None:
    v.founded(store, 1)
    record = v.record_of(1, 5, late_fee_daily_ppm=1_000, late_fee_cap_ppm=500_000)
    store.write(lambda tx: tx.records.add((record,)))
    changed = replace(record, version=2, paid_fen=1, late_fee_daily_ppm=2_000, late_fee_cap_ppm=900_000)
    store.write(lambda tx: tx.records.update(changed, expected_version=1))
    found = store.read(lambda tx: tx.records.of_subjects([v.key(1)]))[v.key(1)]
    assert found == (replace(record, version=2, paid_fen=1),)
