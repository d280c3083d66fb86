"""Adds the figures of its filing to a dispute, and the first day on which it stops enforcement."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

_FIGURES = ("principal_fen", "costs_fen", "paid_fen")
FILL = """
    UPDATE dispute AS d SET
      stopped_on = filed_on,
      principal_fen = (
        SELECT r.principal_fen FROM record r WHERE r.subject_key = d.subject_key AND r.record_id = d.record_id),
      costs_fen = (SELECT r.costs_fen FROM record r WHERE r.subject_key = d.subject_key AND r.record_id = d.record_id),
      paid_fen = (SELECT r.paid_fen FROM record r WHERE r.subject_key = d.subject_key AND r.record_id = d.record_id)
"""
"""Existing cases get today's figures, since those of the filing were not stored. Every old case stopped its record."""


def upgrade() -> None:
    # The defaults fill existing rows; SQLite cannot drop them again, and no code relies on them.
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
    op.execute(FILL)
    if op.get_bind().dialect.name != "sqlite":
        for name in _FIGURES:
            op.alter_column("dispute", name, server_default=None)
