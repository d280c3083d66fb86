"""Every acknowledged entry gets one place in the tree of its year, and what is shown is what was checked."""

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from crypto.tlog.checkpoint import Checkpoint
from registry.domain.ids import uuid7
from registry.domain.log import Waiting, ids_of
from registry.store.errors import StaleVersion
from registry.store.log.openings import Openings
from registry.store.log.pending import Pending
from registry.store.transactions import Store, Transaction
from registry.usecases.log.integrate import integrate
from registry.usecases.log.unfinished import unfinished_years
from tests.support.builders import NOW
from tests.support.log_entries import (
    YEAR,
    acknowledged,
    all_is_integrated_once,
    an_entry,
    an_integrator,
    included,
    integrated,
    last_year,
    one_history,
    published,
    remembered,
    signer,
)
from tests.support.world import World, found_world


@pytest.fixture
def begun(world: World, tmp_path: Path) -> World:
    """The world with everything integrated that its founding logged."""
    assert an_integrator(world, tmp_path).round().faults == ()
    return world


def test_what_the_founding_logged_is_in_the_tree_and_published(world: World, tmp_path: Path) -> None:
    waiting = world.registry.store.read(lambda tx: tx.openings.first(1_000))
    done = an_integrator(world, tmp_path).round()
    assert (done.integrated, done.more, done.faults) == (len(waiting), False, ())
    all_is_integrated_once(world.registry, waiting)
    assert remembered(world.registry, tmp_path) == published(world.registry)
    for entry in waiting:
        included(world.registry, entry)


def test_batches_follow_each_other_over_the_borders_of_tiles(begun: World, tmp_path: Path) -> None:
    entries, seen = [], []
    integrator = an_integrator(begun, tmp_path, batch=100)
    for count in (1, 99, 100, 101, 256, 255, 513, 1):
        entries += acknowledged(begun.registry, count)
        assert integrator.round().integrated == count
        seen.append(published(begun.registry))
    all_is_integrated_once(begun.registry, entries)
    one_history(begun.registry, seen)
    for entry in entries[::97]:
        included(begun.registry, entry)


def test_a_round_ends_and_says_that_there_is_more(begun: World, tmp_path: Path) -> None:
    entries = acknowledged(begun.registry, 50)
    integrator = an_integrator(begun, tmp_path, batch=2)
    done = integrator.round()
    assert (done.integrated, done.more) == (32, True)
    done = integrator.round()
    assert (done.integrated, done.more) == (18, False)
    all_is_integrated_once(begun.registry, entries)


def test_a_late_commit_with_a_lower_id_is_integrated_by_the_next_round(begun: World, tmp_path: Path) -> None:
    integrator = an_integrator(begun, tmp_path)
    slow = an_entry(NOW - dt.timedelta(seconds=3))
    quick = acknowledged(begun.registry, 3)
    assert integrator.round().integrated == 3
    begun.registry.store.write(lambda tx: tx.openings.append([slow]))
    assert integrator.round().integrated == 1
    assert integrated(begun.registry)[-4:] == [*(each.entry_id for each in quick), slow.entry_id]
    all_is_integrated_once(begun.registry, [slow, *quick])


def test_a_sequencer_that_reads_what_follows_the_last_id_loses_that_commit(begun: World) -> None:
    """The control for the test above: what the real one must not do."""
    taken: list[uuid.UUID] = []

    def wrong_round() -> int:
        last = max(taken, default=ids_of(YEAR)[0])

        def work(tx: Transaction) -> list[uuid.UUID]:
            found = tx.pending.batch(uuid.UUID(int=last.int + 1), ids_of(YEAR)[1], 1_000)
            tx.pending.take_out(found)
            return [uuid.UUID(bytes=each) for each in found.entry_ids]

        found = begun.registry.store.write(work)
        taken.extend(found)
        return len(found)

    slow = an_entry(NOW - dt.timedelta(seconds=3))
    acknowledged(begun.registry, 3)
    assert wrong_round() == 3
    begun.registry.store.write(lambda tx: tx.openings.append([slow]))
    assert wrong_round() == 0
    assert slow.entry_id not in taken
    assert begun.registry.store.read(lambda tx: tx.pending.count()) == 1


def test_an_entry_of_last_year_goes_to_last_years_tree_however_late_it_is_committed(
    begun: World, tmp_path: Path
) -> None:
    integrator = an_integrator(begun, tmp_path)
    entries = acknowledged(begun.registry, 2) + acknowledged(begun.registry, 2, last_year())
    assert integrator.round().integrated == 4
    late = acknowledged(begun.registry, 1, last_year(seconds=90))
    assert integrator.round().integrated == 1
    all_is_integrated_once(begun.registry, entries + late)
    in_order = [*sorted(each.entry_id for each in entries[2:]), late[0].entry_id]
    assert integrated(begun.registry, YEAR - 1) == in_order
    shown = published(begun.registry, YEAR - 1)
    assert shown is not None
    assert (shown.origin, shown.size) == (f"registry.test/log/{YEAR - 1}", 3)


def test_the_first_and_the_last_millisecond_of_a_year_are_in_its_tree(begun: World, tmp_path: Path) -> None:
    turn = dt.datetime(YEAR + 1, 1, 1, tzinfo=dt.UTC)
    before = replace(an_entry(), entry_id=uuid7(turn - dt.timedelta(milliseconds=1), lambda n: b"\xff" * n))
    after = replace(an_entry(), entry_id=uuid7(turn, bytes))
    begun.registry.store.write(lambda tx: tx.openings.append([before, after]))
    assert an_integrator(begun, tmp_path).round().integrated == 2
    assert integrated(begun.registry)[-1] == before.entry_id
    assert integrated(begun.registry, YEAR + 1) == [after.entry_id]


def test_nothing_to_do_touches_no_tree(begun: World, tmp_path: Path) -> None:
    head = begun.registry.store.read(lambda tx: tx.trees.head(YEAR))
    assert head is not None
    newest = {YEAR: head.published or b""}
    assert unfinished_years(begun.registry, lambda: newest) == ()
    done = an_integrator(begun, tmp_path).round()
    assert (done.integrated, done.faults) == (0, ())
    assert begun.registry.store.read(lambda tx: tx.trees.head(YEAR)) == head


def test_a_head_is_moved_on_only_from_where_it_was_read(begun: World) -> None:
    head = begun.registry.store.read(lambda tx: tx.trees.head(YEAR))
    assert head is not None
    further = replace(head, size=head.size + 1, root=bytes(32))
    for stale in (replace(head, size=head.size - 1), replace(head, root=bytes(32))):
        with pytest.raises(StaleVersion):
            begun.registry.store.write(lambda tx, stale=stale: tx.trees.advance(stale, further))
    assert begun.registry.store.read(lambda tx: tx.trees.head(YEAR)) == head


def test_taking_out_what_somebody_else_took_is_refused(begun: World) -> None:
    acknowledged(begun.registry, 2)

    def work(tx: Transaction) -> None:
        found = tx.pending.batch(*ids_of(YEAR), 10)
        tx.pending.take_out(tx.pending.batch(*ids_of(YEAR), 1))
        with pytest.raises(StaleVersion):
            tx.pending.take_out(found)

    begun.registry.store.write(work)


def test_an_entry_that_is_erased_while_it_waits_is_integrated_all_the_same(begun: World, tmp_path: Path) -> None:
    subject = b"s" * 16
    entry = an_entry(subject_key=subject, personal=b"{}")
    begun.registry.store.write(lambda tx: tx.openings.append([entry]))
    erasure = an_entry()

    def erase(tx: Transaction) -> None:
        tx.openings.append([erasure])
        tx.openings.erase([(subject, entry.entry_id)], erasure.entry_id)

    begun.registry.store.write(erase)
    assert an_integrator(begun, tmp_path).round().integrated == 2
    all_is_integrated_once(begun.registry, [entry, erasure])
    included(begun.registry, entry)


def test_a_batch_whose_entry_is_erased_while_it_is_read_is_integrated_once(
    begun: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An erasure between reading and deleting leaves the opening and its place among those that wait as they are."""
    subject = b"s" * 16
    entries = [an_entry(subject_key=subject, personal=b"{}"), an_entry()]
    begun.registry.store.write(lambda tx: tx.openings.append(entries))
    erased: list[bool] = []
    read = Pending.batch

    def batch(pending: Pending, start: uuid.UUID, end: uuid.UUID, limit: int) -> Waiting:
        found = read(pending, start, end, limit)
        if not erased:
            Openings(pending._connection).erase([(subject, entries[0].entry_id)], entries[1].entry_id)
            erased.append(True)
        return found

    monkeypatch.setattr(Pending, "batch", batch)
    done = integrate(begun.registry, YEAR, remembered(begun.registry, tmp_path), signer(begun, tmp_path), 100)
    assert (done.count, erased) == (2, [True])
    assert an_integrator(begun, tmp_path).round().faults == ()
    all_is_integrated_once(begun.registry, entries)


def test_an_erasure_neither_waits_for_the_integrator_nor_puts_anything_back(
    postgres_store: Store, tmp_path: Path
) -> None:
    """While the batch is signed, an erasure of one of its entries begins and ends."""
    world = found_world(postgres_store)
    assert an_integrator(world, tmp_path).round().faults == ()
    subject = b"s" * 16
    entry, erasure = an_entry(subject_key=subject, personal=b"{}"), an_entry()
    world.registry.store.write(lambda tx: tx.openings.append([entry]))
    real = signer(world, tmp_path)

    def erase(tx: Transaction) -> None:
        tx.openings.append([erasure])
        tx.openings.erase([(subject, entry.entry_id)], erasure.entry_id)

    with ThreadPoolExecutor(1) as threads:

        def sign(checkpoint: Checkpoint) -> bytes:
            threads.submit(world.registry.store.write, erase).result(timeout=10)
            return real(checkpoint)

        done = integrate(world.registry, YEAR, remembered(world.registry, tmp_path), sign, 100)
    assert done.count == 1
    assert an_integrator(world, tmp_path).round().integrated == 1
    all_is_integrated_once(world.registry, [entry, erasure])
