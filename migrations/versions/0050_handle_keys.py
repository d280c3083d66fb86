"""Makes the table of the keys of decision handles, one for each quarter of a year."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table

revision = "0050"
down_revision = "0049"


def upgrade() -> None:
    create_table(
        "handle_key",
        sa.Column("quarter", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kek_epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint("length(wrapped_key) = 40", name=op.f("ck_handle_key_wrapped_key_length")),
        sa.PrimaryKeyConstraint("quarter", name=op.f("pk_handle_key")),
    )


def downgrade() -> None:
    """Refuse: tokens that carriers hold could not be read any more."""
    raise NotImplementedError("there is no way back: restore a backup instead")
