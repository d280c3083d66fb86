"""Creates the hits: records that weighed in inquiries."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    create_table(
        "hit",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("inquiry_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.String(64), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "record_id", "inquiry_id", name="pk_hit"),
        sa.CheckConstraint("length(subject_key) = 16", name=op.f("ck_hit_subject_key_length")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.participant_id"], name="fk_hit_participant_id_participant"
        ),
        sqlite_with_rowid=False,
    )
