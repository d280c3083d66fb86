"""Adds an index for each reference within a subject, so that a leaving record reads only its own child rows."""

from alembic import op

revision = "0029"
down_revision = "0028"

_REFERENCES = (
    ("dispute", "record_id"),
    ("evidence_demand", "record_id"),
    ("plan", "record_id"),
    ("record_event", "record_id"),
    ("settlement", "record_id"),
    ("clearance", "settlement_id"),
    ("reversal", "settlement_id"),
)


def upgrade() -> None:
    for table, column in _REFERENCES:
        op.create_index(f"ix_{table}_subject_key_{column}", table, ["subject_key", column])
