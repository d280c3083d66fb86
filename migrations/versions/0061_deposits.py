"""Makes the table of deposits, whose log entries are erased by their age as well."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from migrations.steps import create_table, require_entries, require_entries_beside

revision = "0061"
down_revision = "0060"

_BY_AGE: Final = sa.text(
    "kind IN ('inquiry', 'inquiry.rechecked', 'activation', 'deposit.returned', 'report.rejected', 'statement.given',"
    " 'clearance.read') AND personal IS NOT NULL"
)
_AMOUNTS: Final = ("repaid_fen", "interest_fen", "returned_fen", "kept_fen")
_HELD: Final = sa.text("state = 'HELD'")
_TO_TELL: Final = sa.text("tell_on IS NOT NULL")


def upgrade() -> None:
    create_table(
        "deposit",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("participant_id", sa.String(64), nullable=False),
        sa.Column("order_ref", sa.LargeBinary(16), nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("activation_id", sa.Uuid(), nullable=False),
        sa.Column("service_class", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("fen", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("repaid_fen", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("interest_fen", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("returned_fen", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kept_fen", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("service_ended_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("tell_on", sa.Date(), nullable=True),
        sa.Column("drop_on", sa.Date(), nullable=False),
        sa.Column("rules_version", sa.String(32), nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(subject_key) = 16", name=op.f("ck_deposit_subject_key_length")),
        sa.CheckConstraint("length(order_ref) = 16", name=op.f("ck_deposit_order_ref_length")),
        sa.CheckConstraint("part >= 1", name=op.f("ck_deposit_part_least")),
        sa.CheckConstraint("fen >= 1", name=op.f("ck_deposit_fen_least")),
        *(sa.CheckConstraint(f"{name} >= 0", name=op.f(f"ck_deposit_{name}_least")) for name in _AMOUNTS),
        sa.PrimaryKeyConstraint("subject_key", "participant_id", "order_ref", "part", name=op.f("pk_deposit")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.participant_id"], name=op.f("fk_deposit_participant_id_participant")
        ),
    )
    for column in ("activation_id", "participant_id", "drop_on"):
        op.create_index(op.f(f"ix_deposit_{column}"), "deposit", [column])
    op.create_index(
        "ix_deposit_held", "deposit", ["participant_id", "activation_id"], sqlite_where=_HELD, postgresql_where=_HELD
    )
    op.create_index("ix_deposit_to_tell", "deposit", ["tell_on"], sqlite_where=_TO_TELL, postgresql_where=_TO_TELL)
    require_entries("deposit")
    require_entries_beside("deposit")
    op.drop_index("ix_log_personal_by_age", "log_personal")
    op.create_index(
        "ix_log_personal_by_age", "log_personal", ["entry_id"], sqlite_where=_BY_AGE, postgresql_where=_BY_AGE
    )


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
