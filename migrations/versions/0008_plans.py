"""Creates instalment plans, and adds their days without a late fee to records."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    # The default fills existing rows; SQLite cannot drop it again, and no code relies on it.
    op.add_column("record", sa.Column("fee_free_days", sa.Integer(), nullable=False, server_default="0"))
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("record", "fee_free_days", server_default=None)
    create_table(
        "plan",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("paid_before_fen", sa.BigInteger(), nullable=False),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.Column("broken_from", sa.Date(), nullable=True),
        sa.Column("arranged_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("rules_version", sa.String(32), nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "plan_id", name="pk_plan"),
        sa.CheckConstraint("paid_before_fen >= 0", name=op.f("ck_plan_paid_before_fen_least")),
        sa.ForeignKeyConstraint(
            ["subject_key", "record_id"],
            ["record.subject_key", "record.record_id"],
            name="fk_plan_subject_key_record_id_record",
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id"], ["participant.participant_id"], name="fk_plan_creditor_id_participant"
        ),
    )
    op.create_index("ix_plan_plan_id", "plan", ["plan_id"])
    running = sa.text("state = 'RUNNING'")
    op.create_index("ix_plan_running", "plan", ["broken_from"], sqlite_where=running, postgresql_where=running)
    create_table(
        "plan_instalment",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("due_date", sa.Date(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "plan_id", "number", name="pk_plan_instalment"),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_plan_instalment_amount_fen_positive")),
        sa.ForeignKeyConstraint(
            ["subject_key", "plan_id"],
            ["plan.subject_key", "plan.plan_id"],
            name="fk_plan_instalment_subject_key_plan_id_plan",
        ),
    )
