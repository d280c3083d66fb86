"""Adds a total for each creditor of a quote, over all its debts; existing quotes get theirs from their lines."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import create_table

revision = "0030"
down_revision = "0029"

_MOST = 2**53 - 1
_FIGURES = ("principal_fen", "late_fee_fen", "costs_fen")


def upgrade() -> None:
    create_table(
        "quote_total",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("quote_id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.String(64), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _FIGURES),
        sa.PrimaryKeyConstraint("subject_key", "quote_id", "creditor_id", name="pk_quote_total"),
        sa.CheckConstraint("records >= 1", name=op.f("ck_quote_total_records_least")),
        *(sa.CheckConstraint(f"{name} >= 0", name=op.f(f"ck_quote_total_{name}_least")) for name in _FIGURES),
        sa.ForeignKeyConstraint(
            ["creditor_id"], ["participant.participant_id"], name="fk_quote_total_creditor_id_participant"
        ),
        sa.ForeignKeyConstraint(
            ["subject_key", "quote_id"],
            ["quote.subject_key", "quote.quote_id"],
            name="fk_quote_total_subject_key_quote_id_quote",
        ),
    )
    # Store a sum beyond 53 bits as the largest allowed number, as `sum_fen` does.
    sums = ", ".join(f"CASE WHEN SUM({name}) > {_MOST} THEN {_MOST} ELSE SUM({name}) END" for name in _FIGURES)
    op.execute(
        f"INSERT INTO quote_total (subject_key, quote_id, creditor_id, records, {', '.join(_FIGURES)})"  # noqa: S608
        f" SELECT subject_key, quote_id, creditor_id, COUNT(*), {sums} FROM quote_line"
        " GROUP BY subject_key, quote_id, creditor_id"
    )


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
