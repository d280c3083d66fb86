"""Makes the table of reviews of decisions that a grade made, whose log entries are erased by their age as well."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table, require_entries, require_entries_beside

revision = "0065"
down_revision = "0064"

_BY_AGE = sa.text(
    "kind IN ('inquiry', 'inquiry.rechecked', 'activation', 'deposit.returned', 'report.rejected', 'statement.given',"
    " 'clearance.read', 'grade.reviewed') AND personal IS NOT NULL"
)


def upgrade() -> None:
    create_table(
        "grade_review",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("inquiry_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("participant_id", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("reviewed_at", TIME, nullable=False),
        sa.Column("content_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(subject_key) = 16", name=op.f("ck_grade_review_subject_key_length")),
        sa.CheckConstraint("length(content_digest) = 32", name=op.f("ck_grade_review_content_digest_length")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_grade_review_number_least")),
        sa.PrimaryKeyConstraint("subject_key", "inquiry_id", "number", name=op.f("pk_grade_review")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.participant_id"], name=op.f("fk_grade_review_participant_id_participant")
        ),
    )
    op.create_index(op.f("ix_grade_review_reviewed_at"), "grade_review", ["reviewed_at"], postgresql_using="brin")
    require_entries("grade_review")
    require_entries_beside("grade_review")
    op.drop_index("ix_log_personal_by_age", "log_personal")
    op.create_index(
        "ix_log_personal_by_age", "log_personal", ["entry_id"], sqlite_where=_BY_AGE, postgresql_where=_BY_AGE
    )


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
