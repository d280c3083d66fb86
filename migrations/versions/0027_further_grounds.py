"""Disputes keep the figures that they were filed over, and since when they stop enforcement."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0023"

_FIGURES = ("principal_fen", "costs_fen", "paid_fen")


def upgrade() -> None:
    # The defaults are for the rows that are there; SQLite cannot drop them again, and nobody relies on them.
    for name in _FIGURES:
        op.add_column(
            "dispute",
            sa.Column(
                name,
                sa.BigInteger(),
                sa.CheckConstraint(f"{name} >= 0", name=op.f(f"ck_dispute_{name}_least")),
                nullable=False,
                server_default="0",
            ),
        )
    op.add_column("dispute", sa.Column("stopped_on", sa.Date(), nullable=True))
    # What a case was filed over was not kept: the figures of today stand for it. Every case so far stops its record.
    record = "(SELECT {} FROM record WHERE record.subject_key = d.subject_key AND record.record_id = d.record_id)"
    values = ", ".join(f"{name} = {record.format(name)}" for name in _FIGURES)
    op.execute(f"UPDATE dispute AS d SET stopped_on = filed_on, {values}")  # noqa: S608 (names of ours)
    if op.get_bind().dialect.name != "sqlite":
        for name in _FIGURES:
            op.alter_column("dispute", name, server_default=None)
