"""Lets a record's events lie together under their primary key, so that they need no second index."""

from alembic import op

from migrations.steps import with_primary_key

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    op.drop_index("ix_record_event_subject_key_record_id", "record_event")
    with_primary_key("record_event", "subject_key", "record_id", "event_id")


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
