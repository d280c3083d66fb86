"""Lets reviews of grades refer to their carriers, one revision after their table."""

from migrations.steps import add_reference

revision = "0066"
down_revision = "0065"


def upgrade() -> None:
    add_reference("grade_review", ["participant_id"], "participant", ["participant_id"])


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
