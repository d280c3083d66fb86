"""Lets a deposit refer to its carrier, one revision after its table."""

from migrations.steps import add_reference

revision = "0062"
down_revision = "0061"


def upgrade() -> None:
    add_reference("deposit", ["participant_id"], "participant", ["participant_id"])


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
