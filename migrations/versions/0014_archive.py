"""Creates the archive of sealed records, the daily upkeep, and the indexes that find old rows."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table

revision = "0014"
down_revision = "0013"

_NOT_PURGED = sa.text("purged_at IS NULL")
_TO_FORGET = sa.text("forget_on IS NOT NULL")
_CLOSED = sa.text(
    "state IN ('CANCELLED', 'CLEARED', 'DISCHARGED', 'EXPIRED', 'TRANSFERRED', 'VOID_IDENTITY_THEFT', 'WITHDRAWN')"
)
_BY_AGE = {
    "hit": "asked_at",
    "quote": "quoted_at",
    "event": "created_at",
    "stored_answer": "created_at",
    "batch_chunk": "completed_at",
}


def upgrade() -> None:
    create_table(
        "sealed_record",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.String(64), nullable=False),
        sa.Column("debt_digest", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("listed_on", sa.Date(), nullable=False),
        sa.Column("closed_at", TIME, nullable=False),
        sa.Column("sealed_at", TIME, nullable=False),
        sa.Column("purge_on", sa.Date(), nullable=False),
        sa.Column("purged_at", TIME, nullable=True),
        sa.Column("suite", sa.String(32), nullable=False),
        sa.Column("kek_epoch", sa.Integer(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=True),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "record_id", name="pk_sealed_record"),
        sa.CheckConstraint("length(subject_key) = 16", name=op.f("ck_sealed_record_subject_key_length")),
        sa.CheckConstraint("length(debt_digest) = 32", name=op.f("ck_sealed_record_debt_digest_length")),
        sa.ForeignKeyConstraint(
            ["creditor_id"], ["participant.participant_id"], name="fk_sealed_record_creditor_id_participant"
        ),
    )
    op.create_index("ix_sealed_record_record_id", "sealed_record", ["record_id"])
    op.create_index(
        "ix_sealed_record_to_purge",
        "sealed_record",
        ["purge_on"],
        sqlite_where=_NOT_PURGED,
        postgresql_where=_NOT_PURGED,
    )
    create_table(
        "upkeep",
        sa.Column("task", sa.String(32), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("task", name="pk_upkeep"),
    )
    op.add_column("subject", sa.Column("forget_on", sa.Date(), nullable=True))
    op.create_index(
        "ix_subject_forget_on", "subject", ["forget_on"], sqlite_where=_TO_FORGET, postgresql_where=_TO_FORGET
    )
    op.create_index("ix_record_closed", "record", ["state_since"], sqlite_where=_CLOSED, postgresql_where=_CLOSED)
    op.create_index("ix_record_received_at", "record", ["received_at"])
    op.create_index("ix_household_link_subject_key_record_id", "household_link", ["subject_key", "record_id"])
    for table, column in _BY_AGE.items():
        op.create_index(f"ix_{table}_{column}", table, [column], postgresql_using="brin")
