"""Tables of what comes after a settlement."""

from typing import Final

from sqlalchemy import Index, PrimaryKeyConstraint, Table

from protocol.codes import ReversalReason
from registry.store.columns import BY_SUBJECT, coded, key, length, metadata, octets, references, text, time, uuid

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
    Index(None, "reversal_id"),
    info=BY_SUBJECT,
)
