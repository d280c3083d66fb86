"""Creates the declared restores of the database, and the years whose logs refuse it."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table, require_entries

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    create_table(
        "incarnation",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("heads", sa.LargeBinary(), nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_incarnation"),
        sa.CheckConstraint("number >= 2", name=op.f("ck_incarnation_number_least")),
    )
    require_entries("incarnation")
    create_table(
        "log_refusal",
        sa.Column("shard", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("code", sa.String(48), nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.PrimaryKeyConstraint("shard", name="pk_log_refusal"),
    )


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
