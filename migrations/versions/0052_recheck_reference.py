"""Lets a check of an inquiry refer to its asker, one revision after its table."""

from migrations.steps import add_reference

revision = "0052"
down_revision = "0051"


def upgrade() -> None:
    add_reference("recheck", ["participant_id"], "participant", ["participant_id"])


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
