"""Adds to settlements the rest of a debt that its creditor waived."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    # The default fills existing rows; SQLite cannot drop it again, and no code relies on it.
    op.add_column(
        "settlement",
        sa.Column(
            "waived_fen",
            sa.BigInteger(),
            sa.CheckConstraint("waived_fen >= 0", name=op.f("ck_settlement_waived_fen_least")),
            nullable=False,
            server_default="0",
        ),
    )
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("settlement", "waived_fen", server_default=None)
