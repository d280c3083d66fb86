"""Creates transfers of debts, whose new records keep the old dates, and marks members that have left."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("record", sa.Column("origin_record_id", sa.Uuid(), nullable=True))
    op.add_column("participant", sa.Column("left_at", TIME, nullable=True))
    create_table(
        "transfer",
        sa.Column("participant_id", sa.String(64), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.String(64), nullable=False),
        sa.Column("ground", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("proposed_at", TIME, nullable=False),
        sa.Column("proposed_key_id", sa.String(64), nullable=False),
        sa.Column("confirmed_at", TIME, nullable=True),
        sa.Column("confirmed_key_id", sa.String(64), nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("ended_key_id", sa.String(64), nullable=True),
        sa.Column("rules_version", sa.String(32), nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("participant_id", "transfer_id", name="pk_transfer"),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.participant_id"], name="fk_transfer_participant_id_participant"
        ),
        sa.ForeignKeyConstraint(["buyer_id"], ["participant.participant_id"], name="fk_transfer_buyer_id_participant"),
    )
    op.create_index("ix_transfer_transfer_id", "transfer", ["transfer_id"])
    create_table(
        "transfer_item",
        sa.Column("participant_id", sa.String(64), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=True),
        sa.Column("new_record_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("participant_id", "transfer_id", "record_id", name="pk_transfer_item"),
        sa.ForeignKeyConstraint(
            ["participant_id", "transfer_id"],
            ["transfer.participant_id", "transfer.transfer_id"],
            name="fk_transfer_item_participant_id_transfer_id_transfer",
        ),
    )
