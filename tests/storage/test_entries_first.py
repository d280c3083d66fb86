"""Every table that names an entry of the log has the trigger that refuses a row without it, on both databases."""

import sqlite3

import psycopg
import pytest

from registry.store.columns import metadata
from registry.store.errors import StoreFailure
from registry.store.transactions import Store
from tests.storage import values as v
from tests.support.partitions import ensure_months

NAMING = sorted(table.name for table in metadata.tables.values() if "log_entry_id" in table.c)
_TRIGGERS = (
    "SELECT relname, tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
    " WHERE NOT tgisinternal AND tgenabled = 'O'"
)


def triggers(url: str) -> set[tuple[str, str]]:
    """(table, trigger) of a database, without those that are switched off."""
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            found = connection.execute("SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        connection.close()
        return set(found)
    with psycopg.connect(url) as server:
        return set(server.execute(_TRIGGERS).fetchall())


def test_every_table_that_names_an_entry_has_the_triggers(database_url: str) -> None:
    wanted = {(table, f"{table}_names_an_entry{end}") for table in NAMING for end in ("", "_too")}
    assert wanted - triggers(database_url) == set()
    assert len(NAMING) > 25


def test_the_partitions_of_a_table_have_its_triggers(postgres_store: Store, postgres_url: str) -> None:
    v.founded(postgres_store)
    ensure_months(postgres_store, [202611])
    found = triggers(postgres_url)
    for table in ("inquiry_default", "inquiry_m202611"):
        assert {(table, "inquiry_names_an_entry"), (table, "inquiry_names_an_entry_too")} <= found


def test_a_row_without_its_entry_is_refused_and_nothing_of_its_transaction_is_kept(store: Store) -> None:
    v.founded(store, 1, entries=9)
    with pytest.raises(StoreFailure, match=r"record_names_an_entry$|SQLITE_CONSTRAINT_TRIGGER$"):
        store.write(lambda tx: tx.records.add([v.record_of(1, 5), v.record_of(1, 10)]))
    assert store.read(lambda tx: tx.records.of_subjects([v.key(1)])) == {}
    store.write(lambda tx: tx.records.add([v.record_of(1, 5)]))


def test_a_row_may_name_an_entry_whose_personal_part_is_erased(store: Store) -> None:
    v.founded(store, 1, entries=9)
    store.write(lambda tx: tx.openings.append([v.a_log_entry(20, 1)]))
    store.write(lambda tx: tx.openings.erase([(v.key(1), v.an_id(20))], v.an_id(9)))
    store.write(lambda tx: tx.participants.add(v.a_participant("carrier-c", log_entry_id=v.an_id(20))))
    assert store.read(lambda tx: tx.participants.get("carrier-c")) is not None


def test_a_subjects_row_finds_its_entry_under_the_subjects_own_key_and_nowhere_else(postgres_store: Store) -> None:
    v.founded(postgres_store, 1, 4)
    postgres_store.write(lambda tx: tx.openings.append([v.a_log_entry(500, 4), v.a_log_entry(501)]))
    for number, subject in ((500, 1), (501, 4)):
        with pytest.raises(StoreFailure, match=r"record_names_an_entry$"):
            postgres_store.write(lambda tx, s=subject, n=number: tx.records.add([v.record_of(s, n)]))
    postgres_store.write(lambda tx: tx.records.add([v.record_of(4, 500)]))
