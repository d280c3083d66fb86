"""Adds to records the day on which their debt ended and the count of their broken plans; fills those of before."""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"

_SAME_RECORD = "{0}.subject_key = record.subject_key AND {0}.record_id = record.record_id"


def upgrade() -> None:
    op.add_column("record", sa.Column("settled_on", sa.Date(), nullable=True))
    op.add_column("record", sa.Column("last_break_on", sa.Date(), nullable=True))
    # SQLite takes a CHECK only together with a new column. The default fills existing rows, and no code relies on it.
    check = "CONSTRAINT ck_record_plan_breaks_least CHECK (plan_breaks >= 0)"
    op.execute(f"ALTER TABLE record ADD COLUMN plan_breaks INTEGER DEFAULT 0 NOT NULL {check}")
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("record", "plan_breaks", server_default=None)
    _fill_cleared()
    _fill_arranged()
    _fill_breaks()


def _day(moment: str) -> str:
    """Write the Beijing date of a time, which SQLite holds as microseconds since 1970."""
    if op.get_bind().dialect.name == "sqlite":
        return f"date({moment} / 1000000, 'unixepoch', '+8 hours')"
    return f"({moment} AT TIME ZONE 'Asia/Shanghai')::date"


def _fill_cleared() -> None:
    """Take the payment of the last settlement, which cleared the record; without one, the day of the edge."""
    paid_at = "CASE WHEN settled_at < received_at THEN settled_at ELSE received_at END"
    op.execute(
        f"UPDATE record SET settled_on = COALESCE((SELECT {_day(f'({paid_at})')} FROM settlement"  # noqa: S608
        f" WHERE {_SAME_RECORD.format('settlement')} ORDER BY received_at DESC, settlement_id DESC LIMIT 1),"
        f" {_day('state_since')}) WHERE state = 'CLEARED'"
    )
    # A plan that ended with the edge counts from its agreement.
    kept = (
        f"FROM plan WHERE {_SAME_RECORD.format('plan')} AND plan.state = 'KEPT'"
        f" AND plan.ended_at = record.state_since AND {_day('plan.arranged_at')} < record.settled_on"
    )
    op.execute(
        f"UPDATE record SET settled_on = (SELECT min({_day('plan.arranged_at')}) {kept})"  # noqa: S608
        f" WHERE state = 'CLEARED' AND EXISTS (SELECT 1 {kept})"
    )


def _fill_arranged() -> None:
    op.execute(
        f"UPDATE record SET settled_on = COALESCE((SELECT max({_day('plan.arranged_at')}) FROM plan"  # noqa: S608
        f" WHERE {_SAME_RECORD.format('plan')} AND plan.state = 'RUNNING'), {_day('state_since')})"
        " WHERE state = 'ARRANGED'"
    )


def _fill_breaks() -> None:
    """Count the broken plans of each record and of those that it continues, with the days that the scheduler judged."""
    missed = f"COALESCE(plan.broken_from, {_day('record_event.at')})"
    op.execute(
        f"WITH RECURSIVE broken (subject_key, record_id, missed_on) AS ("  # noqa: S608
        f"SELECT record_event.subject_key, record_event.record_id, {missed} FROM record_event"
        " LEFT JOIN plan ON plan.subject_key = record_event.subject_key AND plan.record_id = record_event.record_id"
        " AND plan.state = 'BROKEN' AND plan.ended_at = record_event.at"
        " WHERE record_event.action = 'BREAK_PLAN'"
        " UNION ALL SELECT record.subject_key, record.record_id, broken.missed_on FROM broken"
        " JOIN record ON record.subject_key = broken.subject_key AND record.origin_record_id = broken.record_id),"
        " counted AS (SELECT subject_key, record_id, count(*) AS breaks, max(missed_on) AS newest FROM broken"
        " GROUP BY subject_key, record_id)"
        " UPDATE record SET plan_breaks = counted.breaks, last_break_on = counted.newest FROM counted"
        f" WHERE {_SAME_RECORD.format('counted')}"
    )


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
