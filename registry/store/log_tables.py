"""Tables of the access log: what opens its entries, what waits, and each year's tree with its witnesses."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table

from protocol.log_entries import EntryKind
from registry.store.columns import (
    BY_SUBJECT,
    PLAIN,
    REFERENCE,
    key,
    length,
    metadata,
    octets,
    references,
    text,
    time,
    uuid,
)
from registry.store.types import Octets

_OF_ANYBODY: Final = (EntryKind.INQUIRY, EntryKind.REPORT_REJECTED, EntryKind.STATEMENT_GIVEN)
"""What may concern somebody who is not on the list: there is no subject to be forgotten, so it goes by its age."""
ERASED_BY_AGE: Final = "kind IN ({}) AND personal IS NOT NULL".format(", ".join(f"'{each}'" for each in _OF_ANYBODY))
"""Word for word what the query says: SQLite takes a partial index only then."""


def _shard() -> Column[int]:
    return Column("shard", sa.Integer(), nullable=False, autoincrement=False)


def _place(name: str) -> Column[int]:
    return Column(name, sa.BigInteger(), nullable=False, autoincrement=False)


# ``subject_key`` is sixteen zero bytes where an entry concerns no subject, so there is no foreign key to one.
log_opening: Final = Table(
    "log_opening",
    metadata,
    key(),
    uuid("entry_id"),
    text("kind", 48),
    time("at"),
    text("participant_id", 64),
    uuid("request_id", nullable=True),
    octets("core"),
    octets("core_salt"),
    octets("personal", nullable=True),
    octets("personal_salt", nullable=True),
    uuid("erased_by", nullable=True),
    PrimaryKeyConstraint("subject_key", "entry_id"),
    length("subject_key"),
    length("core_salt", 32),
    CheckConstraint("(personal IS NULL) = (personal_salt IS NULL)", name="personal_whole"),
    CheckConstraint("erased_by IS NULL OR personal IS NULL", name="erased_is_gone"),
    Index(None, "entry_id"),
    Index(
        "ix_log_opening_by_age",
        "entry_id",
        sqlite_where=sa.text(ERASED_BY_AGE),
        postgresql_where=sa.text(ERASED_BY_AGE),
    ),
    info=BY_SUBJECT,
    # A UUIDv7 begins with its time, so the months are ranges of it.
    postgresql_partition_by="RANGE (entry_id)",
)

# No foreign key to the opening, whose rows move when a month gets its partition.
log_pending: Final = Table(
    "log_pending",
    metadata,
    key(),
    uuid("entry_id"),
    PrimaryKeyConstraint("subject_key", "entry_id"),
    length("subject_key"),
    Index(None, "entry_id"),
    info=BY_SUBJECT,
    sqlite_with_rowid=False,
)

# Sixteen plain bytes for the id: SQLite would keep a UUID as 32 characters, twice, for every leaf.
log_leaf: Final = Table(
    "log_leaf",
    metadata,
    _shard(),
    _place("leaf_index"),
    Column("entry_id", Octets(16), nullable=False),
    Column("digest", Octets(32), nullable=False),
    PrimaryKeyConstraint("shard", "leaf_index"),
    length("entry_id"),
    length("digest", 32),
    Index(None, "entry_id", unique=True),
    info=PLAIN,
    sqlite_with_rowid=False,
)

log_tile: Final = Table(
    "log_tile",
    metadata,
    _shard(),
    Column("level", sa.Integer(), nullable=False, autoincrement=False),
    _place("tile_index"),
    octets("data"),
    PrimaryKeyConstraint("shard", "level", "tile_index"),
    length("data", 8192),
    info=PLAIN,
)

log_head: Final = Table(
    "log_head",
    metadata,
    _shard(),
    _place("size"),
    Column("root", Octets(32), nullable=False),
    octets("edges"),
    octets("note", nullable=True),
    octets("published", nullable=True),
    PrimaryKeyConstraint("shard"),
    length("root", 32),
    info=PLAIN,
)

log_witnessing: Final = Table(
    "log_witnessing",
    metadata,
    _shard(),
    octets("candidate", nullable=True),
    time("candidate_since", nullable=True),
    octets("witnessed", nullable=True),
    PrimaryKeyConstraint("shard"),
    info=PLAIN,
)

log_witness: Final = Table(
    "log_witness",
    metadata,
    text("name", 255),
    text("participant_id", 64),
    Column("public_key", Octets(32), nullable=False),
    text("url", 2048, nullable=True),
    time("added_at"),
    time("removed_at", nullable=True),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("name"),
    references(["participant_id"], "participant"),
    length("public_key", 32),
    Index(None, "public_key", unique=True),
    info=REFERENCE,
)
