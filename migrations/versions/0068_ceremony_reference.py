"""Lets committees refer to their key epoch, one revision after their table."""

from migrations.steps import add_reference

revision = "0068"
down_revision = "0067"


def upgrade() -> None:
    add_reference("ceremony", ["epoch"], "key_epoch", ["epoch"])


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
