"""Creates the red list: an organisation's entries and their approvals."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    create_table(
        "red_list",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("ground", sa.String(24), nullable=False),
        sa.Column("proposed_by", sa.String(64), nullable=False),
        sa.Column("proposed_at", TIME, nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("rules_version", sa.String(32), nullable=False),
        sa.Column("revoked_at", TIME, nullable=True),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "entry_id", name="pk_red_list"),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["participant.participant_id"], name="fk_red_list_proposed_by_participant"
        ),
        sa.ForeignKeyConstraint(["subject_key"], ["subject.subject_key"], name="fk_red_list_subject_key_subject"),
    )
    op.create_index("ix_red_list_entry_id", "red_list", ["entry_id"])
    create_table(
        "red_list_approval",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("approver_id", sa.String(64), nullable=False),
        sa.Column("approved_at", TIME, nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "entry_id", "approver_id", name="pk_red_list_approval"),
        sa.ForeignKeyConstraint(
            ["approver_id"], ["participant.participant_id"], name="fk_red_list_approval_approver_id_participant"
        ),
        sa.ForeignKeyConstraint(
            ["subject_key", "entry_id"],
            ["red_list.subject_key", "red_list.entry_id"],
            name="fk_red_list_approval_subject_key_entry_id_red_list",
        ),
    )
