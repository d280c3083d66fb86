"""The table of custodians' tallies: counts, of nobody."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy import Column, Index, PrimaryKeyConstraint, Table

from registry.store.columns import BY_PARTICIPANT, at_least, day, metadata, references, text, time, uuid

evaluation_tally: Final = Table(
    "evaluation_tally",
    metadata,
    text("participant_id", 64),
    day("day"),
    Column("epoch", sa.Integer(), nullable=False, autoincrement=False),
    Column("total", sa.BigInteger(), nullable=False),
    text("statement", None),
    time("received_at"),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("participant_id", "day", "epoch"),
    references(["participant_id"], "participant"),
    references(["epoch"], "key_epoch"),
    at_least("total", 0),
    Index(None, "day"),
    info=BY_PARTICIPANT,
)
