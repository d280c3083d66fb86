"""Creates custodians' signed tallies of their evaluated elements."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    create_table(
        "evaluation_tally",
        sa.Column("participant_id", sa.String(64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("participant_id", "day", "epoch", name="pk_evaluation_tally"),
        sa.CheckConstraint("total >= 0", name=op.f("ck_evaluation_tally_total_least")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.participant_id"], name="fk_evaluation_tally_participant_id_participant"
        ),
        sa.ForeignKeyConstraint(["epoch"], ["key_epoch.epoch"], name="fk_evaluation_tally_epoch_key_epoch"),
    )
    op.create_index("ix_evaluation_tally_day", "evaluation_tally", ["day"])
