"""Give the owner of an entry a receipt for it: the registry's promise, a proof from its head, or a witnessed proof.

It reads the store again until the head that a receipt needs is there, and holds no connection in between.
"""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from crypto.signing.jws import sign_compact
from crypto.tlog.checkpoint import SignedCheckpoint, parse_signed_checkpoint
from crypto.tlog.merkle import leaf_hash
from crypto.tlog.proof import Receipt
from crypto.tlog.proofs import hashes_from_tiles, prove_inclusion
from protocol.encodings import canonical_json
from protocol.incarnation import FIRST
from protocol.log_entries import EntryKind, leaf_data
from protocol.problems import Problem, Refusal
from protocol.receipts import PROMISE_TYPE, Grade, promise_claims
from registry.domain.log import LogEntry, shard_of
from registry.domain.participants import Actor
from registry.policy.offices import LOG_READERS
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.log.published import find_published
from registry.usecases.restores.standing import look

"""These roles read the whole log and not only their own entries."""
_PAUSE_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """The longest wait for a receipt, and the clock that measures it."""

    seconds: float
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def read_receipt(
    registry: Registry, actor: Actor, year: int, entry_id: uuid.UUID, *, grade: Grade, patience: Patience
) -> bytes:
    """Read a tlog-proof, or for the grade PROMISE a compact JWS; raises Refusal.

    The refusals are NOT_FOUND, RECEIPT_PENDING, and LOG_REFUSED while the year's log takes no entries of this database.
    """
    entry = registry.store.read(lambda tx: tx.openings.find(entry_id))
    if entry is None or not _may_read(actor, entry) or shard_of(entry.entry_id) != year:
        raise Refusal(Problem.NOT_FOUND)
    # Compare now and do not use the last second's result: a promise is signed for ever.
    stands = look(registry)
    refused = stands.refused.get(year)
    if grade is Grade.PROMISE:
        if refused is not None:
            raise Refusal(Problem.LOG_REFUSED, detail=refused)
        return promise(registry, entry, stands.incarnation)
    if refused is not None:
        return _from_what_stands(registry, year, entry_id, grade, refused)

    def work(tx: Transaction) -> bytes | None:
        return _proof(tx, year, entry_id, grade)

    deadline = patience.monotonic() + patience.seconds
    while (receipt := registry.store.read(work)) is None:
        if patience.monotonic() >= deadline:
            raise Refusal(Problem.RECEIPT_PENDING)
        patience.sleep(_PAUSE_SECONDS)
    return receipt


def _from_what_stands(registry: Registry, year: int, entry_id: uuid.UUID, grade: Grade, refused: str) -> bytes:
    """Make a proof from a head that was published before the log refused its database; raises Refusal LOG_REFUSED.

    It makes none if the roots differ, since the head may belong to either tree.
    """
    receipt = None
    if refused != "roots-differ":
        receipt = registry.store.read(lambda tx: _proof(tx, year, entry_id, grade))
    if receipt is None:
        raise Refusal(Problem.LOG_REFUSED, detail=refused)
    return receipt


def promise(registry: Registry, entry: LogEntry, incarnation: int = FIRST) -> bytes:
    """Sign the promise that a committed entry will be in the tree in time."""
    claims = promise_claims(
        origin=registry.log.origin(shard_of(entry.entry_id)),
        entry_id=entry.entry_id,
        leaf=leaf_of(entry),
        accepted_at=entry.at,
        incarnation=incarnation,
    )
    keys = registry.keys
    token = sign_compact(
        canonical_json(claims), typ=PROMISE_TYPE, key_id=keys.signing_key_id, private_key=keys.signing_key
    )
    return token.encode("ascii")


def leaf_of(entry: LogEntry) -> bytes:
    """Compute the leaf hash that an entry has, or will have, in its tree."""
    return leaf_hash(leaf_data(entry.core, entry.core_salt))


def _may_read(actor: Actor, entry: LogEntry) -> bool:
    """Tell whether the entry is the actor's own, or one of a committee, by which everybody knows whom to trust."""
    is_own = entry.participant_id == actor.participant_id
    return is_own or entry.kind == EntryKind.COMMITTEE_FORMED or not actor.roles.isdisjoint(LOG_READERS)


def _proof(tx: Transaction, year: int, entry_id: uuid.UUID, grade: Grade) -> bytes | None:
    place = tx.trees.place(entry_id.bytes)
    # Read this before the tree: each SQL statement sees the commits before it, and a head that was witnessed meanwhile
    # would belong to a larger tree than the one that was read.
    witnessed = _witnessed(tx, year) if grade is Grade.WITNESSED else None
    tree = None if place is None else find_published(tx, year)
    if place is None or tree is None:
        return None
    signed = tree.signed if grade is Grade.INTEGRATED else witnessed
    if signed is None or signed.checkpoint.size <= place.index:
        return None
    size = signed.checkpoint.size
    hashes = prove_inclusion(place.index, size, hashes_from_tiles(size, tree.tiles))
    return Receipt(index=place.index, hashes=hashes, signed=signed).encode()


def _witnessed(tx: Transaction, year: int) -> SignedCheckpoint | None:
    state = tx.witnesses.state(year)
    return None if state is None or state.witnessed is None else parse_signed_checkpoint(state.witnessed)
