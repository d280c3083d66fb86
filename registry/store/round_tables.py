"""The table of the loops' last finished rounds."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy import Column, PrimaryKeyConstraint, Table

from registry.store.columns import REFERENCE, at_least, metadata, text, time

work_round: Final = Table(
    "work_round",
    metadata,
    text("loop", 32),
    time("finished_at", nullable=True),
    Column("every_seconds", sa.Integer(), nullable=False),
    text("faults", 500),
    PrimaryKeyConstraint("loop"),
    at_least("every_seconds", 1),
    info=REFERENCE,
)
