"""Records keep their creditor's reference of the person, so that it can see which of its rows would move an account."""

from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    # SQLite takes a CHECK with a new column and in no other step.
    kind = "BLOB" if op.get_bind().dialect.name == "sqlite" else "BYTEA"
    check = "CONSTRAINT ck_record_person_ref_length CHECK (length(person_ref) = 32)"
    op.execute(f"ALTER TABLE record ADD COLUMN person_ref {kind} {check}")


def downgrade() -> None:
    """Refused: what was acknowledged stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
