"""Creates the registry's clock: trusted readings, outages that wait for a person, the operator's confirmations."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table, require_entries

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    create_table(
        "clock_reading",
        sa.Column("boot", sa.String(64), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("steady_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("boot", name="pk_clock_reading"),
    )
    create_table(
        "clock_outage",
        sa.Column("name", sa.String(16), nullable=False),
        sa.Column("found_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_clock_outage"),
    )
    create_table(
        "clock_confirmation",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("word_digest", sa.LargeBinary(), nullable=False),
        sa.Column("operator_id", sa.String(64), nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("confirmed_at", TIME, nullable=False),
        sa.Column("newest_entry_at", TIME, nullable=True),
        sa.Column("database_ahead_ms", sa.BigInteger(), nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_clock_confirmation"),
        sa.CheckConstraint("length(word_digest) = 32", name=op.f("ck_clock_confirmation_word_digest_length")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_clock_confirmation_number_least")),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["participant.participant_id"], name="fk_clock_confirmation_operator_id_participant"
        ),
    )
    op.create_index("ix_clock_confirmation_word_digest", "clock_confirmation", ["word_digest"], unique=True)
    require_entries("clock_confirmation")


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
