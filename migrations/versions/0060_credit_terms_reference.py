"""Lets the terms of a carrier refer to it, one revision after their table."""

from migrations.steps import add_reference

revision = "0060"
down_revision = "0059"


def upgrade() -> None:
    add_reference("credit_terms", ["participant_id"], "participant", ["participant_id"])


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
