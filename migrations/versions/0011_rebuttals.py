"""Creates rebuttals, which keep subjects out of a household."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    create_table(
        "household_rebuttal",
        sa.Column("household_key", sa.LargeBinary(16), nullable=False),
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("rebuttal_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("ground", sa.String(24), nullable=False),
        sa.Column("evidence_digest", sa.LargeBinary(), nullable=False),
        sa.Column("filed_by", sa.String(64), nullable=False),
        sa.Column("filed_at", TIME, nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("withdrawn_at", TIME, nullable=True),
        sa.Column("withdrawn_by", sa.String(64), nullable=True),
        sa.Column("rules_version", sa.String(32), nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("household_key", "subject_key", "rebuttal_id", name="pk_household_rebuttal"),
        sa.CheckConstraint("length(subject_key) = 16", name=op.f("ck_household_rebuttal_subject_key_length")),
        sa.CheckConstraint("length(evidence_digest) = 32", name=op.f("ck_household_rebuttal_evidence_digest_length")),
        sa.ForeignKeyConstraint(
            ["household_key"], ["household.household_key"], name="fk_household_rebuttal_household_key_household"
        ),
        sa.ForeignKeyConstraint(
            ["filed_by"], ["participant.participant_id"], name="fk_household_rebuttal_filed_by_participant"
        ),
    )
    op.create_index("ix_household_rebuttal_rebuttal_id", "household_rebuttal", ["rebuttal_id"])
    op.create_index("ix_household_rebuttal_subject_key", "household_rebuttal", ["subject_key"])
