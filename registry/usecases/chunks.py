"""Judge a streamed batch chunk by chunk: each is committed with its verdicts, and given again as it was given.

docs/spec/record-batches.md is the specification, for batches of records and of activations alike.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from protocol.messages.records import BatchProgress
from protocol.problems import Problem, Refusal
from registry.domain.batches import BatchChunk
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.context import Registry, json_body
from registry.usecases.restores.standing import standing

MOST_MALFORMED: Final = 100
"""So many malformed rows one after the other end a batch: the file is no file of reports."""
Row_co = TypeVar("Row_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk(Generic[Row_co]):
    """A piece of a streamed batch: its number from 0, the SHA-256 of its lines as sent, and its rows.

    A verdict among the rows is of one that the door found malformed: it is passed through in its place.
    """

    batch_key: str
    number: int
    rows_digest: bytes
    rows: tuple[Row_co, ...]


class MalformedRun:
    """The number of malformed rows one after the other, up to now and over all chunks of one request."""

    __slots__ = ("length",)

    def __init__(self) -> None:
        self.length = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """A chunk's rows as its noun judges them."""

    is_malformed: Sequence[bool]
    judge: Callable[[Act], Iterable[object]]
    """Gives one verdict for each row, in their order, and keeps what is taken."""
    require: Callable[[Transaction], None] = lambda _: None
    """Raises a Refusal for a batch that may not go on, before a stored verdict is given."""


def answer_chunk(
    registry: Registry, actor: Actor, chunk: Chunk[Row_co], judging: Judging, malformed: MalformedRun
) -> bytes:
    """Judge one chunk: a verdict line (NDJSON) for each row, in order, committed with what the rows did.

    A chunk that was committed before gives its earlier verdicts; raises Refusal IDEMPOTENCY_KEY_REUSED when its
    rows were others, IN_FLIGHT while another request writes it. Raises Refusal TOO_MANY_MALFORMED_ROWS, and nothing of
    the chunk has happened, when ``malformed``, which goes on over this chunk, reaches ``MOST_MALFORMED`` in it.
    """
    longest, length = _malformed(judging.is_malformed, malformed.length)

    def work(tx: Transaction) -> bytes:
        claim_batch(tx, actor, chunk.batch_key)
        judging.require(tx)
        stored = tx.batches.chunk(actor.participant_id, chunk.batch_key, chunk.number)
        if stored is not None:
            if stored.rows_digest != chunk.rows_digest:
                raise Refusal(Problem.IDEMPOTENCY_KEY_REUSED)
            return stored.verdicts
        if longest >= MOST_MALFORMED:
            raise Refusal(Problem.TOO_MANY_MALFORMED_ROWS, detail=f"{MOST_MALFORMED} rows, in chunk {chunk.number}.")
        act = act_in(registry, tx, actor)
        lines = b"".join(json_body(verdict) + b"\n" for verdict in judging.judge(act))
        tx.batches.keep(
            BatchChunk(
                participant_id=actor.participant_id,
                batch_key=chunk.batch_key,
                chunk_number=chunk.number,
                rows=len(chunk.rows),
                rows_digest=chunk.rows_digest,
                verdicts=lines,
                completed_at=act.now,
            )
        )
        return lines

    verdicts_given = registry.store.write(work)
    malformed.length = length
    return verdicts_given


def claim_batch(tx: Transaction, actor: Actor, batch_key: str) -> None:
    """Claim a batch until the transaction ends; raises Refusal IN_FLIGHT while another request has it.

    Listing a chunk and taking the batch back claim the same key, so that no row is listed during a withdrawal.
    """
    if not tx.idempotency.try_claim(actor.participant_id, f"{batch_key}/batch"):
        raise Refusal(Problem.IN_FLIGHT)


def progress_of(registry: Registry, actor: Actor, stored_key: str, batch_key: str) -> BatchProgress:
    """Read the progress of a batch that its sender names ``batch_key``; raises Refusal NOT_FOUND."""
    progress = registry.store.read(lambda tx: tx.batches.progress(actor.participant_id, stored_key))
    if progress is None:
        raise Refusal(Problem.NOT_FOUND)
    chunks, rows = progress
    incarnation = standing(registry).incarnation
    return BatchProgress(batch_key=batch_key, chunks=chunks, rows=rows, incarnation=incarnation)


def _malformed(rows: Sequence[bool], before: int) -> tuple[int, int]:
    """Count the longest run of malformed rows, of which ``before`` came before these, and the run at the end."""
    longest = running = before
    for is_malformed in rows:
        running = running + 1 if is_malformed else 0
        longest = max(longest, running)
    return longest, running
