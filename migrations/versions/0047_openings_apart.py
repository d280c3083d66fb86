"""Takes openings apart: what stays for ever under the entry, what an erasure deletes under its subject."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table

revision = "0047"
down_revision = "0046"

_KEPT = "entry_id, kind, at, participant_id, request_id, core, core_salt"
_BY_AGE = sa.text("kind IN ('inquiry', 'report.rejected', 'statement.given') AND personal IS NOT NULL")
_NOBODY = {"sqlite": "zeroblob(16)", "postgresql": "'\\x00000000000000000000000000000000'::bytea"}
_PARTS = (
    "SELECT relname, pg_get_expr(relpartbound, pg_class.oid) FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid"
    " WHERE inhparent = 'log_opening'::regclass ORDER BY relname"
)
_REFUSED = "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
_UNNAMED = "NOT EXISTS (SELECT 1 FROM log_erasure WHERE entry_id = OLD.entry_id)"


def upgrade() -> None:
    # Every table is written anew, in the order of the ids: a column that is only dropped would leave the personal
    # parts on the disk, out of reach of any erasure.
    if op.get_bind().dialect.name == "sqlite":
        _upgrade_sqlite()
    else:
        _upgrade_postgresql()
    _index_personal()
    _pending()


def _upgrade_sqlite() -> None:
    _create_personal(sa.PrimaryKeyConstraint("subject_key", "entry_id", name="pk_log_personal"))
    _create_erasures()
    _copy("log_opening")
    op.execute(f"CREATE TEMP TABLE moving AS SELECT {_KEPT} FROM log_opening ORDER BY entry_id")  # noqa: S608 - our words
    op.execute("DROP TABLE log_opening")
    _create_openings()
    op.execute(f"INSERT INTO log_opening ({_KEPT}) SELECT {_KEPT} FROM moving")  # noqa: S608
    op.execute("DROP TABLE moving")
    for table in ("log_opening", "log_erasure"):
        for verb in ("UPDATE", "DELETE"):
            op.execute(f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {_REFUSED}")
    op.execute(f"CREATE TRIGGER log_personal_no_update BEFORE UPDATE ON log_personal {_REFUSED}")
    op.execute(
        "CREATE TRIGGER log_personal_erase_only BEFORE DELETE ON log_personal"
        f" WHEN OLD.personal IS NOT NULL AND {_UNNAMED} {_REFUSED}"
    )


def _upgrade_postgresql() -> None:
    parts = op.get_bind().exec_driver_sql(_PARTS).fetchall()
    # Their names are free again for the new ones.
    op.execute("ALTER TABLE log_opening DROP CONSTRAINT pk_log_opening")
    op.execute("DROP INDEX ix_log_opening_entry_id")
    op.execute("DROP INDEX ix_log_opening_by_age")
    op.execute("ALTER TABLE log_opening RENAME TO log_opening_before")
    for name, _ in parts:
        op.execute(f"ALTER TABLE {name} RENAME TO {name}_before")
    _create_openings()
    _create_personal()
    _create_erasures()
    for name, bounds in parts:
        op.execute(f"CREATE TABLE {name} PARTITION OF log_opening {bounds}")
        _copy(f"{name}_before")
        op.execute(f"INSERT INTO {name} ({_KEPT}) SELECT {_KEPT} FROM {name}_before ORDER BY entry_id")  # noqa: S608
    op.create_primary_key("pk_log_opening", "log_opening", ["entry_id"])
    op.create_primary_key("pk_log_personal", "log_personal", ["subject_key", "entry_id"])
    op.execute("DROP TABLE log_opening_before")
    # The planner knows nothing of new tables before autovacuum has been there.
    op.execute("ANALYZE log_opening, log_personal, log_erasure")
    _guard_postgresql([name for name, _ in parts])
    # As in revision 0044, but in the table that lies beside the row. It has no months, so that a plan may be kept.
    op.execute(
        "CREATE OR REPLACE FUNCTION log_entry_must_be_beside() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF NOT EXISTS (SELECT 1 FROM log_personal"
        " WHERE subject_key = NEW.subject_key AND entry_id = NEW.log_entry_id) THEN"
        " RAISE EXCEPTION 'no entry in the log'"
        " USING ERRCODE = 'foreign_key_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;"
        " END IF; RETURN NULL; END $$"
    )


def _create_openings() -> None:
    key = [sa.PrimaryKeyConstraint("entry_id", name="pk_log_opening")]
    create_table(
        "log_opening",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(48), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("participant_id", sa.String(64), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("core", sa.LargeBinary(), nullable=False),
        sa.Column("core_salt", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(core_salt) = 32", name=op.f("ck_log_opening_core_salt_length")),
        *(key if op.get_bind().dialect.name == "sqlite" else ()),
        postgresql_partition_by="RANGE (entry_id)",
    )


def _create_personal(*key: sa.PrimaryKeyConstraint) -> None:
    create_table(
        "log_personal",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(48), nullable=False),
        sa.Column("personal", sa.LargeBinary(), nullable=True),
        sa.Column("personal_salt", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("length(subject_key) = 16", name=op.f("ck_log_personal_subject_key_length")),
        sa.CheckConstraint("(personal IS NULL) = (personal_salt IS NULL)", name=op.f("ck_log_personal_personal_whole")),
        *key,
    )


def _create_erasures() -> None:
    create_table(
        "log_erasure",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("erased_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name="pk_log_erasure"),
        sqlite_with_rowid=False,
    )


def _copy(table: str) -> None:
    """Copy what an erasure deletes, and the names of the erasures that were, from a table of whole openings."""
    nobody = _NOBODY[op.get_bind().dialect.name]
    columns = "subject_key, entry_id, kind, personal, personal_salt"
    op.execute(
        f"INSERT INTO log_personal ({columns}) SELECT {columns} FROM {table}"  # noqa: S608 - our own words
        f" WHERE erased_by IS NULL AND subject_key <> {nobody} ORDER BY entry_id"
    )
    op.execute(
        f"INSERT INTO log_erasure (entry_id, erased_by) SELECT entry_id, erased_by FROM {table}"  # noqa: S608
        " WHERE erased_by IS NOT NULL ORDER BY entry_id"
    )


def _index_personal() -> None:
    op.create_index("ix_log_personal_entry_id", "log_personal", ["entry_id"])
    op.create_index(
        "ix_log_personal_by_age", "log_personal", ["entry_id"], sqlite_where=_BY_AGE, postgresql_where=_BY_AGE
    )


def _guard_postgresql(parts: list[str]) -> None:
    op.execute(
        "CREATE FUNCTION log_erase_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF {_UNNAMED} THEN"
        " RAISE EXCEPTION 'the log is append-only' USING ERRCODE = 'restrict_violation';"
        " END IF; RETURN OLD; END $$"
    )
    for table in ("log_opening", "log_erasure"):
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION log_append_only()"
        )
    op.execute(
        "CREATE TRIGGER log_personal_no_update BEFORE UPDATE ON log_personal"
        " FOR EACH ROW EXECUTE FUNCTION log_append_only()"
    )
    op.execute(
        "CREATE TRIGGER log_personal_erase_only BEFORE DELETE ON log_personal FOR EACH ROW"
        " WHEN (OLD.personal IS NOT NULL) EXECUTE FUNCTION log_erase_only()"
    )
    for table in ("log_opening", *parts, "log_personal", "log_erasure"):
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION log_append_only()"
        )


def _pending() -> None:
    """Let what waits lie with its opening; an entry waits once."""
    op.execute("CREATE TEMP TABLE moving AS SELECT DISTINCT entry_id FROM log_pending")
    op.execute("DROP TABLE log_pending")
    create_table(
        "log_pending",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name="pk_log_pending"),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO log_pending (entry_id) SELECT entry_id FROM moving")
    op.execute("DROP TABLE moving")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER log_pending_no_truncate BEFORE TRUNCATE ON log_pending"
            " FOR EACH STATEMENT EXECUTE FUNCTION log_append_only()"
        )


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
