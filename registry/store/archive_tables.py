"""Tables of the archive: sealed records and their tombstones, and when upkeep was last done."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy import Index, PrimaryKeyConstraint, Table

from protocol.states import RecordState
from registry.domain.closing import Ending
from registry.store.columns import (
    BY_SUBJECT,
    REFERENCE,
    coded,
    day,
    integer,
    key,
    length,
    metadata,
    octets,
    references,
    text,
    time,
    uuid,
)

NOT_PURGED: Final = "purged_at IS NULL"
"""Word for word what the clock's query says: SQLite takes a partial index only then."""

# No foreign key to the head row: a tombstone stays when nothing else of its subject does.
sealed_record: Final = Table(
    "sealed_record",
    metadata,
    key(),
    uuid("record_id"),
    text("creditor_id", 64),
    octets("debt_digest"),
    octets("account_digest", nullable=True),
    coded("ending", Ending, 16, nullable=True),
    day("bars_due_by", nullable=True),
    coded("state", RecordState, 20),
    day("listed_on"),
    time("closed_at"),
    time("sealed_at"),
    day("purge_on"),
    time("purged_at", nullable=True),
    text("suite", 32),
    integer("kek_epoch"),
    octets("wrapped_key", nullable=True),
    octets("ciphertext", nullable=True),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("subject_key", "record_id"),
    references(["creditor_id"], "participant", ["participant_id"]),
    length("subject_key"),
    length("debt_digest", 32),
    length("account_digest", 32),
    Index(None, "record_id"),
    Index(
        "ix_sealed_record_to_purge", "purge_on", sqlite_where=sa.text(NOT_PURGED), postgresql_where=sa.text(NOT_PURGED)
    ),
    info=BY_SUBJECT,
)

# So that what is done once a day is not begun anew every minute; doing it twice does no harm.
upkeep: Final = Table(
    "upkeep",
    metadata,
    text("task", 32),
    day("done_on"),
    PrimaryKeyConstraint("task"),
    info=REFERENCE,
)
