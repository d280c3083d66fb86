"""Tables of disputes: the cases of a subject's records, their sealed documents, and the victim's markers."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy import Index, PrimaryKeyConstraint, Table

from protocol.codes import DisputeAnswer, DisputeGround, DisputeOutcome
from registry.domain.disputes import DisputeState, MediaType, Side
from registry.store.columns import (
    BY_SUBJECT,
    at_least,
    coded,
    day,
    fen,
    integer,
    key,
    metadata,
    octets,
    references,
    text,
    time,
    uuid,
)

NOT_CLOSED: Final = f"state <> '{DisputeState.CLOSED}'"
IS_OPEN: Final = f"state = '{DisputeState.OPEN}'"
TO_REMIND: Final = "remind_on IS NOT NULL"
IS_SUSPENDED: Final = f"state = '{DisputeState.SUSPENDED}'"
"""Word for word what the clock's queries say: SQLite takes a partial index only then."""

dispute: Final = Table(
    "dispute",
    metadata,
    key(),
    uuid("dispute_id"),
    uuid("record_id"),
    text("creditor_id", 64),
    coded("ground", DisputeGround, 24),
    fen("principal_fen"),
    fen("costs_fen"),
    fen("paid_fen"),
    text("filed_by", 64),
    time("filed_at"),
    day("filed_on"),
    day("stopped_on", nullable=True),
    day("answer_due"),
    day("close_due"),
    day("lapse_due"),
    day("remind_on", nullable=True),
    coded("state", DisputeState, 16),
    coded("answer", DisputeAnswer, 24, nullable=True),
    time("answered_at", nullable=True),
    time("closed_at", nullable=True),
    day("closed_on", nullable=True),
    coded("outcome", DisputeOutcome, 16, nullable=True),
    text("rules_version", 32),
    integer("version"),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("subject_key", "dispute_id"),
    references(["subject_key", "record_id"], "record"),
    references(["creditor_id"], "participant", ["participant_id"]),
    references(["filed_by"], "participant", ["participant_id"]),
    at_least("version", 1),
    Index(None, "subject_key", "record_id"),
    at_least("principal_fen", 0),
    at_least("costs_fen", 0),
    at_least("paid_fen", 0),
    Index(None, "dispute_id"),
    Index(None, "creditor_id", "dispute_id"),
    Index(None, "filed_by", "dispute_id"),
    Index("ix_dispute_to_remind", "remind_on", sqlite_where=sa.text(TO_REMIND), postgresql_where=sa.text(TO_REMIND)),
    Index(
        "uq_dispute_not_closed",
        "subject_key",
        "record_id",
        unique=True,
        sqlite_where=sa.text(NOT_CLOSED),
        postgresql_where=sa.text(NOT_CLOSED),
    ),
    Index("ix_dispute_open", "answer_due", sqlite_where=sa.text(IS_OPEN), postgresql_where=sa.text(IS_OPEN)),
    Index(
        "ix_dispute_suspended",
        "lapse_due",
        sqlite_where=sa.text(IS_SUSPENDED),
        postgresql_where=sa.text(IS_SUSPENDED),
    ),
    info=BY_SUBJECT,
)

dispute_document: Final = Table(
    "dispute_document",
    metadata,
    key(),
    uuid("document_id"),
    uuid("dispute_id"),
    coded("side", Side, 16),
    text("added_by", 64),
    time("added_at"),
    coded("media_type", MediaType, 32),
    integer("content_bytes"),
    text("suite", 32),
    integer("kek_epoch"),
    octets("wrapped_key"),
    octets("ciphertext"),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("subject_key", "document_id"),
    references(["subject_key", "dispute_id"], "dispute"),
    references(["added_by"], "participant", ["participant_id"]),
    at_least("content_bytes", 1),
    Index(None, "subject_key", "dispute_id"),
    info=BY_SUBJECT,
)

# Markers are only added: a renewal is a further one, so that what was known when stays known.
victim_marker: Final = Table(
    "victim_marker",
    metadata,
    key(),
    uuid("marker_id"),
    text("set_by", 64),
    time("set_at"),
    day("until"),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("subject_key", "marker_id"),
    references(["subject_key"], "subject"),
    references(["set_by"], "participant", ["participant_id"]),
    info=BY_SUBJECT,
)
