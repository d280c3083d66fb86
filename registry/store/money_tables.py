"""Tables of instalment plans, and of what comes after a settlement."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table

from protocol.codes import ReversalReason
from registry.domain.plans import PlanState
from registry.store.columns import (
    BY_SUBJECT,
    at_least,
    coded,
    day,
    fen,
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

IS_RUNNING: Final = f"state = '{PlanState.RUNNING}'"
"""Word for word what the query says: SQLite takes a partial index only then."""

reversal: Final = Table(
    "reversal",
    metadata,
    key(),
    uuid("reversal_id"),
    uuid("settlement_id"),
    uuid("record_id"),
    text("creditor_id", 64),
    coded("reason", ReversalReason, 24),
    octets("evidence_digest"),
    time("proposed_at"),
    text("proposed_key_id", 64),
    time("confirmed_at", nullable=True),
    text("confirmed_key_id", 64, nullable=True),
    text("rules_version", 32),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("subject_key", "reversal_id"),
    references(["subject_key", "settlement_id"], "settlement"),
    references(["creditor_id"], "participant", ["participant_id"]),
    length("evidence_digest", 32),
    Index(None, "subject_key", "settlement_id"),
    Index(None, "reversal_id"),
    info=BY_SUBJECT,
)

plan: Final = Table(
    "plan",
    metadata,
    key(),
    uuid("plan_id"),
    uuid("record_id"),
    text("creditor_id", 64),
    coded("state", PlanState, 16),
    fen("paid_before_fen"),
    integer("grace_days"),
    day("broken_from", nullable=True),
    time("arranged_at"),
    time("ended_at", nullable=True),
    text("rules_version", 32),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("subject_key", "plan_id"),
    references(["subject_key", "record_id"], "record"),
    references(["creditor_id"], "participant", ["participant_id"]),
    at_least("paid_before_fen", 0),
    Index(None, "subject_key", "record_id"),
    Index(None, "plan_id"),
    Index("ix_plan_running", "broken_from", sqlite_where=sa.text(IS_RUNNING), postgresql_where=sa.text(IS_RUNNING)),
    info=BY_SUBJECT,
)

plan_instalment: Final = Table(
    "plan_instalment",
    metadata,
    key(),
    uuid("plan_id"),
    Column("number", sa.Integer(), nullable=False, autoincrement=False),
    day("due_date"),
    fen("amount_fen"),
    PrimaryKeyConstraint("subject_key", "plan_id", "number"),
    references(["subject_key", "plan_id"], "plan"),
    CheckConstraint("amount_fen > 0", name="amount_fen_positive"),
    info=BY_SUBJECT,
)
