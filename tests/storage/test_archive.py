"""What leaves the list leaves every table; the metadata, and not a list by hand, say which."""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from protocol.states import RecordState
from registry.domain.retention import SealedRecord
from registry.store.columns import metadata
from registry.store.distribution import column_of
from registry.store.idle_subjects import FOR_EVER
from registry.store.records import record
from registry.store.schema import hanging_on
from registry.store.subjects import subject
from registry.store.transactions import Store
from tests.storage import values as v
from tests.support.builders import NOW, TODAY
from tests.support.partitions import ensure_months

DAY = dt.timedelta(days=1)
BESIDE = {
    "account": "a pointer to a record; deleted when its subject is forgotten",
    "activation": "what followed from an inquiry, whose subject need not be listed; dropped by age",
    "collection": "the account of two carriers; outlives its record, dropped by age",
    "deposit": "taken of somebody who need not be listed; outlives its order, dropped by age",
    "event": "told to participants, without a word about a person; dropped by age",
    "hit": "led by the inquiry's month; deleted with the purge, dropped by age",
    "household_link": "led by the household; dropped by its end's age, deleted when the record is sealed",
    "household_rebuttal": "led by the household; keeps its subject until its end, and is deleted with it",
    "inquiry": "asked about somebody who need not be listed; dropped by age",
    "log_personal": "the erasable parts of the log; deleted by purge, age or forgetting",
    "person_index": "the way to a person; deleted with its subject, but where a tombstone is to be found",
    "quote": "made for an asker who need not be listed; dropped by age",
    "quote_line": "goes with its quote",
    "quote_total": "goes with its quote",
    "grade_review": "goes by its age, as its inquiry does",
    "recheck": "goes with its inquiry, by age",
    "sealed_record": "where records go",
    "transfer_item": "the contract of two carriers, which names no person",
}
"""Tables that name a subject or a record and hang on neither by a foreign key, and what becomes of their rows."""


def hanging() -> Iterator[sa.Table]:
    yield from hanging_on(record)
    yield from hanging_on(subject)


def test_every_table_that_names_a_subject_or_a_record_goes_with_one_or_is_accounted_for() -> None:
    named = {
        table.name
        for table in metadata.tables.values()
        if {"subject_key", "debtor_key", "record_id"} & set(table.c.keys())
    }
    assert named - {each.name for each in hanging()} - accounted() == set()
    assert set(BESIDE) <= named


def accounted() -> set[str]:
    """Besides those above: how many statements a subject was given is dropped by a step of its own."""
    return set(BESIDE) | {"statement_given"}


def test_what_hangs_on_a_record_is_led_by_the_subject_and_refers_upwards() -> None:
    tables = hanging_on(record)
    assert tables[0] is record
    assert {"settlement", "clearance", "reversal", "plan", "plan_instalment", "record_event"} <= {
        each.name for each in tables
    }
    for place, table in enumerate(tables[1:], start=1):
        parents = {each.referred_table for each in table.foreign_key_constraints} & set(tables)
        assert parents <= set(tables[: place + 1])
        assert column_of(table) == "subject_key"


def full(store: Store, number: int = 10, who: int = 1) -> uuid.UUID:
    """A record with something in many of the tables."""
    owed = v.record_of(who, number, state=RecordState.CLEARED)
    case = v.dispute_of(owed, number)
    paid = v.settlement_of(owed, number)

    def work(tx: Any) -> None:
        tx.records.add([owed])
        tx.transitions.add([v.event_of(owed, number)])
        tx.settlements.add(paid)
        tx.clearances.add(v.clearance_of(paid, number))
        tx.disputes.add([case])
        tx.papers.add(v.document_of(case, number))

    store.write(work)
    return owed.record_id


def rows_of(store: Store) -> dict[str, int]:
    def work(tx: Any) -> dict[str, int]:
        connection = tx.records._connection
        return {
            table.name: connection.execute(
                sa.select(sa.func.count()).select_from(table).where(table.c.subject_key.in_([v.key(1), v.key(2)]))
            ).scalar_one()
            for table in hanging_on(record)
        }

    return {name: count for name, count in store.read(work).items() if count}


def test_a_record_is_taken_out_with_everything_that_hangs_on_it_and_nothing_else(store: Store) -> None:
    v.founded(store, 1, 2)
    mine, other, _ = full(store, 10), full(store, 11), full(store, 12, who=2)
    taken = store.write(lambda tx: tx.record_rows.take_out([(v.key(1), mine)]))
    assert set(taken) == {mine}
    assert set(taken[mine]) == {
        "record",
        "record_event",
        "settlement",
        "clearance",
        "dispute",
        "dispute_document",
    }
    assert taken[mine]["record"][0]["record_id"] == str(mine)
    assert "ciphertext" not in taken[mine]["dispute_document"][0]
    assert set(rows_of(store).values()) == {2}
    assert [each.record_id for each in store.read(lambda tx: tx.records.of_subjects([v.key(1)]))[v.key(1)]] == [other]


def test_two_records_of_a_subject_are_told_apart(store: Store) -> None:
    v.founded(store, 1)
    one, two = full(store, 10), full(store, 11)
    taken = store.write(lambda tx: tx.record_rows.take_out([(v.key(1), one), (v.key(1), two)]))
    assert [taken[each]["settlement"][0]["record_id"] for each in (one, two)] == [str(one), str(two)]
    assert rows_of(store) == {}


def a_sealed(who: int, number: int, **changes: Any) -> SealedRecord:
    values: dict[str, Any] = {
        "subject_key": v.key(who),
        "record_id": v.an_id(number),
        "creditor_id": "carrier-a",
        "debt_digest": number.to_bytes(32, "big"),
        "state": RecordState.CLEARED,
        "listed_on": TODAY,
        "closed_at": NOW,
        "sealed_at": NOW,
        "purge_on": TODAY + DAY,
        "suite": "AES-256-GCM",
        "kek_epoch": 1,
        "wrapped_key": b"w" * 40,
        "ciphertext": b"c" * 99,
        "log_entry_id": v.an_id(number),
    }
    return SealedRecord(**(values | changes))


def test_a_sealed_record_comes_back_as_it_was_and_is_due_on_its_day(store: Store) -> None:
    v.founded(store)
    sealed = a_sealed(1, 10)
    store.write(lambda tx: tx.archive.add([sealed]))
    assert store.read(lambda tx: tx.archive.find(v.an_id(10))) == sealed
    assert store.read(lambda tx: tx.archive.find(v.an_id(11))) is None
    assert store.read(lambda tx: tx.archive.of_subjects([v.key(1)])) == (sealed,)
    assert store.read(lambda tx: tx.archive.debts([v.key(1), v.key(2)])) == {(v.key(1), sealed.debt_digest)}
    assert store.read(lambda tx: tx.archive.due_purge(TODAY, 10)) == ()
    assert store.read(lambda tx: tx.archive.due_purge(TODAY + DAY, 10)) == ((v.key(1), v.an_id(10)),)


def test_what_is_due_is_found_by_its_days(store: Store) -> None:
    v.founded(store, 1, 2, 3)
    rows = [
        v.record_of(1, 10, state=RecordState.ACTIVE, received_at=NOW - 9 * DAY),
        v.record_of(2, 11, state=RecordState.CLEARED, received_at=NOW - 9 * DAY, state_since=NOW),
        v.record_of(3, 12, state=RecordState.CLEARED, received_at=NOW, state_since=NOW - 9 * DAY),
        v.record_of(3, 13, state=RecordState.PENDING, received_at=NOW - 9 * DAY),
    ]
    store.write(lambda tx: tx.records.add(rows))
    before = NOW - 5 * DAY
    open_one, listed_long, closed_long = ((v.key(number), v.an_id(9 + number)) for number in (1, 2, 3))
    assert store.read(lambda tx: tx.archive.due_expiry(before, 10)) == (open_one,)
    assert store.read(lambda tx: tx.archive.due_sealing(before, before, 10)) == (closed_long, listed_long)
    assert store.read(lambda tx: tx.archive.due_sealing(NOW - 20 * DAY, before, 10)) == (listed_long,)
    assert store.read(lambda tx: tx.archive.due_expiry(NOW - 20 * DAY, 10)) == ()


def test_a_subject_is_kept_by_what_it_has_and_until_when(store: Store) -> None:
    v.founded(store, 1, 2, 3, 4, 5)

    def work(tx: Any) -> None:
        tx.records.add([v.record_of(1, 10)])
        tx.victim_markers.add(v.a_marker(2, 20, days=30))
        tx.victim_markers.add(v.a_marker(2, 21, days=10))
        tx.archive.add([a_sealed(3, 30), a_sealed(4, 40, purged_at=NOW, wrapped_key=None, ciphertext=None)])

    store.write(work)
    keys = [v.key(each) for each in range(1, 6)]
    kept = store.read(lambda tx: tx.idle_subjects.kept_until(keys))
    assert kept == {v.key(1): FOR_EVER, v.key(2): v.a_marker(2, 20, days=30).until, v.key(3): FOR_EVER}


def test_a_forgotten_subject_leaves_no_head_no_marker_and_no_opening(store: Store) -> None:
    v.founded(store, 1, 2, entries=40)

    def work(tx: Any) -> None:
        tx.victim_markers.add(v.a_marker(1, 20))
        tx.red_list.add(v.a_red_list_entry(1, 30))
        tx.openings.append([v.a_log_entry(41, 1), v.a_log_entry(42, 2), v.a_log_entry(43, 1, kind="inquiry")])
        tx.idle_subjects.look_again({v.key(1): TODAY, v.key(2): None})

    store.write(work)
    assert store.read(lambda tx: tx.idle_subjects.due(TODAY - DAY, 10)) == frozenset()
    assert store.read(lambda tx: tx.idle_subjects.due(TODAY, 10)) == {v.key(1)}
    forgotten = store.read(lambda tx: tx.personal.of_subjects([v.key(1)]))
    assert forgotten == ((v.key(1), v.an_id(41)),)
    store.write(lambda tx: tx.idle_subjects.forget([v.key(1)]))
    store.write(lambda tx: tx.idle_subjects.forget([]))
    store.write(lambda tx: tx.openings.erase(forgotten, v.an_id(9)))
    assert store.read(lambda tx: tx.subjects.known([v.key(1), v.key(2)])) == {v.key(2)}
    assert store.read(lambda tx: tx.victim_markers.of_subjects([v.key(1)])) == {}
    opened = {each.entry_id for each in store.read(lambda tx: tx.openings.first(99)) if each.personal is not None}
    assert opened == {v.an_id(42), v.an_id(43)}


def test_a_head_row_that_is_missing_is_said_to_be_so(postgres_store: Store) -> None:
    v.founded(postgres_store, 1)
    assert postgres_store.write(lambda tx: tx.subjects.lock([v.key(1), v.key(2)])) == {v.key(1)}


def test_drops_by_age_are_bounded_and_leave_what_is_younger(store: Store) -> None:
    v.founded(store)
    old, young = NOW - 100 * DAY, NOW

    def work(tx: Any) -> None:
        tx.idempotency.keep(v.an_answer("a", created_at=old))
        tx.idempotency.keep(v.an_answer("b", created_at=old))
        tx.idempotency.keep(v.an_answer("c", created_at=young))
        tx.inquiries.add([v.an_inquiry(1, 10, month=202401), v.an_inquiry(1, 11, month=202611)])

    store.write(work)
    before = NOW - DAY
    assert [store.write(lambda tx: tx.retention.answers(before, 1)) for _ in range(3)] == [1, 1, 0]
    assert store.read(lambda tx: tx.idempotency.find("carrier-a", "c")) is not None
    assert store.write(lambda tx: tx.retention.inquiries(202501, 10)) == 1
    assert [each.inquiry_id for each in store.read(lambda tx: tx.inquiries.of_subject([v.key(1)]))] == [v.an_id(11)]


def test_quotes_go_with_their_lines(store: Store) -> None:
    v.founded(store)
    store.write(lambda tx: tx.quotes.add([v.a_quote(1, 10, 1, 2), v.a_quote(1, 11, 1)]))
    assert store.write(lambda tx: tx.retention.quotes(NOW + 9 * DAY, 10)) == 2
    assert store.write(lambda tx: tx.retention.quotes(NOW + 9 * DAY, 10)) == 0


def test_whole_months_of_inquiries_go_as_partitions(postgres_store: Store) -> None:
    v.founded(postgres_store)
    ensure_months(postgres_store, [202401, 202611])
    asked = [v.an_inquiry(1, 10, month=202401), v.an_inquiry(1, 11, month=202611), v.an_inquiry(1, 12, month=202312)]
    postgres_store.write(lambda tx: tx.inquiries.add(asked))
    assert postgres_store.write(lambda tx: tx.retention.inquiries(202501, 10)) == 2
    assert postgres_store.write(lambda tx: tx.retention.inquiries(202501, 10)) == 0
    kept = postgres_store.read(lambda tx: tx.inquiries.of_subject([v.key(1)]))
    assert [each.inquiry_id for each in kept] == [v.an_id(11)]


def test_a_daily_task_is_begun_by_one_and_finished_for_the_day(store: Store) -> None:
    assert store.read(lambda tx: tx.upkeep.done_on("retention")) is None
    assert store.write(lambda tx: tx.upkeep.take_up("retention")) == dt.date.min
    store.write(lambda tx: tx.upkeep.finish("retention", TODAY))
    assert store.write(lambda tx: tx.upkeep.take_up("retention")) == TODAY


@pytest.mark.parametrize("name", ["collection", "sealed_record", "inquiry", "quote"])
def test_what_outlives_its_subject_has_no_foreign_key_to_the_head_row(name: str) -> None:
    assert "subject" not in {each.referred_table.name for each in metadata.tables[name].foreign_key_constraints}
