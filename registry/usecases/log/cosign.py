"""Verifies and stores witnesses' cosignatures of the candidate; with a quorum it becomes the witnessed checkpoint."""

import datetime as dt
from dataclasses import replace
from typing import Final

from crypto.errors import TlogRefused
from crypto.signing.http_message import FUTURE_TOLERANCE
from crypto.tlog.checkpoint import SignedCheckpoint, parse_signed_checkpoint
from crypto.tlog.quorum import Quorum, add_cosignatures, cosigned_by
from protocol.messages.log import Cosigned
from protocol.problems import Problem, Refusal
from registry.domain.log import LogHead, Witnessing
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.log.published import published
from registry.usecases.log.witnesses import quorum_in

CANDIDATE_STANDS: Final = dt.timedelta(seconds=20)
"""The witnesses have this long to cosign one head before they are asked for a newer one."""
_MALFORMED: Final = frozenset({"malformed", "too-large"})


def cosign(registry: Registry, actor: Actor, call: IdempotentCall, *, year: int, note: bytes) -> Outcome:
    """Store witnesses' cosignatures of a head; any participant may hand them in, and a repetition changes nothing.

    Raises Refusal: MALFORMED_BODY or STATEMENT_INVALID with the code of the note's fault, HEAD_UNKNOWN, or NOT_FOUND
    if this year has no log.
    """
    signed = parse_cosigned(registry, year, note)

    def work(act: Act) -> tuple[int, Cosigned]:
        return 200, count_cosignatures(act.tx, year, signed, act.now)

    return answer_once(registry, actor, call, work)


def parse_cosigned(registry: Registry, year: int, note: bytes) -> SignedCheckpoint:
    """Read a note of this year's log without verifying it; raises Refusal MALFORMED_BODY or STATEMENT_INVALID."""
    try:
        signed = parse_signed_checkpoint(note)
    except TlogRefused as refused:
        raise _refusal(refused) from None
    if signed.checkpoint.origin != registry.log.origin(year):
        raise Refusal(Problem.STATEMENT_INVALID, detail="origin-unknown")
    return signed


def count_cosignatures(tx: Transaction, year: int, signed: SignedCheckpoint, now: dt.datetime) -> Cosigned:
    """Verify the lines of admitted witnesses and store them; raises Refusal as ``cosign``.

    For a head of ours that is no longer candidate or witnessed, it answers and stores nothing.
    """
    tree = published(tx, year)
    size = signed.checkpoint.size
    if size > tree.size or signed.checkpoint != tree.checkpoint_at(size):
        raise Refusal(Problem.HEAD_UNKNOWN)
    quorum = quorum_in(tx)
    latest = int((now + FUTURE_TOLERANCE).timestamp())
    try:
        names = () if quorum is None else tuple(cosigned_by(signed, quorum, latest=latest))
    except TlogRefused as refused:
        raise _refusal(refused) from None
    if quorum is None or not names:
        raise Refusal(Problem.STATEMENT_INVALID, detail="no-known-signature")
    counted = _keep(tx, tx.witnesses.lock(year), signed, quorum, latest)
    return counted or Cosigned(size=size, cosigned_by=names, quorum=False)


def propose_candidates(registry: Registry) -> int:
    """Propose a newer candidate of each year that is due for one; returns their number."""
    now = registry.clock()

    def due(tx: Transaction) -> list[int]:
        heads = tx.trees.heads()
        return [each.shard for each in heads if _next_candidate(each, tx.witnesses.state(each.shard), now) is not None]

    return sum(propose_candidate(registry, year, now) for year in registry.store.read(due))


def propose_candidate(registry: Registry, year: int, now: dt.datetime) -> bool:
    """Make the published head the candidate if there is none, or if it is witnessed or old enough.

    A candidate never becomes smaller, and the same head keeps its lines.
    """

    def work(tx: Transaction) -> bool:
        state = tx.witnesses.lock(year)
        note = _next_candidate(tx.trees.head(year), state, now)
        if note is not None:
            tx.witnesses.change(replace(state, candidate=note, candidate_since=now))
        return note is not None

    return registry.store.write(work)


def _next_candidate(head: LogHead | None, state: Witnessing | None, now: dt.datetime) -> bytes | None:
    """Return the new candidate's note, or None if it is not time for another."""
    if head is None or head.published is None:
        return None
    if state is None or state.candidate is None or state.candidate_since is None:
        return head.published
    if _size(head.published) <= _size(state.candidate):
        return None
    # Compare the absolute time: a clock that was put back must not prolong the candidate.
    over = abs(now - state.candidate_since) >= CANDIDATE_STANDS
    return head.published if over or _same_head(state.candidate, state.witnessed) else None


def _keep(tx: Transaction, state: Witnessing, signed: SignedCheckpoint, quorum: Quorum, latest: int) -> Cosigned | None:
    """Add the lines to their note, if it is stored; the candidate with a quorum becomes the witnessed note."""
    asked = None if state.candidate is None else parse_signed_checkpoint(state.candidate)
    given = None if state.witnessed is None else parse_signed_checkpoint(state.witnessed)
    kept = next((each for each in (asked, given) if each and each.checkpoint == signed.checkpoint), None)
    if kept is None:
        return None
    kept = add_cosignatures(_counted_lines(kept, quorum), signed.note.signatures, quorum, latest=latest)
    names = tuple(cosigned_by(kept, quorum, latest=latest))
    enough = len(names) >= quorum.threshold
    note = kept.note.encode()
    state = replace(
        state,
        candidate=note if asked and asked.checkpoint == kept.checkpoint else state.candidate,
        witnessed=note if enough or (given and given.checkpoint == kept.checkpoint) else state.witnessed,
    )
    tx.witnesses.change(state)
    return Cosigned(size=kept.checkpoint.size, cosigned_by=names, quorum=enough)


def _counted_lines(signed: SignedCheckpoint, quorum: Quorum) -> SignedCheckpoint:
    """Drop the lines of removed witnesses from the note: they no longer count, and take up its room."""
    counted = {(key.name, key.key_id) for key in quorum.witnesses}
    lines = signed.note.signatures
    left = tuple(each for each in lines if each.name == signed.checkpoint.origin or (each.name, each.key_id) in counted)
    return replace(signed, note=replace(signed.note, signatures=left))


def _size(note: bytes) -> int:
    return parse_signed_checkpoint(note).checkpoint.size


def _same_head(one: bytes, other: bytes | None) -> bool:
    return other is not None and parse_signed_checkpoint(one).checkpoint == parse_signed_checkpoint(other).checkpoint


def _refusal(refused: TlogRefused) -> Refusal:
    problem = Problem.MALFORMED_BODY if refused.code in _MALFORMED else Problem.STATEMENT_INVALID
    return Refusal(problem, detail=refused.code)
