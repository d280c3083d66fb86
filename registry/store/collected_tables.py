"""The table of what was paid at another carrier's counter: the carriers' account, which outlives the record."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy import Index, PrimaryKeyConstraint, Table

from protocol.codes import CollectionRefusal
from registry.domain.collected import CollectionState
from registry.store.columns import (
    BY_SUBJECT,
    at_least,
    by_age,
    coded,
    day,
    fen,
    integer,
    key,
    length,
    metadata,
    references,
    text,
    time,
    uuid,
)

IS_TO_CONFIRM: Final = f"state = '{CollectionState.TO_CONFIRM}'"
"""Word for word what the query says: SQLite takes a partial index only then."""

collection: Final = Table(
    "collection",
    metadata,
    key(),
    uuid("collection_id"),
    uuid("record_id"),
    uuid("settlement_id"),
    uuid("quote_id"),
    text("collector_id", 64),
    text("creditor_id", 64),
    fen("amount_fen"),
    time("collected_at"),
    integer("collected_month"),
    time("received_at"),
    day("confirm_due"),
    coded("state", CollectionState, 24),
    coded("refusal", CollectionRefusal, 24, nullable=True),
    time("answered_at", nullable=True),
    time("reversed_at", nullable=True),
    text("rules_version", 32),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("subject_key", "collection_id"),
    references(["collector_id"], "participant", ["participant_id"]),
    references(["creditor_id"], "participant", ["participant_id"]),
    length("subject_key"),
    at_least("amount_fen", 0),
    Index(None, "collection_id"),
    by_age("received_at"),
    # The net statement of two carriers reads this alone, page by page.
    Index("ix_collection_month", "collector_id", "creditor_id", "collected_month", "collection_id"),
    Index(
        "ix_collection_to_confirm",
        "confirm_due",
        sqlite_where=sa.text(IS_TO_CONFIRM),
        postgresql_where=sa.text(IS_TO_CONFIRM),
    ),
    info=BY_SUBJECT,
)
