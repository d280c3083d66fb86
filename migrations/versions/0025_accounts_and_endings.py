"""Allows one open record for an account, and adds the day of a record's figures and sealed records' endings."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table, without_constraint

revision = "0025"
down_revision = "0023"

_OPEN = "state IN ('PENDING', 'ACTIVE', 'DISPUTED', 'SUSPENDED', 'ARRANGED', 'FROZEN')"
_SAME_DEBT = "uq_record_subject_key_creditor_id_account_ref_due_date"


def upgrade() -> None:
    _add_day_of_figures()
    # A debt that its creditor withdrew may be listed again: the policy decides that, no longer a constraint.
    without_constraint("record", _SAME_DEBT)
    op.add_column("sealed_record", sa.Column("account_digest", sa.LargeBinary(), _length(), nullable=True))
    op.add_column("sealed_record", sa.Column("ending", sa.String(16), nullable=True))
    op.add_column("sealed_record", sa.Column("bars_due_by", sa.Date(), nullable=True))
    create_table(
        "account",
        sa.Column("account_ref", sa.LargeBinary(), nullable=False),
        sa.Column("creditor_id", sa.String(64), nullable=False),
        sa.Column("subject_key", sa.LargeBinary(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("account_ref", "creditor_id", name="pk_account"),
        sa.CheckConstraint("length(account_ref) = 32", name=op.f("ck_account_account_ref_length")),
        sa.CheckConstraint("length(subject_key) = 16", name=op.f("ck_account_subject_key_length")),
        sa.ForeignKeyConstraint(
            ["creditor_id"], ["participant.participant_id"], name="fk_account_creditor_id_participant"
        ),
    )
    op.create_index("ix_account_subject_key", "account", ["subject_key"])
    _fill_accounts()


def _length() -> sa.CheckConstraint:
    return sa.CheckConstraint("length(account_digest) = 32", name=op.f("ck_sealed_record_account_digest_length"))


def _add_day_of_figures() -> None:
    """Set the day of an existing record's figures to its day of listing, the only one that the table holds."""
    op.add_column("record", sa.Column("figures_on", sa.Date(), nullable=False, server_default="1970-01-01"))
    if op.get_bind().dialect.name == "sqlite":
        # SQLite holds microseconds since 1970, and Beijing is eight hours ahead of UTC.
        op.execute("UPDATE record SET figures_on = date(received_at / 1000000, 'unixepoch', '+8 hours')")
        return
    op.execute("UPDATE record SET figures_on = (received_at AT TIME ZONE 'Asia/Shanghai')::date")
    op.alter_column("record", "figures_on", server_default=None)


def _fill_accounts() -> None:
    """Point each account to its newest open record; print the others, which their creditor must withdraw."""
    record = sa.table(
        "record",
        sa.column("account_ref", sa.LargeBinary()),
        sa.column("creditor_id", sa.String()),
        sa.column("subject_key", sa.LargeBinary()),
        sa.column("record_id", sa.Uuid()),
        sa.column("received_at", TIME),
        sa.column("state", sa.String()),
    )
    account = sa.table(
        "account",
        sa.column("account_ref", sa.LargeBinary()),
        sa.column("creditor_id", sa.String()),
        sa.column("subject_key", sa.LargeBinary()),
        sa.column("record_id", sa.Uuid()),
    )
    connection = op.get_bind()
    newest = (
        sa.select(record.c.account_ref, record.c.creditor_id, record.c.subject_key, record.c.record_id)
        .where(sa.text(_OPEN))
        .order_by(record.c.account_ref, record.c.creditor_id, record.c.received_at.desc(), record.c.record_id.desc())
    )
    last: tuple[bytes, str] | None = None
    filled: list[dict[str, object]] = []
    for row in connection.execute(newest).all():
        place = (bytes(row.account_ref), row.creditor_id)
        if place == last:
            print(f"an account of {row.creditor_id} has another open record: {row.record_id}")  # noqa: T201
            continue
        last = place
        filled.append(dict(row._mapping))  # noqa: SLF001 (the public name of a row's mapping)
    for start in range(0, len(filled), 1_000):
        connection.execute(sa.insert(account), filled[start : start + 1_000])


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
