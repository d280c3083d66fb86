"""Makes the tables of activations, and room for the names of their batches beside those of batches of records."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table, require_entries, require_entries_beside, with_longer_text

revision = "0053"
down_revision = "0052"

_BY_AGE: Final = sa.text(
    "kind IN ('inquiry', 'inquiry.rechecked', 'activation', 'report.rejected', 'statement.given')"
    " AND personal IS NOT NULL"
)


def upgrade() -> None:
    _create(
        "activation",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("inquiry_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(subject_key) = 16", name=op.f("ck_activation_subject_key_length")),
        key=("subject_key", "month", "participant_id", "order_ref", "part", "revision"),
    )
    _create(
        "activation_unchecked",
        sa.Column("cause", sa.String(16), nullable=False),
        key=("participant_id", "order_ref", "part", "revision", "month"),
    )
    require_entries("activation", "activation_unchecked")
    require_entries_beside("activation")
    op.drop_index("ix_log_personal_by_age", "log_personal")
    op.create_index(
        "ix_log_personal_by_age", "log_personal", ["entry_id"], sqlite_where=_BY_AGE, postgresql_where=_BY_AGE
    )
    with_longer_text("batch_chunk", "batch_key", 128, 160)


def _create(name: str, *parts: sa.schema.SchemaItem, key: tuple[str, ...]) -> None:
    create_table(
        name,
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("participant_id", sa.String(64), nullable=False),
        sa.Column("order_ref", sa.LargeBinary(16), nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("service_class", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("basis", sa.String(16), nullable=False),
        sa.Column("obeyed", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32), nullable=True),
        sa.Column("lines", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("unchecked_lines", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("notes", sa.String(100), nullable=False),
        sa.Column("done_at", TIME, nullable=False),
        sa.Column("reported_at", TIME, nullable=False),
        sa.Column("content_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        *parts,
        sa.CheckConstraint("length(order_ref) = 16", name=op.f(f"ck_{name}_order_ref_length")),
        sa.CheckConstraint("length(content_digest) = 32", name=op.f(f"ck_{name}_content_digest_length")),
        sa.CheckConstraint("part >= 1", name=op.f(f"ck_{name}_part_least")),
        sa.CheckConstraint("revision >= 1", name=op.f(f"ck_{name}_revision_least")),
        sa.CheckConstraint("lines >= 1", name=op.f(f"ck_{name}_lines_least")),
        sa.CheckConstraint("unchecked_lines >= 0", name=op.f(f"ck_{name}_unchecked_lines_least")),
        sa.CheckConstraint("month BETWEEN 200001 AND 999912", name=op.f(f"ck_{name}_month_range")),
        sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.participant_id"], name=op.f(f"fk_{name}_participant_id_participant")
        ),
        postgresql_partition_by="RANGE (month)",
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"CREATE TABLE {name}_default PARTITION OF {name} DEFAULT")


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
