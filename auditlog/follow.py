"""Take a new head only if it extends the last one, and keep what proves that a log forked.

Try the proof that the log sends first. Its failure proves nothing, since anybody on the way could have spoilt
it; so the root of the larger tree's beginning is computed from tiles that the larger head itself vouches for. Only
when that contradicts the smaller head has the log's key signed two histories.
"""

from dataclasses import dataclass
from enum import StrEnum

from auditlog.errors import LogForked, LogRefused
from auditlog.fork import Fork, verify_fork
from auditlog.heads import HeadKeeper
from auditlog.names import refusing
from auditlog.reader import LogReader
from crypto.errors import TlogRefused
from crypto.tlog.authentic import AuthenticTiles
from crypto.tlog.checkpoint import SignedCheckpoint, open_checkpoint
from crypto.tlog.merkle import verify_consistency
from crypto.tlog.proofs import prove_consistency, tree_root


class Step(StrEnum):
    """The relation of a head to the last one."""

    FIRST = "first"
    GREW = "grew"
    SAME = "same"
    OLD = "old"


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """The head that was offered, its relation to the last one, and the largest one that is kept now."""

    offered: SignedCheckpoint
    held: SignedCheckpoint
    step: Step


def follow(raw: bytes, *, reader: LogReader, keeper: HeadKeeper) -> Followed:
    """Verify a head, prove that it fits the last one, keep it if it is larger.

    Raises LogForked with the evidence on the disk, LogRefused ``head-unproven`` where the log does not show that its
    head fits, and with the codes of the mathematics where the note is not the log's.
    """
    keeper.refuse_stopped()
    with refusing("the checkpoint"):
        offered = open_checkpoint(raw, origin=keeper.key.name, log_keys=[keeper.key])
    while True:
        held = keeper.held()
        step = _compare(held, offered, reader, keeper)
        if held is not None and step in {Step.SAME, Step.OLD}:
            return Followed(offered=offered, held=held, step=step)
        if keeper.replace(held, offered):
            return Followed(offered=offered, held=offered, step=step)


def _compare(held: SignedCheckpoint | None, offered: SignedCheckpoint, reader: LogReader, keeper: HeadKeeper) -> Step:
    if held is None:
        return Step.FIRST
    old, new = held.checkpoint, offered.checkpoint
    if (old.size, old.root) == (new.size, new.root):
        return Step.SAME
    smaller, larger = (offered, held) if new.size < old.size else (held, offered)
    _prove(smaller, larger, reader, keeper)
    return Step.OLD if new.size < old.size else Step.GREW


def _prove(smaller: SignedCheckpoint, larger: SignedCheckpoint, reader: LogReader, keeper: HeadKeeper) -> None:
    old, new = smaller.checkpoint, larger.checkpoint
    if old.size == new.size:
        raise _forked(Fork(smaller=smaller, larger=larger), keeper)
    if old.size == 0 or _proven_by_log(smaller, larger, reader):
        return
    try:
        with refusing("the tiles"):
            tiles = AuthenticTiles(size=new.size, root=new.root, fetch=reader.tiles)
            beginning = tree_root(old.size, tiles.hashes)
            proof = prove_consistency(old.size, new.size, tiles.hashes)
    except LogRefused as refused:
        path = keeper.keep(Fork(smaller=smaller, larger=larger))
        what = f"the log does not show that its head fits the last one ({refused.code}); both are in {path}"
        raise LogRefused("head-unproven", what) from None
    if beginning != old.root:
        raise _forked(Fork(smaller=smaller, larger=larger, beginning=beginning, proof=proof), keeper)


def _proven_by_log(smaller: SignedCheckpoint, larger: SignedCheckpoint, reader: LogReader) -> bool:
    """Try the log's own proof; False says nothing yet."""
    old, new = smaller.checkpoint, larger.checkpoint
    try:
        proof = reader.consistency(old.size, new.size)
        if proof is None:
            return False
        verify_consistency(old_size=old.size, old_root=old.root, new_size=new.size, new_root=new.root, proof=proof)
    except (LogRefused, TlogRefused):
        return False
    return True


def _forked(fork: Fork, keeper: HeadKeeper) -> LogForked:
    verify_fork(fork, keeper.key)  # evidence that stops a log must convince others too
    return LogForked(keeper.keep(fork))
