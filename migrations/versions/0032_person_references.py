"""Adds to records the creditor's reference of the person, by which it finds rows that would move an account."""

from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    # SQLite takes a CHECK only together with a new column.
    kind = "BLOB" if op.get_bind().dialect.name == "sqlite" else "BYTEA"
    check = "CONSTRAINT ck_record_person_ref_length CHECK (length(person_ref) = 32)"
    op.execute(f"ALTER TABLE record ADD COLUMN person_ref {kind} {check}")


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
