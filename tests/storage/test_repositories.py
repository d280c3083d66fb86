"""Every repository gives back what it was given, on both databases."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from protocol.codes import NoticeChannel, Role
from protocol.messages.inquiries import MAX_QUOTE_LINES
from protocol.problems import Problem, Refusal
from protocol.states import RecordState
from registry.domain.subjects import Person
from registry.store.errors import Overtaken, StaleVersion, StoreFailure
from registry.store.transactions import Store, Transaction
from tests.storage import values as v
from tests.support.builders import NOW, TODAY

FULL: dict[str, Any] = {
    "suspended_on": TODAY - dt.timedelta(days=90),
    "ended_on": TODAY - dt.timedelta(days=60),
    "notice_channel": NoticeChannel.REGISTERED_MAIL,
    "dealer": "D-7",
    "received_at": v.LATER,
}


def test_a_participant_and_its_keys_come_back(store: Store) -> None:
    v.with_entries(store, 1)
    operator = v.a_participant("operator", roles=frozenset({Role.OPERATOR}), contact=None)
    signing_key = v.a_signing_key()

    def work(tx: Transaction) -> None:
        tx.participants.add(v.a_participant())
        tx.participants.add(operator)
        tx.participants.add_key(signing_key)

    store.write(work)
    assert store.read(lambda tx: tx.participants.get("operator")) == operator
    assert store.read(lambda tx: tx.participants.get("nobody")) is None
    assert store.read(lambda tx: tx.participants.key("carrier-a-1")) == (v.a_participant(), signing_key)
    assert store.read(lambda tx: tx.participants.key("unknown")) is None
    assert store.read(lambda tx: tx.participants.keys("carrier-a")) == (signing_key,)


def test_participants_are_paged_by_name(store: Store) -> None:
    v.with_entries(store, 1)
    names = ["carrier-a", "carrier-b", "carrier-c"]
    store.write(lambda tx: [tx.participants.add(v.a_participant(each)) for each in reversed(names)])
    first = store.read(lambda tx: tx.participants.page(None, 2))
    second = store.read(lambda tx: tx.participants.page(first[-1].participant_id, 2))
    assert [each.participant_id for each in (*first, *second)] == names


def test_a_second_participant_or_key_of_the_same_name_is_refused(store: Store) -> None:
    v.with_entries(store, 1)
    store.write(lambda tx: tx.participants.add(v.a_participant()))
    store.write(lambda tx: tx.participants.add_key(v.a_signing_key()))
    for work in (
        lambda tx: tx.participants.add(v.a_participant()),
        lambda tx: tx.participants.add_key(v.a_signing_key()),
    ):
        with pytest.raises(Refusal) as refused:
            store.write(work)
        assert refused.value.problem is Problem.ALREADY_EXISTS


def test_a_key_is_revoked_once(store: Store) -> None:
    v.with_entries(store, 1, 9)
    store.write(lambda tx: tx.participants.add(v.a_participant()))
    store.write(lambda tx: tx.participants.add_key(v.a_signing_key()))
    revoke = [store.write(lambda tx: tx.participants.revoke_key("carrier-a-1", v.LATER, v.an_id(9))) for _ in range(2)]
    assert revoke == [True, False]
    kept = store.read(lambda tx: tx.participants.key("carrier-a-1"))
    assert kept is not None
    _, revoked = kept
    assert (revoked.revoked_at, revoked.log_entry_id) == (v.LATER, v.an_id(9))


def test_epochs_come_back_in_order(store: Store) -> None:
    v.with_entries(store, 1)
    store.write(lambda tx: [tx.epochs.add(v.an_epoch(each)) for each in (2, 1)])
    assert store.read(lambda tx: tx.epochs.get(2)) == v.an_epoch(2)
    assert store.read(lambda tx: tx.epochs.all()) == (v.an_epoch(1), v.an_epoch(2))
    with pytest.raises(Refusal):
        store.write(lambda tx: tx.epochs.add(v.an_epoch(2)))


def test_a_nonce_is_used_once_for_each_key(store: Store) -> None:
    uses = [
        store.write(lambda tx, pair=pair: tx.requests.use_nonce(*pair, NOW))
        for pair in (("k1", "n1"), ("k1", "n1"), ("k2", "n1"), ("k1", "n2"))
    ]
    assert uses == [True, False, True, True]


def test_old_nonces_are_forgotten_and_new_ones_are_not(store: Store) -> None:
    store.write(lambda tx: [tx.requests.use_nonce("k", "old", NOW), tx.requests.use_nonce("k", "new", v.LATER)])
    assert store.write(lambda tx: tx.requests.forget_nonces(v.LATER)) == 1
    assert store.write(lambda tx: tx.requests.use_nonce("k", "new", v.LATER)) is False


def test_an_answer_comes_back_under_its_key_only(store: Store) -> None:
    v.founded(store)
    store.write(lambda tx: (tx.requests.keep(v.some_evidence()), tx.idempotency.keep(v.an_answer())))
    assert store.read(lambda tx: tx.idempotency.find("carrier-a", "k1")) == v.an_answer()
    assert store.read(lambda tx: tx.idempotency.find("carrier-a", "k2")) is None
    assert store.read(lambda tx: tx.idempotency.find("carrier-b", "k1")) is None

    def another(tx: Transaction) -> None:
        with pytest.raises(Overtaken):
            tx.idempotency.keep(v.an_answer(body=b"other"))

    store.write(another)
    assert store.read(lambda tx: tx.idempotency.find("carrier-a", "k1")) == v.an_answer()


def test_a_person_keeps_its_first_key_in_each_epoch(store: Store) -> None:
    first = [Person(index_key=v.key(each), epoch=1, subject_key=v.key(100 + each)) for each in range(20)]
    again = [replace(each, subject_key=v.key(200)) for each in first]
    assert store.write(lambda tx: tx.people.ensure(first[:2])) == {v.key(0): v.key(100), v.key(1): v.key(101)}
    kept = {each.index_key: each.subject_key for each in first[:2]} | {v.key(each): v.key(200) for each in range(2, 20)}
    assert store.write(lambda tx: tx.people.ensure(again)) == kept
    assert store.write(lambda tx: tx.people.ensure([])) == {}
    keys = store.read(lambda tx: tx.people.look([v.key(0), v.key(50)]))
    assert (keys.key_of(v.key(0)), keys.key_of(v.key(50))) == (v.key(100), v.key(50))
    assert (keys.has(v.key(0)), keys.has(v.key(50))) == (True, False)
    with pytest.raises(KeyError):
        keys.key_of(v.key(1))


def test_what_lets_requests_in_looks_for_those_alone_whom_they_name(store: Store) -> None:
    """PostgreSQL would plan a statement with a part for nobody anew each time."""
    asked: list[str] = []
    engine = store._engines.write
    sa.event.listen(engine, "before_cursor_execute", lambda _connection, _cursor, text, *_rest: asked.append(text))

    def look(people: list[bytes], households: list[bytes]) -> tuple[bool, bool]:
        asked.clear()
        store.write(
            lambda tx: tx.arrivals.look(keys=[], nonces=[], calls=[], people=people, households=households).links
        )
        (text,) = [each for each in asked if "participant_key" in each]
        return "person_index" in text, "household_link" in text

    assert look([], []) == (False, False)
    assert look([v.key(1)], []) == (True, False)
    assert look([v.key(1)], [v.key(50)]) == (True, True)


def test_a_head_row_keeps_its_first_seal(store: Store) -> None:
    v.founded(store, 1)
    again = replace(v.a_subject(1), sealed=v.sealed(99))
    store.write(lambda tx: tx.subjects.ensure([v.a_subject(2), again, again]))
    assert store.read(lambda tx: tx.subjects.get(v.key(1))) == v.a_subject(1)
    assert store.read(lambda tx: tx.subjects.get(v.key(3))) is None
    assert store.read(lambda tx: tx.subjects.known([v.key(1), v.key(2), v.key(3)])) == {v.key(1), v.key(2)}


def test_records_come_back_whole_and_by_subject(store: Store) -> None:
    v.founded(store, 1, 2, 3)
    mine = (v.record_of(1, 10, **FULL), v.record_of(1, 11, state=RecordState.PENDING, notice_channel=None))
    other = v.record_of(2, 12, creditor_id="carrier-b")
    store.write(lambda tx: tx.records.add([*mine, other]))
    found = store.read(lambda tx: tx.records.of_subjects([v.key(1), v.key(2), v.key(3), v.key(1)]))
    assert found == {v.key(1): mine, v.key(2): (other,)}
    active = store.read(lambda tx: tx.records.active_of_subjects([v.key(1)]))
    assert active == {v.key(1): mine[:1]}
    assert store.read(lambda tx: tx.records.of_subjects([])) == {}
    assert store.read(lambda tx: tx.records.of_subjects([v.key(3)])) == {}


def test_times_keep_their_zone_and_their_microseconds(store: Store) -> None:
    v.founded(store, 1)
    beijing = dt.timezone(dt.timedelta(hours=8))
    at = dt.datetime(2026, 3, 1, 0, 0, 0, 1, tzinfo=beijing)
    store.write(lambda tx: tx.records.add([v.record_of(1, 10, received_at=at)]))
    found = store.read(lambda tx: tx.records.find(v.an_id(10)))
    assert found.received_at == at
    assert found.received_at.tzinfo is dt.UTC


def test_a_time_without_a_zone_is_not_stored(store: Store) -> None:
    v.founded(store, 1)
    naive = dt.datetime(2026, 3, 1)  # noqa: DTZ001 - the mistake that is tested
    with pytest.raises(Exception, match=r"zone|offset-naive"):
        store.write(lambda tx: tx.records.add([v.record_of(1, 10, received_at=naive)]))


def test_a_record_is_found_by_id_and_by_account(store: Store) -> None:
    v.founded(store, 1, 2)
    old = v.record_of(1, 10, account_ref=b"a" * 32, state=RecordState.CLEARED, due_date=TODAY - dt.timedelta(days=400))
    new = v.record_of(2, 11, account_ref=b"a" * 32)
    store.write(lambda tx: tx.records.add([old, new]))
    assert store.read(lambda tx: tx.records.find(v.an_id(10))) == old
    assert store.read(lambda tx: tx.records.find(v.an_id(99))) is None
    assert store.read(lambda tx: tx.records.of_account("carrier-a", b"a" * 32)) == (old, new)
    assert store.read(lambda tx: tx.records.of_account("carrier-b", b"a" * 32)) == ()


def test_an_update_names_the_version_it_read(store: Store) -> None:
    v.founded(store, 1)
    first = v.record_of(1, 10)
    second = replace(first, version=2, state=RecordState.CLEARED, paid_fen=5, due_date=TODAY, **FULL)
    second = replace(second, received_at=first.received_at)
    store.write(lambda tx: tx.records.add([first]))
    store.write(lambda tx: tx.records.update(second, expected_version=1))
    assert store.read(lambda tx: tx.records.find(v.an_id(10))) == second
    with pytest.raises(StaleVersion):
        store.write(lambda tx: tx.records.update(second, expected_version=1))


def test_one_stale_version_among_many_undoes_them_all(store: Store) -> None:
    v.founded(store, 1, 2)
    records = [v.record_of(1, 10), v.record_of(2, 11)]
    store.write(lambda tx: tx.records.add(records))
    changed = [replace(each, version=2, paid_fen=1) for each in records]
    with pytest.raises(StaleVersion):
        store.write(lambda tx: tx.records.update_many([(changed[0], 1), (changed[1], 7)]))
    assert store.read(lambda tx: tx.records.find(v.an_id(10))) == records[0]
    store.write(lambda tx: tx.records.update_many([(each, 1) for each in changed]))
    assert store.read(lambda tx: tx.records.find(v.an_id(11))) == changed[1]


def test_an_account_has_one_open_record(store: Store) -> None:
    v.founded(store, 1)
    store.write(lambda tx: tx.records.add([v.record_of(1, 10, account_ref=b"a" * 32)]))
    twin = v.record_of(1, 11, account_ref=b"a" * 32, due_date=TODAY, state=RecordState.PENDING)
    with pytest.raises(StoreFailure):
        store.write(lambda tx: tx.records.add([twin]))
    store.write(lambda tx: tx.records.add([replace(twin, state=RecordState.WITHDRAWN)]))


def test_the_worker_finds_what_has_become_due(store: Store) -> None:
    v.founded(store, 1)
    days = {10: TODAY, 11: TODAY - dt.timedelta(days=1), 12: TODAY + dt.timedelta(days=1)}
    pending = {
        number: v.record_of(1, number, state=RecordState.PENDING, enforceable_from=day) for number, day in days.items()
    }
    store.write(lambda tx: tx.records.add([*pending.values(), v.record_of(1, 13)]))
    assert store.read(lambda tx: tx.records.due_pending(TODAY, 10)) == (pending[11], pending[10])
    assert store.read(lambda tx: tx.records.due_pending(TODAY, 1)) == (pending[11],)
    assert store.read(lambda tx: tx.records.count_by_state()) == {RecordState.PENDING: 3, RecordState.ACTIVE: 1}


def test_the_history_of_a_record_comes_back(store: Store) -> None:
    v.founded(store, 1)
    record, other = v.record_of(1, 10), v.record_of(1, 11)
    events = (v.event_of(record, 20), v.event_of(record, 21))
    store.write(lambda tx: (tx.records.add([record, other]), tx.transitions.add([*events, v.event_of(other, 22)])))
    assert store.read(lambda tx: tx.transitions.of_record(v.key(1), v.an_id(10))) == events


def test_inquiries_come_back_by_subject(store: Store) -> None:
    v.founded(store)
    asked = (v.an_inquiry(1, 10, month=202611), v.an_inquiry(1, 11, month=202612))
    store.write(lambda tx: tx.inquiries.add([asked[1], v.an_inquiry(2, 12), asked[0]]))
    assert store.read(lambda tx: tx.inquiries.of_subject([v.key(1)])) == asked


def test_a_quote_comes_back_with_its_lines_in_order(store: Store) -> None:
    v.founded(store)
    quotes = [v.a_quote(1, 10, 3, 1, 2), v.a_quote(1, 11)]
    store.write(lambda tx: tx.quotes.add(quotes))
    assert store.read(lambda tx: tx.quotes.by_reference("reference-10")) == quotes[0]
    assert store.read(lambda tx: tx.quotes.by_reference("reference-11")) == quotes[1]
    assert store.read(lambda tx: tx.quotes.by_reference("reference-12")) is None


def test_a_quote_of_before_with_more_lines_shows_its_first_ones(store: Store) -> None:
    v.founded(store)
    long = v.a_quote(1, 10, *range(1, MAX_QUOTE_LINES + 51))
    store.write(lambda tx: tx.quotes.add([long]))
    found = store.read(lambda tx: tx.quotes.by_reference("reference-10"))
    assert found == replace(long, lines=long.lines[:MAX_QUOTE_LINES])
    assert found.records == MAX_QUOTE_LINES + 50


def test_settlements_and_clearances_come_back(store: Store) -> None:
    v.founded(store, 1)
    record = v.record_of(1, 10)
    settlement = v.settlement_of(record, 20)
    clearance = v.clearance_of(settlement, 30)

    def work(tx: Transaction) -> None:
        tx.records.add([record])
        tx.settlements.add(settlement)
        tx.clearances.add(clearance)

    store.write(work)
    assert store.read(lambda tx: tx.settlements.of_record(v.key(1), v.an_id(10))) == (settlement,)
    assert store.read(lambda tx: tx.settlements.of_record(v.key(1), v.an_id(11))) == ()
    assert store.read(lambda tx: tx.clearances.find(v.an_id(30))) == clearance
    assert store.read(lambda tx: tx.clearances.find(v.an_id(31))) is None
    assert store.read(lambda tx: tx.clearances.of_subject(v.key(1))) == (clearance,)


def test_log_entries_are_found_by_their_ids(store: Store) -> None:
    entries = (v.a_log_entry(1), v.a_log_entry(2, subject=7, personal=None, personal_salt=None))
    store.write(lambda tx: tx.openings.append(entries[::-1]))
    assert store.read(lambda tx: tx.openings.first(10)) == entries
    assert store.read(lambda tx: tx.openings.first(1)) == entries[:1]


def test_a_batch_tells_how_far_it_is(store: Store) -> None:
    v.founded(store)
    assert store.read(lambda tx: tx.batches.progress("carrier-a", "b1")) is None
    store.write(lambda tx: [tx.batches.keep(v.a_chunk(0)), tx.batches.keep(v.a_chunk(1, rows=5))])
    assert store.read(lambda tx: tx.batches.chunk("carrier-a", "b1", 1)) == v.a_chunk(1, rows=5)
    assert store.read(lambda tx: tx.batches.chunk("carrier-a", "b1", 2)) is None
    assert store.read(lambda tx: tx.batches.progress("carrier-a", "b1")) == (2, 15)
    with pytest.raises(Refusal) as refused:
        store.write(lambda tx: tx.batches.keep(v.a_chunk(1)))
    assert refused.value.problem is Problem.IN_FLIGHT


def test_many_rows_go_through_in_one_call(store: Store) -> None:
    count = 2_500
    v.founded(store, *range(1, count + 1), entries=count)
    records = [v.record_of(each, each) for each in range(1, count + 1)]
    store.write(lambda tx: tx.records.add(records))
    found = store.read(lambda tx: tx.records.of_subjects([each.subject_key for each in records]))
    assert found == {each.subject_key: (each,) for each in records}
    store.write(lambda tx: tx.records.update_many([(replace(each, version=2), 1) for each in records]))
