"""Tables of what is charged and judged by: versions of the rules, and creditors' own late fees."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint, Table

from registry.store.columns import REFERENCE, at_least, day, integer, metadata, octets, references, text, time, uuid

_APPROVED: Final = sa.text("approved_at IS NOT NULL")

rules_version: Final = Table(
    "rules_version",
    metadata,
    text("version", 32),
    day("effective_from"),
    octets("document"),
    text("proposed_by", 64),
    text("proposed_key_id", 64),
    time("proposed_at"),
    text("approved_by", 64, nullable=True),
    text("approved_key_id", 64, nullable=True),
    time("approved_at", nullable=True),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("version"),
    references(["proposed_by"], "participant", ["participant_id"]),
    references(["approved_by"], "participant", ["participant_id"]),
    CheckConstraint("approved_by <> proposed_by", name="approved_by_another"),
    # Two versions for one day would leave open which one is in force.
    Index(
        "ix_rules_version_approved",
        "effective_from",
        unique=True,
        sqlite_where=_APPROVED,
        postgresql_where=_APPROVED,
    ),
    info=REFERENCE,
)

creditor_terms: Final = Table(
    "creditor_terms",
    metadata,
    text("creditor_id", 64),
    uuid("terms_id"),
    day("effective_from"),
    integer("daily_ppm"),
    integer("cap_ppm"),
    time("set_at"),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("creditor_id", "terms_id"),
    references(["creditor_id"], "participant", ["participant_id"]),
    at_least("daily_ppm", 0),
    at_least("cap_ppm", 0),
    info=REFERENCE,
)
