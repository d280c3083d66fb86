"""Makes the table of checks of inquiries after the first, whose log entries are erased by their age as well."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table, require_entries, require_entries_beside

revision = "0051"
down_revision = "0050"

_BY_AGE = sa.text(
    "kind IN ('inquiry', 'inquiry.rechecked', 'report.rejected', 'statement.given') AND personal IS NOT NULL"
)


def upgrade() -> None:
    create_table(
        "recheck",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("inquiry_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("participant_id", sa.String(64), nullable=False),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("reasons", sa.String(200), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("decided_at", TIME, nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(subject_key) = 16", name=op.f("ck_recheck_subject_key_length")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_recheck_number_least")),
        sa.CheckConstraint("total_fen >= 0", name=op.f("ck_recheck_total_fen_least")),
        sa.PrimaryKeyConstraint("subject_key", "inquiry_id", "number", name=op.f("pk_recheck")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.participant_id"], name=op.f("fk_recheck_participant_id_participant")
        ),
    )
    op.create_index(op.f("ix_recheck_decided_at"), "recheck", ["decided_at"], postgresql_using="brin")
    require_entries("recheck")
    require_entries_beside("recheck")
    op.drop_index("ix_log_personal_by_age", "log_personal")
    op.create_index(
        "ix_log_personal_by_age", "log_personal", ["entry_id"], sqlite_where=_BY_AGE, postgresql_where=_BY_AGE
    )


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
