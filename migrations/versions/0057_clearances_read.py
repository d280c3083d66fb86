"""Finds by their age the readings of clearances, whose entries name the person who showed one."""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"

_BY_AGE = sa.text(
    "kind IN ('inquiry', 'inquiry.rechecked', 'activation', 'report.rejected', 'statement.given', 'clearance.read')"
    " AND personal IS NOT NULL"
)


def upgrade() -> None:
    op.drop_index("ix_log_personal_by_age", "log_personal")
    op.create_index(
        "ix_log_personal_by_age", "log_personal", ["entry_id"], sqlite_where=_BY_AGE, postgresql_where=_BY_AGE
    )


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
