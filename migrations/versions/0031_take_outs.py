"""Creates a creditor's daily count of open records that its rows took out, and a second key's confirmations."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table, require_entries

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    create_table(
        "take_out_day",
        sa.Column("participant_id", sa.String(64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("open_at_start", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("held_key_id", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("participant_id", "day", name="pk_take_out_day"),
        sa.CheckConstraint("open_at_start >= 0", name=op.f("ck_take_out_day_open_at_start_least")),
        sa.CheckConstraint("taken >= 0", name=op.f("ck_take_out_day_taken_least")),
        sa.CheckConstraint("held >= 0", name=op.f("ck_take_out_day_held_least")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.participant_id"], name="fk_take_out_day_participant_id_participant"
        ),
    )
    create_table(
        "take_out_confirmation",
        sa.Column("participant_id", sa.String(64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("take_outs", sa.Integer(), nullable=False),
        sa.Column("unused", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("confirmed_at", TIME, nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("participant_id", "day", name="pk_take_out_confirmation"),
        sa.CheckConstraint("take_outs >= 1", name=op.f("ck_take_out_confirmation_take_outs_least")),
        sa.CheckConstraint("unused >= 0", name=op.f("ck_take_out_confirmation_unused_least")),
        sa.ForeignKeyConstraint(
            ["participant_id", "day"],
            ["take_out_day.participant_id", "take_out_day.day"],
            name="fk_take_out_confirmation_participant_id_day_take_out_day",
        ),
    )
    require_entries("take_out_confirmation")


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
