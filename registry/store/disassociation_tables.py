"""The table of rebuttals: who is kept out of which household. It goes with the household, where inquiries look."""

from typing import Final

from sqlalchemy import Index, PrimaryKeyConstraint, Table

from protocol.codes import RebuttalGround
from registry.domain.subjects import HouseholdKind
from registry.store.columns import BY_HOUSEHOLD, coded, day, key, length, metadata, octets, references, text, time, uuid

# Rows are added and, once, ended; a renewal is a further one, so that what held when stays known.
household_rebuttal: Final = Table(
    "household_rebuttal",
    metadata,
    key("household_key"),
    key(),
    uuid("rebuttal_id"),
    coded("kind", HouseholdKind, 16),
    coded("ground", RebuttalGround, 24),
    octets("evidence_digest"),
    text("filed_by", 64),
    time("filed_at"),
    day("until"),
    time("withdrawn_at", nullable=True),
    text("withdrawn_by", 64, nullable=True),
    text("rules_version", 32),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("household_key", "subject_key", "rebuttal_id"),
    references(["household_key"], "household"),
    references(["filed_by"], "participant", ["participant_id"]),
    length("subject_key"),
    length("evidence_digest", 32),
    Index(None, "rebuttal_id"),
    Index(None, "subject_key"),
    info=BY_HOUSEHOLD,
)
