"""The table of statements that were given to their subjects."""

from typing import Final

from sqlalchemy import Boolean, Column, PrimaryKeyConstraint, Table

from registry.store.columns import BY_SUBJECT, integer, key, length, metadata, references, text, time, uuid

# Whoever asks need not be a subject of ours: no foreign key to the head row, and no head row is made for a statement.
statement_given: Final = Table(
    "statement_given",
    metadata,
    key(),
    uuid("statement_id"),
    text("asked_through", 64),
    time("given_at"),
    integer("year"),
    Column("free", Boolean(), nullable=False),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("subject_key", "statement_id"),
    references(["asked_through"], "participant", ["participant_id"]),
    length("subject_key"),
    info=BY_SUBJECT,
)
