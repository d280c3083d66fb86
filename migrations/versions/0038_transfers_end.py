"""Lets offers of debts lapse by a date, and transfers be undone for some days; existing ones get 90 days each."""

import datetime as dt

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME

revision = "0038"
down_revision = "0036"

_WAITING = sa.text("state IN ('PROPOSED', 'OFFERED')")
_BEIJING = dt.timezone(dt.timedelta(hours=8))
_DAYS = dt.timedelta(days=90)
_NEVER = dt.date(2199, 12, 31)


def upgrade() -> None:
    # The default fills existing rows, which get their own dates at once; no code relies on it.
    op.add_column("transfer", sa.Column("lapses_on", sa.Date(), nullable=False, server_default=_NEVER.isoformat()))
    op.add_column("transfer", sa.Column("undo_ends_on", sa.Date(), nullable=True))
    op.add_column("transfer", sa.Column("undo_by", sa.String(64), nullable=True))
    op.add_column("transfer", sa.Column("undo_at", TIME, nullable=True))
    op.add_column("transfer", sa.Column("undo_key_id", sa.String(64), nullable=True))
    op.add_column("transfer", sa.Column("undone_at", TIME, nullable=True))
    op.add_column("transfer", sa.Column("undone_key_id", sa.String(64), nullable=True))
    op.add_column("transfer_item", sa.Column("undo_outcome", sa.String(16), nullable=True))
    op.add_column("transfer_item", sa.Column("undo_record_id", sa.Uuid(), nullable=True))
    _fill()
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("transfer", "lapses_on", server_default=None)
    op.create_index("ix_transfer_lapses", "transfer", ["lapses_on"], sqlite_where=_WAITING, postgresql_where=_WAITING)


def _fill() -> None:
    """Set the dates from the days of the taken steps; an offer that is too old lapses in the next round."""
    transfer = sa.table(
        "transfer",
        *(sa.column(name, sa.String()) for name in ("participant_id", "state")),
        sa.column("transfer_id", sa.Uuid()),
        *(sa.column(name, TIME) for name in ("proposed_at", "confirmed_at", "ended_at")),
        *(sa.column(name, sa.Date()) for name in ("lapses_on", "undo_ends_on")),
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(transfer)).mappings().all():
        connection.execute(
            sa.update(transfer)
            .where(transfer.c.participant_id == row["participant_id"], transfer.c.transfer_id == row["transfer_id"])
            .values(
                lapses_on=_day_after(row["confirmed_at"] or row["proposed_at"]),
                undo_ends_on=_day_after(row["ended_at"]) if row["state"] == "ACCEPTED" else None,
            )
        )


def _day_after(moment: dt.datetime | int) -> dt.date:
    """Return the day ninety days after the Beijing date of a time, which SQLite holds as microseconds."""
    if isinstance(moment, int):
        moment = dt.datetime.fromtimestamp(moment / 1_000_000, dt.UTC)
    return moment.astimezone(_BEIJING).date() + _DAYS


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
