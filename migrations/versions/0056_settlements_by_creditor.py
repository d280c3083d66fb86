"""Finds a creditor's settlements in their order, for the list of its own."""

from alembic import op

revision = "0056"
down_revision = "0055"


def upgrade() -> None:
    op.create_index("ix_settlement_creditor_id_settlement_id", "settlement", ["creditor_id", "settlement_id"])


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
