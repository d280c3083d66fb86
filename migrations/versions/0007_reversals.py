"""Creates reversals of settlements, and lets them revoke clearances."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("clearance", sa.Column("revoked_at", TIME, nullable=True))
    op.create_index("ix_settlement_settlement_id", "settlement", ["settlement_id"])
    create_table(
        "reversal",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("reversal_id", sa.Uuid(), nullable=False),
        sa.Column("settlement_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(24), nullable=False),
        sa.Column("evidence_digest", sa.LargeBinary(), nullable=False),
        sa.Column("proposed_at", TIME, nullable=False),
        sa.Column("proposed_key_id", sa.String(64), nullable=False),
        sa.Column("confirmed_at", TIME, nullable=True),
        sa.Column("confirmed_key_id", sa.String(64), nullable=True),
        sa.Column("rules_version", sa.String(32), nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "reversal_id", name="pk_reversal"),
        sa.CheckConstraint("length(evidence_digest) = 32", name=op.f("ck_reversal_evidence_digest_length")),
        sa.ForeignKeyConstraint(
            ["subject_key", "settlement_id"],
            ["settlement.subject_key", "settlement.settlement_id"],
            name="fk_reversal_subject_key_settlement_id_settlement",
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id"], ["participant.participant_id"], name="fk_reversal_creditor_id_participant"
        ),
    )
    op.create_index("ix_reversal_reversal_id", "reversal", ["reversal_id"])
