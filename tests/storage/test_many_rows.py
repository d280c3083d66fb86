"""Many rows in one statement: what arrives, what is refused, and how many commands PostgreSQL gets."""

import datetime as dt
import uuid
from dataclasses import replace

import pytest

from protocol.events import EventKind
from registry.domain.events import Event
from registry.domain.log import LogEntry
from registry.domain.records import Record
from registry.store.arrays import arrays
from registry.store.columns import metadata
from registry.store.errors import StaleVersion, StoreFailure
from registry.store.prepared import FEW
from registry.store.transactions import Store
from tests.storage import values as v

MANY = FEW + 12
TEXTS = (
    "",
    "NULL",
    "null",
    '"',
    "\\",
    "{}",
    "a,b",
    " ",
    "\n",
    "\t\\x41",
    "欠费",
    "'; DROP TABLE record; --",
    "%s",
    '\\\\"',
)


def entry(number: int, kind: str = "inquiry") -> LogEntry:
    octets = bytes(range(256)) * (number % 3)
    return LogEntry(
        subject_key=v.key(number % 4),
        entry_id=v.an_id(number),
        kind=kind,
        at=dt.datetime(2026, 11, 28, 1, 2, 3, number, tzinfo=dt.timezone(dt.timedelta(hours=number % 3))),
        participant_id="p",
        request_id=uuid.UUID(int=number) if number % 2 else None,
        core=octets,
        core_salt=b"s" * 32,
        personal=octets if number % 2 else None,
        personal_salt=b"p" * 32 if number % 2 else None,
        erased_by=None,
    )


def test_many_rows_arrive_as_they_were_given_whatever_they_hold(store: Store) -> None:
    kinds = (*TEXTS, *map(str, range(MANY - len(TEXTS))))
    given = [entry(number, kind) for number, kind in enumerate(kinds, 1)]
    store.write(lambda tx: tx.openings.append(given))
    assert store.read(lambda tx: tx.openings.first(2 * MANY)) == tuple(given)


def test_a_text_that_is_too_long_is_refused_among_many_and_never_cut(postgres_store: Store) -> None:
    given = [entry(number, "k" * 49) for number in range(1, MANY)]
    with pytest.raises(StoreFailure):
        postgres_store.write(lambda tx: tx.openings.append(given))
    assert postgres_store.read(lambda tx: tx.openings.first(1)) == ()


def test_what_no_database_text_can_hold_is_refused_among_many(postgres_store: Store) -> None:
    given = [entry(number, "\0") for number in range(1, MANY)]
    with pytest.raises((StoreFailure, ValueError)):
        postgres_store.write(lambda tx: tx.openings.append(given))


def test_a_value_of_a_kind_that_no_column_has_is_an_error() -> None:
    with pytest.raises(KeyError):
        arrays([(1.5,)])


def test_every_column_of_every_table_goes_into_an_array() -> None:
    for table in metadata.tables.values():
        for column in table.columns:
            assert column.type.python_type in {bytes, str, int, bool, uuid.UUID, object}, column


@pytest.fixture
def listed(store: Store) -> tuple[Store, list[Record]]:
    """Many records of one subject and one of another."""
    v.founded(store, 1, 2)
    made = [v.record_of(1, number) for number in range(1, MANY)] + [v.record_of(2, MANY)]
    store.write(lambda tx: tx.records.add(made))
    return store, made


def test_many_records_change_together_and_no_other_does(listed: tuple[Store, list[Record]]) -> None:
    store, made = listed
    changed = [
        replace(each, paid_fen=number, dealer=None if number % 2 else '"d{,}\\"', version=each.version + 1)
        for number, each in enumerate(made[1:], 1)
    ]
    store.write(lambda tx: tx.records.update_many([(each, each.version - 1) for each in changed]))
    kept = store.read(lambda tx: tx.records.these([(each.subject_key, each.record_id) for each in made]))
    assert kept == {each.record_id: each for each in (made[0], *changed)}


def test_one_stale_record_among_many_refuses_them_all(listed: tuple[Store, list[Record]]) -> None:
    store, made = listed
    changes = [(replace(each, version=each.version + 1), each.version) for each in made]
    changes[5] = (changes[5][0], changes[5][1] + 1)
    with pytest.raises(StaleVersion):
        store.write(lambda tx: tx.records.update_many(changes))
    assert store.read(lambda tx: tx.records.of_subjects([v.key(1)]))[v.key(1)] == tuple(made[:-1])


def test_what_is_there_already_is_left_out_among_many_new_ones(store: Store) -> None:
    v.with_entries(store, 1)
    store.write(lambda tx: tx.epochs.add(v.an_epoch(1)))
    store.write(lambda tx: tx.subjects.ensure([v.a_subject(3)]))
    # Twice in one call as well: only the first of a kind is new.
    store.write(lambda tx: tx.subjects.ensure([v.a_subject(number % MANY) for number in range(2 * MANY)]))
    wanted = {v.key(number) for number in range(MANY)}
    assert store.read(lambda tx: tx.subjects.known(wanted)) == wanted


def test_the_many_events_of_a_feed_get_their_places_in_order(store: Store) -> None:
    v.founded(store)
    events = [
        Event(
            recipient="carrier-a",
            event_id=v.an_id(number),
            kind=EventKind.RECORD_WITHDRAWN,
            record_id=None,
            inquiry_id=None,
            payload=b"{}",
            created_at=v.LATER,
        )
        for number in range(1, MANY)
    ]
    store.write(lambda tx: tx.events.add(events))
    assert store.write(lambda tx: tx.events.number("carrier-a", 1_000)) == len(events)
    page = store.read(lambda tx: tx.events.page("carrier-a", 0, 1_000))
    assert [(each.event_id, each.position) for each in page] == [
        (each.event_id, place) for place, each in enumerate(events, 1)
    ]
