"""Creates the webhooks that receive events, and the deliveries that were given up."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    create_table(
        "webhook",
        sa.Column("recipient", sa.String(64), nullable=False),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("registered_at", TIME, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", TIME, nullable=False),
        sa.Column("lease_id", sa.Uuid(), nullable=True),
        sa.Column("leased_until", TIME, nullable=True),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("recipient", name="pk_webhook"),
        sa.CheckConstraint("position >= 0", name=op.f("ck_webhook_position_least")),
        sa.ForeignKeyConstraint(["recipient"], ["participant.participant_id"], name="fk_webhook_recipient_participant"),
    )
    create_table(
        "webhook_dead_letter",
        sa.Column("recipient", sa.String(64), nullable=False),
        sa.Column("first_position", sa.BigInteger(), nullable=False),
        sa.Column("last_position", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("given_up_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("recipient", "first_position", name="pk_webhook_dead_letter"),
        sa.ForeignKeyConstraint(
            ["recipient"], ["participant.participant_id"], name="fk_webhook_dead_letter_recipient_participant"
        ),
    )
