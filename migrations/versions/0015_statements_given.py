"""Creates the rows of given statements, counted by the year."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    create_table(
        "statement_given",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("asked_through", sa.String(64), nullable=False),
        sa.Column("given_at", TIME, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("free", sa.Boolean(), nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "statement_id", name="pk_statement_given"),
        sa.CheckConstraint("length(subject_key) = 16", name=op.f("ck_statement_given_subject_key_length")),
        sa.ForeignKeyConstraint(
            ["asked_through"], ["participant.participant_id"], name="fk_statement_given_asked_through_participant"
        ),
    )
