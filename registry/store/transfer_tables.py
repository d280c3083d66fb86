"""Tables of transfers of debts; they live with their seller and hold no pseudonym."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy import Index, PrimaryKeyConstraint, Table

from protocol.codes import TransferGround, TransferOutcome
from registry.domain.transfers import TransferState
from registry.store.columns import BY_PARTICIPANT, coded, day, metadata, references, text, time, uuid

IS_WAITING: Final = "state IN ('PROPOSED', 'OFFERED')"
"""Word for word what the query says: SQLite takes a partial index only then."""

transfer: Final = Table(
    "transfer",
    metadata,
    text("participant_id", 64),
    uuid("transfer_id"),
    text("buyer_id", 64),
    coded("ground", TransferGround, 16),
    coded("state", TransferState, 16),
    time("proposed_at"),
    text("proposed_key_id", 64),
    time("confirmed_at", nullable=True),
    text("confirmed_key_id", 64, nullable=True),
    time("ended_at", nullable=True),
    text("ended_key_id", 64, nullable=True),
    day("lapses_on"),
    day("undo_ends_on", nullable=True),
    text("undo_by", 64, nullable=True),
    time("undo_at", nullable=True),
    text("undo_key_id", 64, nullable=True),
    time("undone_at", nullable=True),
    text("undone_key_id", 64, nullable=True),
    text("rules_version", 32),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("participant_id", "transfer_id"),
    references(["participant_id"], "participant"),
    references(["buyer_id"], "participant", ["participant_id"]),
    Index(None, "transfer_id"),
    Index("ix_transfer_lapses", "lapses_on", sqlite_where=sa.text(IS_WAITING), postgresql_where=sa.text(IS_WAITING)),
    info=BY_PARTICIPANT,
)

# No foreign key to the records: they live with their debtors.
transfer_item: Final = Table(
    "transfer_item",
    metadata,
    text("participant_id", 64),
    uuid("transfer_id"),
    uuid("record_id"),
    coded("outcome", TransferOutcome, 16, nullable=True),
    uuid("new_record_id", nullable=True),
    coded("undo_outcome", TransferOutcome, 16, nullable=True),
    uuid("undo_record_id", nullable=True),
    PrimaryKeyConstraint("participant_id", "transfer_id", "record_id"),
    references(["participant_id", "transfer_id"], "transfer"),
    info=BY_PARTICIPANT,
)
