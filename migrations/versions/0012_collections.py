"""Creates the payments that a carrier's counter took for other creditors."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    create_table(
        "collection",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("collection_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("settlement_id", sa.Uuid(), nullable=False),
        sa.Column("quote_id", sa.Uuid(), nullable=False),
        sa.Column("collector_id", sa.String(64), nullable=False),
        sa.Column("creditor_id", sa.String(64), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("collected_at", TIME, nullable=False),
        sa.Column("collected_month", sa.Integer(), nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("confirm_due", sa.Date(), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("refusal", sa.String(24), nullable=True),
        sa.Column("answered_at", TIME, nullable=True),
        sa.Column("reversed_at", TIME, nullable=True),
        sa.Column("rules_version", sa.String(32), nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "collection_id", name="pk_collection"),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_collection_amount_fen_least")),
        sa.ForeignKeyConstraint(
            ["subject_key", "record_id"],
            ["record.subject_key", "record.record_id"],
            name="fk_collection_subject_key_record_id_record",
        ),
        sa.ForeignKeyConstraint(
            ["subject_key", "settlement_id"],
            ["settlement.subject_key", "settlement.settlement_id"],
            name="fk_collection_subject_key_settlement_id_settlement",
        ),
        sa.ForeignKeyConstraint(
            ["collector_id"], ["participant.participant_id"], name="fk_collection_collector_id_participant"
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id"], ["participant.participant_id"], name="fk_collection_creditor_id_participant"
        ),
    )
    op.create_index("ix_collection_collection_id", "collection", ["collection_id"])
    op.create_index(
        "ix_collection_month", "collection", ["collector_id", "creditor_id", "collected_month", "collection_id"]
    )
    waiting = sa.text("state = 'TO_CONFIRM'")
    op.create_index(
        "ix_collection_to_confirm", "collection", ["confirm_due"], sqlite_where=waiting, postgresql_where=waiting
    )
