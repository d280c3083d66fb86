"""The revisions and the tables in the code are the same, on both databases, however they are applied."""

import importlib
import sqlite3
import threading
from contextlib import closing

import psycopg
import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

from registry.store.columns import SEALED, metadata
from registry.store.engines import make_engines
from registry.store.epochs import key_epoch
from registry.store.errors import StoreFailure
from registry.store.migrate import _config, differences, upgrade
from registry.store.participants import participant
from registry.store.records import record
from registry.store.revision import current, newest
from registry.store.subjects import subject
from registry.store.transactions import Store, exclusive
from registry.store.transitions import record_event
from tests.storage import values as v
from tests.storage.revisions import before, insert, insert_entries, upgrade_to
from tests.support.partitions import ensure_months

NAMES = {str(each.name) for table in metadata.tables.values() for each in table.constraints}
INDEXES = {str(each.name) for table in metadata.tables.values() for each in table.indexes}


def test_an_empty_database_comes_to_the_newest_schema_and_stays_there(empty_url: str) -> None:
    assert current(empty_url) is None
    assert upgrade(empty_url) == newest() == current(empty_url)
    assert upgrade(empty_url) == newest()


def test_revisions_and_code_agree(database_url: str) -> None:
    assert differences(database_url) == []


def test_names_of_constraints_agree_on_sqlite(sqlite_url: str) -> None:
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        texts = " ".join(row[0] for row in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))
    connection.close()
    assert [each for each in sorted(NAMES | INDEXES) if f" {each} " not in texts] == []


def test_names_of_constraints_agree_on_postgresql(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        rows = connection.execute("SELECT conname FROM pg_constraint WHERE contype <> 'n'").fetchall()
        rows += connection.execute("SELECT indexname FROM pg_indexes WHERE schemaname = 'public'").fetchall()
    assert sorted(NAMES | INDEXES) == sorted((NAMES | INDEXES) & {row[0] for row in rows})


def test_many_may_migrate_at_once(empty_url: str) -> None:
    done: list[str] = []
    threads = [threading.Thread(target=lambda: done.append(upgrade(empty_url))) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert done == [newest()] * 3


def test_months_get_partitions_and_no_row_moves_out_of_the_default_one(
    postgres_store: Store, postgres_url: str
) -> None:
    v.founded(postgres_store)
    asked = (v.an_inquiry(1, 10, month=202611), v.an_inquiry(1, 11, month=202701))
    postgres_store.write(lambda tx: tx.inquiries.add(asked))
    for _ in range(2):
        ensure_months(postgres_store, [202611, 202612])
    postgres_store.write(lambda tx: tx.inquiries.add([v.an_inquiry(1, 12, month=202611)]))
    postgres_store.write(lambda tx: tx.inquiries.add([v.an_inquiry(1, 13, month=202612)]))
    assert len(postgres_store.read(lambda tx: tx.inquiries.of_subject([v.key(1)]))) == 4
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT to_regclass('inquiry_m202611')").fetchone() == (None,)
        for table, rows in {"inquiry_m202612": 1, "inquiry_default": 3}.items():
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (rows,)  # noqa: S608
    assert differences(postgres_url) == []


def test_sqlite_keeps_one_table_for_all_months(sqlite_store: Store) -> None:
    ensure_months(sqlite_store, [202611])


def test_quotes_of_before_get_their_totals_from_their_lines(database_url: str) -> None:
    engines = make_engines(database_url)
    store = Store(engines)
    v.founded(store)
    quotes = [v.a_quote(1, 10, 1, 2, 3), v.a_quote(2, 11, 4), v.a_quote(2, 12)]
    store.write(lambda tx: tx.quotes.add(quotes))
    revision = importlib.import_module("migrations.versions.0030_quote_totals")
    references = importlib.import_module("migrations.versions.0045_references")
    with exclusive(engines) as connection:
        connection.execute(sa.text("UPDATE quote_line SET costs_fen = 9007199254740991"))
        connection.execute(sa.text("DROP TABLE quote_total"))
        with Operations.context(MigrationContext.configure(connection)):
            revision.upgrade()
            references.upgrade()
    assert differences(database_url) == []
    filled = [store.read(lambda tx, n=number: tx.quotes.by_reference(f"reference-{n}")) for number in (10, 11, 12)]
    engines.close()
    assert [(each.records, each.owed.principal_fen, each.owed.late_fee_fen) for each in filled] == [
        (3, 36_006, 900),
        (1, 12_004, 300),
        (0, 0, 0),
    ]
    assert [each.owed.costs_fen for each in filled] == [2**53 - 1, 2**53 - 1, 0]


def test_the_newest_revision_is_the_head_of_the_whole_chain() -> None:
    assert ScriptDirectory.from_config(_config()).get_current_head() == newest()


def test_events_of_before_lie_under_their_records_afterwards(empty_url: str) -> None:
    upgrade_to(empty_url, before("0046"))
    entries = [v.a_log_entry(1), *(v.a_log_entry(number, 1) for number in (10, 20, 21))]
    events = [v.event_of(v.record_of(1, 10), number) for number in (20, 21)]
    with closing(make_engines(empty_url)) as engines, exclusive(engines) as connection:
        insert_entries(connection, *entries)
        insert(connection, participant, v.a_participant("carrier-a"))
        insert(connection, key_epoch, v.an_epoch())
        insert(connection, subject, v.a_subject(1), **SEALED)
        insert(connection, record, v.record_of(1, 10))
        insert(connection, record_event, *events)
    upgrade(empty_url)
    assert differences(empty_url) == []
    with closing(Store(make_engines(empty_url))) as store:
        assert store.read(lambda tx: tx.transitions.of_record(v.key(1), v.an_id(10))) == tuple(events)
        with pytest.raises(StoreFailure):
            store.write(lambda tx: tx.transitions.add([v.event_of(v.record_of(1, 10), 9)]))
