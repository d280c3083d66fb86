"""Adds the day of a dispute's reminder, and indexes for lists of cases by their sides."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("dispute", sa.Column("remind_on", sa.Date(), nullable=True))
    op.create_index("ix_dispute_creditor_id_dispute_id", "dispute", ["creditor_id", "dispute_id"])
    op.create_index("ix_dispute_filed_by_dispute_id", "dispute", ["filed_by", "dispute_id"])
    where = sa.text("remind_on IS NOT NULL")
    op.create_index("ix_dispute_to_remind", "dispute", ["remind_on"], sqlite_where=where, postgresql_where=where)
