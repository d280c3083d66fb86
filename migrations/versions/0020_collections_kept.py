"""Lets payments taken for others outlive their records, and drops them by their age."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table

revision = "0020"
down_revision = "0019"

_LENGTH = "length(subject_key) = 16"
_WAITING = sa.text("state = 'TO_CONFIRM'")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _copy()
    else:
        for name in (
            "fk_collection_subject_key_record_id_record",
            "fk_collection_subject_key_settlement_id_settlement",
        ):
            # A database made since revision 0045 has no foreign keys here yet.
            op.execute(f"ALTER TABLE collection DROP CONSTRAINT IF EXISTS {name}")
        op.create_check_constraint(op.f("ck_collection_subject_key_length"), "collection", _LENGTH)
    op.create_index("ix_collection_received_at", "collection", ["received_at"], postgresql_using="brin")


def _copy() -> None:
    """Make the table again and copy its rows, since SQLite cannot drop a constraint."""
    for name in ("ix_collection_collection_id", "ix_collection_month", "ix_collection_to_confirm"):
        op.drop_index(name, "collection")
    op.rename_table("collection", "collection_before")
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
        sa.CheckConstraint(_LENGTH, name=op.f("ck_collection_subject_key_length")),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_collection_amount_fen_least")),
        sa.ForeignKeyConstraint(
            ["collector_id"], ["participant.participant_id"], name="fk_collection_collector_id_participant"
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id"], ["participant.participant_id"], name="fk_collection_creditor_id_participant"
        ),
    )
    op.execute("INSERT INTO collection SELECT * FROM collection_before")
    op.drop_table("collection_before")
    op.create_index("ix_collection_collection_id", "collection", ["collection_id"])
    op.create_index(
        "ix_collection_month", "collection", ["collector_id", "creditor_id", "collected_month", "collection_id"]
    )
    op.create_index("ix_collection_to_confirm", "collection", ["confirm_due"], sqlite_where=_WAITING)
