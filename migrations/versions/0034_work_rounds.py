"""Creates the last finished round of each loop of the registry, with its alarms."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    create_table(
        "work_round",
        sa.Column("loop", sa.String(32), nullable=False),
        sa.Column("finished_at", TIME, nullable=True),
        sa.Column("every_seconds", sa.Integer(), nullable=False),
        sa.Column("faults", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("loop", name="pk_work_round"),
        sa.CheckConstraint("every_seconds >= 1", name=op.f("ck_work_round_every_seconds_least")),
    )


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
