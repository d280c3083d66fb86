"""Makes the table of carriers' own terms for low grades."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table, require_entries

revision = "0059"
down_revision = "0058"


def upgrade() -> None:
    create_table(
        "credit_terms",
        sa.Column("participant_id", sa.String(64), nullable=False),
        sa.Column("terms_id", sa.Uuid(), nullable=False),
        sa.Column("service_class", sa.String(16), nullable=False),
        sa.Column("tariff", sa.String(16), nullable=False),
        sa.Column("average_bill_fen", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("deposit_permille_of_bill", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("prepaid", sa.Boolean(), nullable=False),
        sa.Column("use", sa.String(16), nullable=False),
        sa.Column("asks", sa.String(16), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("set_at", TIME, nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("average_bill_fen >= 1", name=op.f("ck_credit_terms_average_bill_fen_least")),
        sa.CheckConstraint(
            "deposit_permille_of_bill >= 0", name=op.f("ck_credit_terms_deposit_permille_of_bill_least")
        ),
        sa.PrimaryKeyConstraint("participant_id", "terms_id", name=op.f("pk_credit_terms")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.participant_id"], name=op.f("fk_credit_terms_participant_id_participant")
        ),
    )
    require_entries("credit_terms")


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
