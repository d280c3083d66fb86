"""What the database itself refuses: leaves, tiles and openings stand, whoever holds the connection."""

import os
import uuid
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa

from protocol.log_entries import EntryKind
from protocol.problems import Refusal
from registry.domain.ids import uuid7
from registry.store.errors import StoreFailure
from registry.store.transactions import Store, Transaction
from tests.support.builders import NOW
from tests.support.log_entries import an_entry
from tests.support.partitions import ensure_months

LEAVES = [(uuid7(NOW, os.urandom).bytes, os.urandom(32)) for _ in range(5)]
SUBJECT = b"s" * 16
ENTRY = an_entry(subject_key=SUBJECT, personal=b"{}")
OLD = replace(an_entry(subject_key=SUBJECT, personal=b"{}"), kind=EntryKind.INQUIRY.value)
ERASURE = an_entry()


@pytest.fixture
def kept(store: Store) -> Store:
    def work(tx: Transaction) -> None:
        tx.openings.append([ENTRY, ERASURE])
        tx.trees.add_leaves(2026, 0, LEAVES)
        tx.trees.add_tiles(2026, {(0, 0): b"t" * 8192})

    store.write(work)
    return store


def refused(store: Store, statement: str) -> str:
    """Run a statement as somebody would who has the writer's rights; what the driver says."""
    # An engine of its own: the store's are watched for statements that ask every node, as these do.
    engine = sa.create_engine(store._engines.write.url)
    with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError) as error:
        connection.exec_driver_sql(statement)
    engine.dispose()
    return str(error.value.orig)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_leaf SET digest = entry_id",
        "UPDATE log_leaf SET leaf_index = leaf_index + 10 WHERE shard = 2026",
        "DELETE FROM log_leaf",
        "UPDATE log_tile SET level = 1",
        "DELETE FROM log_tile WHERE shard = 2026",
        "DELETE FROM log_opening",
        "UPDATE log_opening SET core = core_salt",
        "UPDATE log_opening SET core_salt = core",
        "UPDATE log_opening SET kind = 'inquiry'",
        "UPDATE log_opening SET participant_id = 'somebody'",
        "UPDATE log_personal SET personal = personal_salt",
        "UPDATE log_personal SET personal = NULL, personal_salt = NULL",
        "UPDATE log_personal SET subject_key = personal_salt",
        "DELETE FROM log_personal",
    ],
)
def test_the_log_is_append_only(kept: Store, statement: str) -> None:
    assert "append-only" in refused(kept, statement)
    assert kept.read(lambda tx: tx.trees.leaves(2026, 0, 9)) == LEAVES
    assert kept.read(lambda tx: tx.trees.tiles(2026, {(0, 0)})) == {(0, 0): b"t" * 8192}
    assert kept.read(lambda tx: tx.openings.find(ENTRY.entry_id)) == ENTRY


@pytest.mark.parametrize(
    "table",
    [
        "log_erasure",
        "log_leaf",
        "log_opening",
        "log_opening_default",
        "log_opening_m202611",
        "log_pending",
        "log_personal",
        "log_tile",
    ],
)
def test_postgresql_truncates_nothing_of_the_log(postgres_store: Store, table: str) -> None:
    ensure_months(postgres_store, [202611])
    assert "append-only" in refused(postgres_store, f"TRUNCATE {table}")


def test_an_erasure_takes_the_personal_part_and_nothing_else_and_only_once(kept: Store) -> None:
    kept.write(lambda tx: tx.openings.erase([(SUBJECT, ENTRY.entry_id)], ERASURE.entry_id))
    found = kept.read(lambda tx: tx.openings.find(ENTRY.entry_id))
    assert (found.core, found.core_salt, found.kind, found.at) == (ENTRY.core, ENTRY.core_salt, ENTRY.kind, ENTRY.at)
    assert (found.personal, found.personal_salt, found.subject_key) == (None, None, None)
    assert found.erased_by == ERASURE.entry_id
    with pytest.raises(Refusal, match="unavailable"):
        kept.write(lambda tx: tx.openings.erase([(SUBJECT, ENTRY.entry_id)], uuid.UUID(int=1)))
    for statement in ("UPDATE log_erasure SET erased_by = entry_id", "DELETE FROM log_erasure"):
        assert "append-only" in refused(kept, statement)
    assert kept.read(lambda tx: tx.openings.find(ENTRY.entry_id)) == found


def test_a_personal_part_of_nobody_is_refused_and_not_lost(kept: Store) -> None:
    with pytest.raises(StoreFailure):
        kept.write(lambda tx: tx.openings.append([an_entry(personal=b"{}")]))


def test_of_two_erasures_at_once_the_second_looks_again(postgres_store: Store) -> None:
    postgres_store.write(lambda tx: tx.openings.append([OLD, ERASURE]))
    found: list[int] = []

    def erase(tx: Transaction) -> None:
        places = tx.personal.old(ERASURE.entry_id, 9)
        found.append(len(places))
        tx.openings.erase(places, ERASURE.entry_id)

    with ThreadPoolExecutor(1) as threads:

        def first(tx: Transaction) -> "Future[None]":
            tx.openings.erase([(SUBJECT, OLD.entry_id)], ERASURE.entry_id)
            second = threads.submit(postgres_store.write, erase)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.3)
            return second

        postgres_store.write(first).result()
    assert found == [1, 0]


def test_an_entry_has_one_place_and_a_place_one_entry(kept: Store) -> None:
    again = (LEAVES[0][0], os.urandom(32))
    fresh = (uuid7(NOW, os.urandom).bytes, os.urandom(32))
    for shard, index, leaf in ((2026, 5, again), (2025, 0, again), (2026, 4, fresh)):
        with pytest.raises(StoreFailure):
            kept.write(lambda tx, at=(shard, index), leaf=leaf: tx.trees.add_leaves(*at, [leaf]))
    assert kept.read(lambda tx: tx.trees.leaves(2026, 0, 9)) == LEAVES


def test_leaves_tiles_and_places_are_given_back_as_they_were_added(kept: Store) -> None:
    assert kept.read(lambda tx: tx.trees.leaves(2026, 1, 3)) == LEAVES[1:3]
    assert kept.read(lambda tx: tx.trees.tiles(2026, {(0, 0), (0, 1), (1, 0)})) == {(0, 0): b"t" * 8192}
    assert kept.read(lambda tx: tx.trees.tiles(2026, ())) == {}
    place = kept.read(lambda tx: tx.trees.place(LEAVES[3][0]))
    assert (place.shard, place.index) == (2026, 3)
    assert kept.read(lambda tx: tx.trees.place(bytes(16))) is None
