"""Defines the stored access log: entries, leaves and places, and the checkpoint of each year's tree."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Final

from protocol.values import quick
from registry.domain.ids import first_uuid7, time_of

ENTRY_VERSION: Final = b"\x01"
"""The first octet of every public entry; the digest follows."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One entry of the access log with what opens it.

    ``subject_key`` is None if the entry concerns no subject, unless it names a member of an office's staff; it is read
    as None when the personal part was erased.
    ``core`` and ``personal`` are canonical JSON; the salts are 32 bytes each. ``request_id`` names the signed request
    behind it, and ``erased_by`` the entry of the erasure of the personal part.
    """

    subject_key: bytes | None = field(repr=False)
    entry_id: uuid.UUID
    kind: str
    at: dt.datetime
    participant_id: str
    request_id: uuid.UUID | None
    core: bytes = field(repr=False)
    core_salt: bytes = field(repr=False)
    personal: bytes | None = field(repr=False)
    personal_salt: bytes | None = field(repr=False)
    erased_by: uuid.UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Entries that are committed and not yet in a tree, column by column, with the inputs of their leaves.

    A batch has a thousand of them and more: three tuples instead of a thousand values take a third of the time.
    """

    entry_ids: tuple[bytes, ...]
    cores: tuple[bytes, ...] = field(repr=False)
    core_salts: tuple[bytes, ...] = field(repr=False)

    def __len__(self) -> int:
        return len(self.entry_ids)


Leaf = tuple[bytes, bytes]
"""The content of one place of a tree: the entry's id (16 bytes), and the digest that follows ``ENTRY_VERSION``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The place of an entry: the year of its tree and its index there."""

    shard: int
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogHead:
    """The tree of one year: ``edges`` are the hashes of its partial tiles, lowest level first.

    ``note`` is the signed checkpoint of this size. ``published`` is the public checkpoint: it is written only when the
    file outside the database holds it, so that it may be older than ``note``.
    """

    shard: int
    size: int
    root: bytes
    edges: bytes = field(repr=False)
    note: bytes | None = field(repr=False)
    published: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnessing:
    """The candidate for the witnesses of a year's tree, and the newest witnessed checkpoint; both are notes."""

    shard: int
    candidate: bytes | None = field(repr=False)
    candidate_since: dt.datetime | None
    witnessed: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A witness whose cosignature counts until ``removed_at``; ``name`` and ``public_key`` make its verifier key.

    ``public_key`` is 32 bytes. It posts cosignatures itself, or is asked at ``url`` (c2sp.org/tlog-witness).
    ``log_entry_id`` is the entry of its admission, and then that of its removal.
    """

    name: str
    participant_id: str
    public_key: bytes
    url: str | None
    added_at: dt.datetime
    removed_at: dt.datetime | None
    log_entry_id: uuid.UUID


def shard_of(entry_id: uuid.UUID) -> int:
    """Return the UTC year in which an entry was made: its tree, however late the entry is committed."""
    return time_of(entry_id).year


def ids_of(shard: int) -> tuple[uuid.UUID, uuid.UUID]:
    """Return the lowest id that an entry of a year can have, and the lowest of the next year."""
    first, after = (first_uuid7(dt.datetime(year, 1, 1, tzinfo=dt.UTC)) for year in (shard, shard + 1))
    return first, after
