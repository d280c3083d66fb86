"""Creates stored versions of the rules and creditors' own late fees, and adds its fee to each record."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    create_table(
        "rules_version",
        sa.Column("version", sa.String(32), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("proposed_by", sa.String(64), nullable=False),
        sa.Column("proposed_key_id", sa.String(64), nullable=False),
        sa.Column("proposed_at", TIME, nullable=False),
        sa.Column("approved_by", sa.String(64), nullable=True),
        sa.Column("approved_key_id", sa.String(64), nullable=True),
        sa.Column("approved_at", TIME, nullable=True),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_rules_version"),
        sa.CheckConstraint("approved_by <> proposed_by", name=op.f("ck_rules_version_approved_by_another")),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["participant.participant_id"], name="fk_rules_version_proposed_by_participant"
        ),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["participant.participant_id"], name="fk_rules_version_approved_by_participant"
        ),
    )
    approved = sa.text("approved_at IS NOT NULL")
    op.create_index(
        "ix_rules_version_approved",
        "rules_version",
        ["effective_from"],
        unique=True,
        sqlite_where=approved,
        postgresql_where=approved,
    )
    create_table(
        "creditor_terms",
        sa.Column("creditor_id", sa.String(64), nullable=False),
        sa.Column("terms_id", sa.Uuid(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("daily_ppm", sa.Integer(), nullable=False),
        sa.Column("cap_ppm", sa.Integer(), nullable=False),
        sa.Column("set_at", TIME, nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("creditor_id", "terms_id", name="pk_creditor_terms"),
        sa.CheckConstraint("daily_ppm >= 0", name=op.f("ck_creditor_terms_daily_ppm_least")),
        sa.CheckConstraint("cap_ppm >= 0", name=op.f("ck_creditor_terms_cap_ppm_least")),
        sa.ForeignKeyConstraint(
            ["creditor_id"], ["participant.participant_id"], name="fk_creditor_terms_creditor_id_participant"
        ),
    )
    # The founding rules' fee fills existing rows; SQLite cannot drop the default again, and no code relies on it.
    for column, founding in (("late_fee_daily_ppm", "3000"), ("late_fee_cap_ppm", "1000000")):
        check = sa.CheckConstraint(f"{column} >= 0", name=op.f(f"ck_record_{column}_least"))
        op.add_column("record", sa.Column(column, sa.Integer(), check, nullable=False, server_default=founding))
        if op.get_bind().dialect.name != "sqlite":
            op.alter_column("record", column, server_default=None)
