"""Openings of before are taken apart: nothing of the log is lost, and what was erased stays so, on both databases."""

import uuid
from contextlib import closing
from dataclasses import replace

import psycopg
import pytest
import sqlalchemy as sa

from registry.domain.log import LogEntry
from registry.store import columns
from registry.store.columns import SEALED
from registry.store.engines import make_engines
from registry.store.epochs import key_epoch
from registry.store.errors import StoreFailure
from registry.store.log.pending import log_pending
from registry.store.migrate import differences, upgrade
from registry.store.participants import participant
from registry.store.records import record
from registry.store.subjects import subject
from registry.store.transactions import Store, exclusive
from tests.storage import values as v
from tests.storage.revisions import before, insert, insert_entries, upgrade_to
from tests.support.partitions import ensure_months

REVISION = "0047"
MONTHS = [202311, 202312]
ERASURE = v.a_log_entry(5, kind="erasure")
OF_NOBODY = v.a_log_entry(1)
LISTED = v.a_log_entry(10, 1, personal=b'{"subject":"1"}', request_id=uuid.UUID(int=7))
ASKED = v.a_log_entry(11, 2, kind="inquiry")
TOMBSTONE = v.a_log_entry(12, 1, kind="record.transition", personal=None, personal_salt=None)
ERASED = [
    replace(v.a_log_entry(number, kind="report.listed"), erased_by=ERASURE.entry_id, participant_id="carrier-b")
    for number in (2, 3)
]
LATE = replace(v.a_log_entry(13, 1), entry_id=uuid.UUID(int=v.an_id(13).int + (90 * 86_400_000 << 80)))
"""Of a month without a partition."""
ENTRIES = (OF_NOBODY, *ERASED, ERASURE, LISTED, ASKED, TOMBSTONE, LATE)
_PENDING = sa.Table("log_pending", sa.MetaData(), columns.key(), columns.uuid("entry_id"))


def waits(entry: LogEntry) -> LogEntry:
    return replace(entry, subject_key=entry.subject_key or bytes(16))


@pytest.fixture
def old_url(empty_url: str) -> str:
    """A database of the revision before, with a month of openings, and some that wait."""
    upgrade_to(empty_url, before(REVISION))
    with closing(Store(make_engines(empty_url))) as store:
        ensure_months(store, MONTHS, ("inquiry", "log_opening"))
    with closing(make_engines(empty_url)) as engines, exclusive(engines) as connection:
        insert_entries(connection, *ENTRIES)
        insert(connection, _PENDING, waits(LISTED), waits(ERASED[0]))
        insert(connection, participant, v.a_participant("carrier-a"))
        insert(connection, key_epoch, v.an_epoch())
        insert(connection, subject, v.a_subject(1), **SEALED)
        insert(connection, record, v.record_of(1, 10))
    return empty_url


def test_openings_of_before_keep_all_that_they_had(old_url: str) -> None:
    upgrade(old_url)
    assert differences(old_url) == []
    with closing(Store(make_engines(old_url))) as store:
        assert store.read(lambda tx: tx.openings.first(99)) == tuple(sorted(ENTRIES, key=lambda each: each.entry_id))
        assert store.read(lambda tx: tx.personal.of_subjects([v.key(1), v.key(2)])) == tuple(
            (v.key(1), each.entry_id) for each in (LISTED, LATE)
        )
        assert store.read(lambda tx: tx.personal.old(v.an_id(99), 9)) == ((v.key(2), ASKED.entry_id),)
        with store._engines.read.connect() as connection:
            waiting = connection.execute(sa.select(log_pending).order_by(log_pending.c.entry_id)).scalars().all()
        assert waiting == [ERASED[0].entry_id, LISTED.entry_id]


def test_the_taken_apart_are_guarded_like_new_ones(old_url: str) -> None:
    upgrade(old_url)
    with closing(Store(make_engines(old_url))) as store:
        store.write(lambda tx: tx.records.add([v.record_of(1, 12)]))
        with pytest.raises(StoreFailure):
            store.write(lambda tx: tx.records.add([v.record_of(1, 14)]))
        store.write(lambda tx: tx.openings.erase([(v.key(1), LISTED.entry_id)], ERASURE.entry_id))
        erased = replace(LISTED, subject_key=None, personal=None, personal_salt=None, erased_by=ERASURE.entry_id)
        assert store.read(lambda tx: tx.openings.find(LISTED.entry_id)) == erased
        for table in ("log_opening", "log_personal", "log_erasure"):
            with pytest.raises(StoreFailure):
                store.write(lambda tx, name=table: tx.connection.exec_driver_sql(f"DELETE FROM {name}"))  # noqa: S608


def test_months_stay_months(old_url: str) -> None:
    if old_url.startswith("sqlite"):
        return
    upgrade(old_url)
    with closing(Store(make_engines(old_url))) as store:
        ensure_months(store, [*MONTHS, 202401])
    with psycopg.connect(old_url) as connection:
        sizes = {
            name: connection.execute(f"SELECT count(*) FROM log_opening_{name}").fetchone()  # noqa: S608
            for name in ("m202311", "m202312", "m202401", "default")
        }
        names = connection.execute("SELECT relname FROM pg_class WHERE relname LIKE '%before%'").fetchall()
    assert sizes == {"m202311": (len(ENTRIES) - 1,), "m202312": (0,), "m202401": (0,), "default": (1,)}
    assert names == []
    for name in ("m202311", "default"):
        with psycopg.connect(old_url) as connection, pytest.raises(psycopg.Error, match="append-only"):
            connection.execute(f"TRUNCATE log_opening_{name}")
