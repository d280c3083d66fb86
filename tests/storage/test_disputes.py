"""Cases are kept whole beside their subject, at most one of a record is not closed, and the clock finds what is due."""

import datetime as dt
import importlib
from dataclasses import replace

import pytest
import sqlalchemy as sa

from protocol.codes import DisputeAnswer, DisputeOutcome
from protocol.states import DisputeState, Side
from registry.domain.disputes import Dispute
from registry.domain.records import Record
from registry.store.errors import StaleVersion, StoreFailure
from registry.store.transactions import Store, Transaction
from tests.storage import values as v
from tests.support.builders import TODAY


@pytest.fixture
def record(store: Store) -> Record:
    v.founded(store, 1, 2)
    kept = v.record_of(1, 10)
    store.write(lambda tx: tx.records.add([kept, v.record_of(2, 20)]))
    return kept


def keep(store: Store, *disputes: Dispute) -> None:
    store.write(lambda tx: tx.disputes.add(disputes))


def test_a_case_comes_back_by_its_id_and_by_its_subject(store: Store, record: Record) -> None:
    case = v.dispute_of(record, 30)
    keep(store, case)
    assert store.read(lambda tx: tx.disputes.find(case.dispute_id)) == case
    assert store.read(lambda tx: tx.disputes.find(v.an_id(31))) is None
    assert store.read(lambda tx: tx.disputes.of_subjects([v.key(1), v.key(2)])) == {v.key(1): (case,)}


def test_what_becomes_of_a_case_is_written_against_the_version_that_was_read(store: Store, record: Record) -> None:
    case = v.dispute_of(record, 30)
    keep(store, case)
    done = replace(
        case,
        state=DisputeState.CLOSED,
        answer=DisputeAnswer.CONCEDED,
        answered_at=v.LATER,
        closed_at=v.LATER,
        closed_on=TODAY,
        outcome=DisputeOutcome.WITHDRAWN,
        version=2,
        log_entry_id=v.an_id(40),
    )
    store.write(lambda tx: tx.disputes.update(done, expected_version=1))
    assert store.read(lambda tx: tx.disputes.find(case.dispute_id)) == done
    with pytest.raises(StaleVersion):
        store.write(lambda tx: tx.disputes.update(done, expected_version=1))


def test_a_record_has_one_case_that_is_not_closed(store: Store, record: Record) -> None:
    keep(store, v.dispute_of(record, 30, state=DisputeState.CLOSED), v.dispute_of(record, 31))
    with pytest.raises(StoreFailure):
        keep(store, v.dispute_of(record, 32, state=DisputeState.SUSPENDED))
    keep(store, v.dispute_of(record, 33, state=DisputeState.CLOSED))


def test_a_case_is_about_a_record_that_is_there(store: Store) -> None:
    v.founded(store, 1)
    with pytest.raises(StoreFailure):
        keep(store, v.dispute_of(v.record_of(1, 10), 30))


def test_the_clock_finds_silence_from_the_day_after_the_last_day_on(store: Store, record: Record) -> None:
    case, other = v.dispute_of(record, 30), v.dispute_of(v.record_of(2, 20), 31, answer_due=TODAY)
    keep(store, case, other)
    assert store.read(lambda tx: tx.disputes.due_silent(TODAY, 10)) == ()
    after = case.answer_due + dt.timedelta(days=1)
    assert store.read(lambda tx: tx.disputes.due_silent(case.answer_due, 10)) == (other,)
    assert store.read(lambda tx: tx.disputes.due_silent(after, 10)) == (other, case)
    assert store.read(lambda tx: tx.disputes.due_silent(after, 1)) == (other,)
    assert store.read(lambda tx: tx.disputes.due_lapsed(after + dt.timedelta(days=99), 10)) == ()


def test_the_clock_finds_what_lapses_among_the_suspended_alone(store: Store, record: Record) -> None:
    case = v.dispute_of(record, 30, state=DisputeState.SUSPENDED)
    keep(store, case)
    after = case.lapse_due + dt.timedelta(days=1)
    assert store.read(lambda tx: tx.disputes.due_lapsed(case.lapse_due, 10)) == ()
    assert store.read(lambda tx: tx.disputes.due_lapsed(after, 10)) == (case,)
    assert store.read(lambda tx: tx.disputes.due_silent(after, 10)) == ()


def test_documents_come_back_sealed_in_the_order_they_were_added(store: Store, record: Record) -> None:
    case, other = v.dispute_of(record, 30), v.dispute_of(v.record_of(2, 20), 31)
    keep(store, case, other)
    first = v.document_of(case, 50)
    second = v.document_of(case, 51, side=Side.CREDITOR, added_by="carrier-a", ciphertext=b"c" * 2_000_000)

    def work(tx: Transaction) -> None:
        for each in (second, first, v.document_of(other, 52)):
            tx.papers.add(each)

    store.write(work)
    assert store.read(lambda tx: tx.papers.of_dispute(case.subject_key, case.dispute_id)) == (first, second)
    assert store.read(lambda tx: tx.papers.of_dispute(v.key(2), case.dispute_id)) == ()


def test_every_marker_of_a_victim_is_kept(store: Store) -> None:
    v.founded(store, 1, 2)
    first, second = v.a_marker(1, 60), v.a_marker(1, 61, days=900)

    def work(tx: Transaction) -> None:
        tx.victim_markers.add(first)
        tx.victim_markers.add(second)

    store.write(work)
    assert store.read(lambda tx: tx.victim_markers.of_subjects([v.key(1), v.key(2)])) == {v.key(1): (first, second)}


def test_cases_of_before_have_stopped_their_record_over_the_figures_that_it_has(store: Store, record: Record) -> None:
    case = v.dispute_of(record, 30)
    keep(store, replace(case, principal_fen=0, costs_fen=0, paid_fen=0, stopped_on=None))
    fill = importlib.import_module("migrations.versions.0027_further_grounds").FILL
    store.write(lambda tx: tx.disputes._connection.execute(sa.text(fill)))
    assert store.read(lambda tx: tx.disputes.find(case.dispute_id)) == case
    assert store.read(lambda tx: tx.disputes.open_of_record(record.subject_key, record.record_id)) == case
    assert store.read(lambda tx: tx.disputes.open_of_record(record.subject_key, v.an_id(99))) is None
