"""Keep the committed chunks of streamed batches, so that an interrupted batch can be resumed."""

from typing import Final

import sqlalchemy as sa

from protocol.problems import Problem, Refusal
from registry.domain.batches import BatchChunk, BatchTotals, BatchWithdrawal, ChunkWithdrawal
from registry.store import columns
from registry.store.prepared import Insert
from registry.store.repository import Repository

batch_chunk: Final = sa.Table(
    "batch_chunk",
    columns.metadata,
    columns.text("participant_id", 64),
    columns.text("batch_key", 160),
    columns.integer("chunk_number"),
    columns.integer("rows"),
    columns.octets("rows_digest"),
    columns.octets("verdicts"),
    columns.time("completed_at"),
    sa.PrimaryKeyConstraint("participant_id", "batch_key", "chunk_number"),
    columns.references(["participant_id"], "participant"),
    columns.length("rows_digest", 32),
    columns.by_age("completed_at"),
    columns.at_least("rows", 0),
    info=columns.BY_PARTICIPANT,
)

# One row for each chunk of a batch whose records its creditor took back, so that this resumes too.
batch_withdrawal: Final = sa.Table(
    "batch_withdrawal",
    columns.metadata,
    columns.text("participant_id", 64),
    columns.text("batch_key", 128),
    columns.integer("chunk_number"),
    columns.integer("withdrawn"),
    columns.integer("left_alone"),
    columns.time("withdrawn_at"),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("participant_id", "batch_key", "chunk_number"),
    columns.references(["participant_id"], "participant"),
    columns.at_least("withdrawn", 0),
    columns.at_least("left_alone", 0),
    info=columns.BY_PARTICIPANT,
)

_OF_BATCH: Final = (
    batch_chunk.c.participant_id == sa.bindparam("participant"),
    batch_chunk.c.batch_key == sa.bindparam("batch"),
)
_CHUNK: Final = sa.select(batch_chunk).where(*_OF_BATCH, batch_chunk.c.chunk_number == sa.bindparam("number"))
_PROGRESS: Final = sa.select(sa.func.count(), sa.func.sum(batch_chunk.c.rows)).where(*_OF_BATCH)
_LISTED: Final = (
    sa.select(
        batch_chunk.c.batch_key,
        sa.func.count().label("chunks"),
        sa.func.sum(batch_chunk.c.rows).label("rows"),
        sa.func.max(batch_chunk.c.completed_at).label("completed_at"),
    )
    .where(
        batch_chunk.c.participant_id == sa.bindparam("participant"),
        batch_chunk.c.batch_key > sa.bindparam("after"),
        # Other nouns store their batches under keys with a slash, which no sender can choose.
        batch_chunk.c.batch_key.not_like("%/%"),
    )
    .group_by(batch_chunk.c.batch_key)
    .order_by(batch_chunk.c.batch_key)
    .limit(sa.bindparam("most"))
)
_KEEP: Final = Insert(batch_chunk, new_only=True)
_WITHDRAWN: Final = (
    batch_withdrawal.c.participant_id == sa.bindparam("participant"),
    batch_withdrawal.c.batch_key == sa.bindparam("batch"),
)
_NEXT_TO_WITHDRAW: Final = (
    sa.select(batch_chunk)
    .where(*_OF_BATCH)
    .where(batch_chunk.c.chunk_number.not_in(sa.select(batch_withdrawal.c.chunk_number).where(*_WITHDRAWN)))
    .order_by(batch_chunk.c.chunk_number)
    .limit(1)
)
_CHUNKS: Final = sa.select(sa.func.count()).select_from(batch_chunk).where(*_OF_BATCH)
_WITHDRAWAL: Final = sa.select(
    sa.func.count(), sa.func.sum(batch_withdrawal.c.withdrawn), sa.func.sum(batch_withdrawal.c.left_alone)
).where(*_WITHDRAWN)
_IS_WITHDRAWN: Final = sa.select(sa.exists().where(*_WITHDRAWN))
_KEEP_WITHDRAWAL: Final = Insert(batch_withdrawal)


class Batches(Repository):
    """Distribution key: ``participant_id``."""

    def chunk(self, participant_id: str, batch_key: str, number: int) -> BatchChunk | None:
        return self._one(BatchChunk, _CHUNK, participant=participant_id, batch=batch_key, number=number)

    def keep(self, chunk: BatchChunk) -> None:
        """Store a chunk; refuses with IN_FLIGHT when another transaction committed the same chunk."""
        if _KEEP.run(self._connection, [chunk]) == 0:
            raise Refusal(Problem.IN_FLIGHT)

    def progress(self, participant_id: str, batch_key: str) -> tuple[int, int] | None:
        """Count the committed chunks and rows of the batch; None when it is unknown."""
        chunks, rows = self._connection.execute(_PROGRESS, {"participant": participant_id, "batch": batch_key}).one()
        return (chunks, int(rows)) if chunks else None

    def listed(self, participant_id: str, after: str, limit: int) -> tuple[BatchTotals, ...]:
        """Sum a participant's batches of records behind a key, in the order of their keys."""
        found = self._connection.execute(_LISTED, {"participant": participant_id, "after": after, "most": limit})
        # PostgreSQL sums whole numbers to a decimal one.
        return tuple(
            BatchTotals(batch_key=key, chunks=chunks, rows=int(rows), completed_at=at)
            for key, chunks, rows, at in found
        )

    def next_to_withdraw(self, participant_id: str, batch_key: str) -> BatchChunk | None:
        """Find the batch's first chunk that was not taken back; None when none is left."""
        return self._one(BatchChunk, _NEXT_TO_WITHDRAW, participant=participant_id, batch=batch_key)

    def keep_withdrawal(self, withdrawal: ChunkWithdrawal) -> None:
        _KEEP_WITHDRAWAL.run(self._connection, [withdrawal])

    def is_withdrawn(self, participant_id: str, batch_key: str) -> bool:
        """Tell whether its creditor has begun to take the batch back."""
        batch = {"participant": participant_id, "batch": batch_key}
        return bool(self._connection.execute(_IS_WITHDRAWN, batch).scalar_one())

    def withdrawal(self, participant_id: str, batch_key: str) -> BatchWithdrawal | None:
        """Read the progress of the batch's withdrawal; None when the batch is unknown or forgotten."""
        batch = {"participant": participant_id, "batch": batch_key}
        chunks = self._connection.execute(_CHUNKS, batch).scalar_one()
        if not chunks:
            return None
        done, withdrawn, left_alone = self._connection.execute(_WITHDRAWAL, batch).one()
        return BatchWithdrawal(chunks=chunks, done=done, withdrawn=int(withdrawn or 0), left_alone=int(left_alone or 0))
