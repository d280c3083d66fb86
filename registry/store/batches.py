"""Committed chunks of streamed batches: what makes an interrupted batch resumable."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from protocol.problems import Problem, Refusal
from registry.domain.evidence import BatchChunk
from registry.store.schema import batch_chunk
from registry.store.statements import Insert

_OF_BATCH: Final = (
    batch_chunk.c.participant_id == sa.bindparam("participant"),
    batch_chunk.c.batch_key == sa.bindparam("batch"),
)
_CHUNK: Final = sa.select(batch_chunk).where(*_OF_BATCH, batch_chunk.c.chunk_number == sa.bindparam("number"))
_PROGRESS: Final = sa.select(sa.func.count(), sa.func.sum(batch_chunk.c.rows)).where(*_OF_BATCH)
_KEEP: Final = Insert(batch_chunk, new_only=True)


class Batches:
    """Distribution key: ``participant_id``."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def chunk(self, participant_id: str, batch_key: str, number: int) -> BatchChunk | None:
        parameters = {"participant": participant_id, "batch": batch_key, "number": number}
        row = self._connection.execute(_CHUNK, parameters).mappings().one_or_none()
        return None if row is None else BatchChunk(**row)

    def keep(self, chunk: BatchChunk) -> None:
        """Store a chunk; refuses with IN_FLIGHT when the same chunk was committed by somebody else."""
        if _KEEP.run(self._connection, [chunk]) == 0:
            raise Refusal(Problem.IN_FLIGHT)

    def progress(self, participant_id: str, batch_key: str) -> tuple[int, int] | None:
        """How many chunks and how many rows of the batch are committed; None when it is unknown."""
        chunks, rows = self._connection.execute(_PROGRESS, {"participant": participant_id, "batch": batch_key}).one()
        return (chunks, int(rows)) if chunks else None
