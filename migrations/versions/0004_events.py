"""Creates the participants' events, and the last number of each feed."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    create_table(
        "event",
        sa.Column("recipient", sa.String(64), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("inquiry_id", sa.Uuid(), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("recipient", "event_id", name="pk_event"),
        sa.UniqueConstraint("recipient", "position", name="uq_event_recipient_position"),
        sa.ForeignKeyConstraint(["recipient"], ["participant.participant_id"], name="fk_event_recipient_participant"),
    )
    create_table(
        "event_head",
        sa.Column("recipient", sa.String(64), nullable=False),
        sa.Column("last_position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("recipient", name="pk_event_head"),
        sa.CheckConstraint("last_position >= 0", name=op.f("ck_event_head_last_position_least")),
        sa.ForeignKeyConstraint(
            ["recipient"], ["participant.participant_id"], name="fk_event_head_recipient_participant"
        ),
    )
