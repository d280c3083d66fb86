"""Gives links to households a kind and an end, and a record at most one current household of each kind."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table

revision = "0026"
down_revision = "0025"

_ENDED = sa.text("ended_at IS NOT NULL")


def upgrade() -> None:
    _keys_of_records()
    op.execute("CREATE TABLE household_link_before AS SELECT * FROM household_link")
    op.drop_index("ix_household_link_subject_key_record_id", "household_link")
    op.drop_table("household_link")
    create_table(
        "household_link",
        sa.Column("household_key", sa.LargeBinary(16), nullable=False),
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("linked_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("household_key", "subject_key", "record_id", "linked_at", name="pk_household_link"),
        sa.CheckConstraint("length(subject_key) = 16", name=op.f("ck_household_link_subject_key_length")),
        sa.ForeignKeyConstraint(
            ["household_key"], ["household.household_key"], name="fk_household_link_household_key_household"
        ),
        sqlite_with_rowid=False,
    )
    _copy()
    op.drop_table("household_link_before")
    op.create_index("ix_household_link_subject_key_record_id", "household_link", ["subject_key", "record_id"])
    op.create_index(
        "ix_household_link_ended", "household_link", ["ended_at"], sqlite_where=_ENDED, postgresql_where=_ENDED
    )
    _fill_records()


def _keys_of_records() -> None:
    """Add the columns with their CHECKs in one step, since SQLite adds no CHECK later."""
    kind = "BLOB" if op.get_bind().dialect.name == "sqlite" else "BYTEA"
    for name in ("register_key", "address_key"):
        check = f"CONSTRAINT ck_record_{name}_length CHECK (length({name}) = 16)"
        op.execute(f"ALTER TABLE record ADD COLUMN {name} {kind} {check}")


def _copy() -> None:
    """Keep the newest link of a record and kind current, and end the others.

    Former households were not marked until now, so that the others weighed until the latest entry of the log. They
    end at its time, which comes from the database and not from a clock.
    """
    op.execute(
        "INSERT INTO household_link (household_key, subject_key, record_id, kind, linked_at, ended_at)"
        " SELECT household_key, subject_key, record_id, kind, linked_at,"
        " CASE WHEN place > 1 THEN COALESCE("
        "(SELECT at FROM log_opening ORDER BY entry_id DESC LIMIT 1), newest) END"
        " FROM (SELECT l.household_key, l.subject_key, l.record_id, h.kind, l.linked_at,"
        " row_number() OVER (PARTITION BY l.subject_key, l.record_id, h.kind"
        " ORDER BY l.linked_at DESC, l.household_key DESC) AS place,"
        " max(l.linked_at) OVER (PARTITION BY l.subject_key, l.record_id, h.kind) AS newest"
        " FROM household_link_before AS l JOIN household AS h ON h.household_key = l.household_key) AS placed"
    )


def _fill_records() -> None:
    for name, kind in (("register_key", "REGISTER"), ("address_key", "ADDRESS")):
        current = (
            "FROM household_link WHERE household_link.subject_key = record.subject_key"
            " AND household_link.record_id = record.record_id"
            f" AND household_link.kind = '{kind}' AND household_link.ended_at IS NULL"
        )
        op.execute(f"UPDATE record SET {name} = (SELECT household_key {current}) WHERE EXISTS (SELECT 1 {current})")  # noqa: S608


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
