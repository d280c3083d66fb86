"""Makes the table of the committees that key ceremonies formed."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table, require_entries

revision = "0067"
down_revision = "0066"


def upgrade() -> None:
    create_table(
        "ceremony",
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("committee", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ceremony", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("threshold", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("joint_public_key", sa.LargeBinary(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("committee_digest", sa.LargeBinary(), nullable=False),
        sa.Column("canary", sa.LargeBinary(), nullable=False),
        sa.Column("transcript", sa.Text(), nullable=False),
        sa.Column("transcript_digest", sa.LargeBinary(), nullable=False),
        sa.Column("keep_days", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("formed_at", TIME, nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("committee >= 1", name=op.f("ck_ceremony_committee_least")),
        sa.CheckConstraint("threshold >= 2", name=op.f("ck_ceremony_threshold_least")),
        sa.CheckConstraint("keep_days >= 0", name=op.f("ck_ceremony_keep_days_least")),
        sa.CheckConstraint("length(ceremony) = 32", name=op.f("ck_ceremony_ceremony_length")),
        sa.CheckConstraint("length(joint_public_key) = 32", name=op.f("ck_ceremony_joint_public_key_length")),
        sa.CheckConstraint("length(committee_digest) = 32", name=op.f("ck_ceremony_committee_digest_length")),
        sa.CheckConstraint("length(canary) = 32", name=op.f("ck_ceremony_canary_length")),
        sa.CheckConstraint("length(transcript_digest) = 32", name=op.f("ck_ceremony_transcript_digest_length")),
        sa.PrimaryKeyConstraint("epoch", "committee", name=op.f("pk_ceremony")),
        sa.ForeignKeyConstraint(["epoch"], ["key_epoch.epoch"], name=op.f("fk_ceremony_epoch_key_epoch")),
    )
    require_entries("ceremony")


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
