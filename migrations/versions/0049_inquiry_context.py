"""Adds the carrier's keyed reference of the order to an inquiry; inquiries of before have none."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"


def upgrade() -> None:
    op.add_column("inquiry", sa.Column("order_ref", sa.LargeBinary(16), nullable=True))


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
