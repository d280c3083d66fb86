"""Defines the committed chunks of streamed batches, and their withdrawal chunk by chunk."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from protocol.codes import Verdict
from protocol.messages.records import RowVerdict

_LISTED: Final = frozenset({Verdict.ACTIVE, Verdict.PENDING})


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchChunk:
    """A committed piece of a streamed batch: the digest of its rows and the verdicts that were given (NDJSON)."""

    participant_id: str
    batch_key: str
    chunk_number: int
    rows: int
    rows_digest: bytes
    verdicts: bytes = field(repr=False)
    completed_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchTotals:
    """The committed chunks and rows of one batch, and the time of the last chunk."""

    batch_key: str
    chunks: int
    rows: int
    completed_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkWithdrawal:
    """One withdrawn chunk of a batch. The counts are of records, each counted once in its chunk."""

    participant_id: str
    batch_key: str
    chunk_number: int
    withdrawn: int
    left_alone: int
    """Records in the chunk's verdicts that the chunk did not list, or that had left the list before."""
    withdrawn_at: dt.datetime
    log_entry_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchWithdrawal:
    """The progress of a batch's withdrawal over its ``chunks``, which are kept; ``done`` counts dropped ones too."""

    chunks: int
    done: int
    withdrawn: int
    left_alone: int

    @property
    def finished(self) -> bool:
        return self.done >= self.chunks


def listed_by(verdicts: Iterable[RowVerdict]) -> tuple[tuple[uuid.UUID, ...], int]:
    """Return the records that these rows listed, in order, and the number that they only repeated or updated.

    An UPDATED record was listed by an earlier report, which may have been right: only its creditor knows.
    """
    listed: dict[uuid.UUID, None] = {}
    named: set[uuid.UUID] = set()
    for each in verdicts:
        if each.record_id is not None:
            named.add(each.record_id)
            if each.verdict in _LISTED:
                listed[each.record_id] = None
    return tuple(listed), len(named - listed.keys())
