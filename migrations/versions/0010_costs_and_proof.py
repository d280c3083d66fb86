"""Adds a debt's collection costs, its creditor's confirmation that it is unpaid, and its evidence."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_PENDING = sa.text("state = 'PENDING'")


def upgrade() -> None:
    # The defaults fill existing rows; SQLite cannot drop them again, and no code relies on them.
    for table in ("record", "quote_line"):
        op.add_column(
            table,
            sa.Column(
                "costs_fen",
                sa.BigInteger(),
                sa.CheckConstraint("costs_fen >= 0", name=op.f(f"ck_{table}_costs_fen_least")),
                nullable=False,
                server_default="0",
            ),
        )
    op.add_column("record", sa.Column("clock_on", sa.Date(), nullable=False, server_default="9999-12-31"))
    op.execute("UPDATE record SET clock_on = enforceable_from")
    op.add_column("record", sa.Column("confirmed_on", sa.Date(), nullable=True))
    op.add_column("record", sa.Column("asked_on", sa.Date(), nullable=True))
    op.add_column("record", sa.Column("evidence_digest", sa.LargeBinary(32), nullable=True))
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("record", "costs_fen", server_default=None)
        op.alter_column("quote_line", "costs_fen", server_default=None)
        op.alter_column("record", "clock_on", server_default=None)
    op.drop_index("ix_record_pending", "record")
    op.create_index("ix_record_clock", "record", ["clock_on"], sqlite_where=_PENDING, postgresql_where=_PENDING)
