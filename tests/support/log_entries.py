"""What the log's tests are made of: entries that wait, integrators with folders of their own, what must hold after."""

import datetime as dt
import itertools
import os
import shutil
import uuid
from collections.abc import Iterable
from pathlib import Path

from crypto.signing.keys import generate_signing_key, save_private_key
from crypto.tlog.checkpoint import Checkpoint, open_checkpoint
from crypto.tlog.frontier import Frontier, append
from crypto.tlog.merkle import leaf_hashes, verify_consistency, verify_inclusion
from crypto.tlog.proofs import hashes_from_tiles, prove_consistency, prove_inclusion
from protocol.log_entries import EntryKind, core_json, leaf_data
from registry.domain.ids import uuid7
from registry.domain.log import ENTRY_VERSION, LogEntry
from registry.policy.rules import DEFAULT_RULES
from registry.store.transactions import Store, Transaction
from registry.usecases.context import LogIdentity, Registry, RegistryKeys
from registry.usecases.log.tree import tiles_of
from registry.work.heads import LogHeads
from registry.work.integrator import Integrator
from registry.work.signer import LogSigner
from tests.support.builders import NOW
from tests.support.world import World, a_guard

YEAR = NOW.year
_MOMENTS = itertools.count(1)


def an_entry(
    at: dt.datetime | None = None, *, subject_key: bytes | None = None, personal: bytes | None = None
) -> LogEntry:
    """An entry with an id of its own; each is a millisecond later than the one before unless ``at`` says when."""
    at = NOW + dt.timedelta(milliseconds=next(_MOMENTS)) if at is None else at
    entry_id = uuid7(at, os.urandom)
    facts = {"participant": "carrier-a"}
    core = core_json(
        kind=EntryKind.PARTICIPANT_ADDED,
        entry_id=entry_id,
        at=at,
        participant="registry",
        request_digest=None,
        personal=None,
        facts=facts,
    )
    return LogEntry(
        subject_key=subject_key,
        entry_id=entry_id,
        kind=EntryKind.PARTICIPANT_ADDED.value,
        at=at,
        participant_id="registry",
        request_id=None,
        core=core,
        core_salt=os.urandom(32),
        personal=personal,
        personal_salt=None if personal is None else os.urandom(32),
    )


def bare_registry(store: Store, name: str, public_key: bytes) -> Registry:
    """A registry for a process that does nothing but integrate a log that another one founded."""
    return Registry(
        name="clearline-test",
        public_url="https://registry.test",
        store=store,
        keys=RegistryKeys(
            peppers={},
            key_encryption_keys={},
            current_key_encryption_epoch=1,
            signing_key_id="registry-1",
            signing_key=generate_signing_key(os.urandom),
        ),
        log=LogIdentity(name=name, public_key=public_key),
        founding_rules=DEFAULT_RULES,
        clock=lambda: NOW,
        guard=a_guard(lambda: NOW),
        random=os.urandom,
    )


def acknowledged(registry: Registry, count: int, at: dt.datetime | None = None) -> list[LogEntry]:
    """Commit so many entries."""
    entries = [an_entry(at) for _ in range(count)]
    registry.store.write(lambda tx: tx.openings.append(entries))
    return entries


def last_year(seconds: int = 1) -> dt.datetime:
    return dt.datetime(YEAR - 1, 12, 31, 23, 59, 59, tzinfo=dt.UTC) - dt.timedelta(seconds=seconds)


def signer(world: World, folder: Path) -> LogSigner:
    """The real signer over a key file in the folder."""
    path = folder / "log.pem"
    if not path.exists():
        save_private_key(world.signing_keys["log"], path)
    return LogSigner(path, world.registry.log.public_key)


def an_integrator(world: World, folder: Path, *, batch: int = 1_000) -> Integrator:
    return Integrator(
        world.registry, LogHeads(folder / "log-heads", world.registry.log), signer(world, folder), batch=batch
    )


def published(registry: Registry, year: int = YEAR) -> Checkpoint | None:
    """What the world sees, verified with the log's key as the world does it."""
    head = registry.store.read(lambda tx: tx.trees.head(year))
    if head is None or head.published is None:
        return None
    return open_checkpoint(
        head.published, origin=registry.log.origin(year), log_keys=[registry.log.key(year)]
    ).checkpoint


def remembered(registry: Registry, folder: Path, year: int = YEAR) -> Checkpoint | None:
    """What the folder outside the database says."""
    with LogHeads(folder / "log-heads", registry.log).held(year) as held:
        return held.read()


def integrated(registry: Registry, year: int = YEAR) -> list[uuid.UUID]:
    """The ids of a year's leaves in their order, contiguous, each with the digest of its own entry."""
    head = registry.store.read(lambda tx: tx.trees.head(year))
    if head is None:
        return []
    leaves = registry.store.read(lambda tx: tx.trees.leaves(year, 0, head.size + 1))
    assert len(leaves) == head.size
    ids = [uuid.UUID(bytes=each) for each, _ in leaves]
    entries = registry.store.read(lambda tx: tx.openings.find_many(ids))
    for entry_id, (_, digest) in zip(ids, leaves, strict=True):
        entry = entries[entry_id]
        assert leaf_data(entry.core, entry.core_salt) == ENTRY_VERSION + digest
    tree = append(Frontier(), leaf_hashes(ENTRY_VERSION + digest for _, digest in leaves)).frontier
    assert tree.root() == head.root
    return ids


def all_is_integrated_once(registry: Registry, entries: Iterable[LogEntry]) -> None:
    """Every entry has one place, in the tree of its year, nothing waits, and every tree is published to its end."""
    wanted: dict[int, list[uuid.UUID]] = {}
    for each in entries:
        wanted.setdefault(each.at.year, []).append(each.entry_id)
    assert registry.store.read(lambda tx: tx.pending.count()) == 0
    for year, ids in wanted.items():
        found = integrated(registry, year)
        assert len(found) == len(set(found))
        assert set(ids) <= set(found)
        head = registry.store.read(lambda tx, year=year: tx.trees.head(year))
        assert head is not None
        assert head.published == head.note
        shown = published(registry, year)
        assert shown is not None
        assert (shown.size, shown.root) == (len(found), head.root)


def one_history(registry: Registry, seen: Iterable[Checkpoint | None], year: int = YEAR) -> None:
    """Each published head is proved to begin the last one."""

    def work(tx: Transaction) -> None:
        head = tx.trees.head(year)
        assert head is not None
        for old in seen:
            proof = prove_consistency(old.size, head.size, hashes_from_tiles(head.size, tiles_of(tx, head)))
            verify_consistency(
                old_size=old.size, old_root=old.root, new_size=head.size, new_root=head.root, proof=proof
            )

    registry.store.read(work)


def included(registry: Registry, entry: LogEntry) -> None:
    """The entry's inclusion in the published tree is proved from tiles."""

    def work(tx: Transaction) -> None:
        place = tx.trees.place(entry.entry_id.bytes)
        head = tx.trees.head(place.shard)
        assert head is not None
        proof = prove_inclusion(place.index, head.size, hashes_from_tiles(head.size, tiles_of(tx, head)))
        leaf = leaf_hashes([leaf_data(entry.core, entry.core_salt)])[0]
        verify_inclusion(leaf=leaf, index=place.index, size=head.size, proof=proof, root=head.root)

    registry.store.read(work)


def copied_heads(source: Path, target: Path) -> None:
    """What an operator does who starts a second integrator on another machine."""
    shutil.copytree(source / "log-heads", target / "log-heads")
