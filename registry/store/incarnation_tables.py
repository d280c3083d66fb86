"""Tables of the restores that were declared, and of the years whose log refuses the database."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy import Column, PrimaryKeyConstraint, Table

from registry.store.columns import PLAIN, REFERENCE, at_least, metadata, octets, text, time, uuid

# The first incarnation has no row: nobody restored anything to begin it.
incarnation: Final = Table(
    "incarnation",
    metadata,
    Column("number", sa.Integer(), nullable=False, autoincrement=False),
    time("began_at"),
    octets("heads"),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("number"),
    at_least("number", 2),
    info=REFERENCE,
)

log_refusal: Final = Table(
    "log_refusal",
    metadata,
    Column("shard", sa.Integer(), nullable=False, autoincrement=False),
    text("code", 48),
    time("since"),
    PrimaryKeyConstraint("shard"),
    info=PLAIN,
)
