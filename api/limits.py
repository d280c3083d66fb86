"""Bound the work of one request: its body, its lines and their decompression."""

from dataclasses import dataclass
from typing import Final

CHUNK_ROWS: Final = 500
"""Rows of a streamed batch that are committed together. Part of the wire format (docs/spec/record-batches.md):
a chunk is found again by its number and the digest of its rows, so another size would lose every resume."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds in bytes unless said otherwise; the defaults suit one carrier's nightly report."""

    json_bytes: int = 1024 * 1024
    """A JSON body: a full batch of 1,000 inquiries takes about 350 kB."""
    document_bytes: int = 3 * 1024 * 1024
    """A JSON body that carries a document of at most 2 MiB."""
    note_bytes: int = 256 * 1024
    """A signed note; its format allows no more."""
    batches: int = 6
    """Threads of one process that batches, and waits for receipts, may hold together; ``limits_for`` counts them."""
    batches_each: int = 2
    """Batches that one participant may have running in one process."""
    waiting: int = 4
    """Requests of one process that may wait for a receipt at a time; the next ones are answered at once."""
    batch_bytes: int = 2 * 1024**3
    """A batch of records as it arrives, compressed or not."""
    batch_decoded_bytes: int = 8 * 1024**3
    """A compressed batch after decompression."""
    expansion: int = 64
    """Most decoded bytes for each encoded byte, beyond ``expansion_free``: rows of random tokens reach 4."""
    expansion_free: int = 1024 * 1024
    line_bytes: int = 8 * 1024
    """One row of a batch: a full one takes about 600 bytes."""
    spool_memory_bytes: int = 1024 * 1024
    """The bytes of a body that stay in memory; the rest goes to an unnamed temporary file."""
    spool_directory: str | None = None
    """The folder of that file; a memory file system keeps tokens off the disk altogether."""


def limits_for(threads: int) -> Limits:
    """Derive the bounds from the number of threads: of three or more, two stay free of work that takes long.

    A process of one or two threads cannot spare any: a batch takes one.
    """
    return Limits(batches=max(1, threads - 2))
