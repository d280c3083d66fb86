"""Tables of the clock: trusted readings, outages that wait for a person, and the operator's confirmations."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy import Column, Index, PrimaryKeyConstraint, Table

from registry.store.columns import REFERENCE, at_least, length, metadata, octets, references, text, time, uuid

# One row for each start of each machine; it goes when it is old, and with each confirmation.
clock_reading: Final = Table(
    "clock_reading",
    metadata,
    text("boot", 64),
    time("at"),
    Column("steady_ms", sa.BigInteger(), nullable=False),
    PrimaryKeyConstraint("boot"),
    info=REFERENCE,
)

# At most one row, which the next confirmation takes away.
clock_outage: Final = Table(
    "clock_outage",
    metadata,
    text("name", 16),
    time("found_at"),
    PrimaryKeyConstraint("name"),
    info=REFERENCE,
)

clock_confirmation: Final = Table(
    "clock_confirmation",
    metadata,
    Column("number", sa.Integer(), nullable=False, autoincrement=False),
    octets("word_digest"),
    text("operator_id", 64),
    text("key_id", 64),
    time("confirmed_at"),
    time("newest_entry_at", nullable=True),
    Column("database_ahead_ms", sa.BigInteger(), nullable=False),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("number"),
    references(["operator_id"], "participant", ["participant_id"]),
    length("word_digest", 32),
    at_least("number", 1),
    Index(None, "word_digest", unique=True),
    info=REFERENCE,
)
