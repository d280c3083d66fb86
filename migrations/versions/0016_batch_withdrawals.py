"""Creates the withdrawals of streamed batches, chunk by chunk."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    create_table(
        "batch_withdrawal",
        sa.Column("participant_id", sa.String(64), nullable=False),
        sa.Column("batch_key", sa.String(128), nullable=False),
        sa.Column("chunk_number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("withdrawn", sa.Integer(), nullable=False),
        sa.Column("left_alone", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", TIME, nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("participant_id", "batch_key", "chunk_number", name="pk_batch_withdrawal"),
        sa.CheckConstraint("withdrawn >= 0", name=op.f("ck_batch_withdrawal_withdrawn_least")),
        sa.CheckConstraint("left_alone >= 0", name=op.f("ck_batch_withdrawal_left_alone_least")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.participant_id"], name="fk_batch_withdrawal_participant_id_participant"
        ),
    )
