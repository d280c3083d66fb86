"""Lets reports of activations refer to their carriers, one revision after their tables."""

from migrations.steps import add_reference

revision = "0054"
down_revision = "0053"


def upgrade() -> None:
    for table in ("activation", "activation_unchecked"):
        add_reference(table, ["participant_id"], "participant", ["participant_id"])


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
