"""Finds by their age the readings whose entries may name a member of an office's staff."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"

_READINGS = sa.text(
    "kind IN ('dispute.document-read', 'evidence.read', 'archive.read', 'log.read', 'oversight.read',"
    " 'evaluation.tallies-read') AND personal IS NOT NULL"
)


def upgrade() -> None:
    op.create_index(
        "ix_log_personal_readings", "log_personal", ["entry_id"], sqlite_where=_READINGS, postgresql_where=_READINGS
    )


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
