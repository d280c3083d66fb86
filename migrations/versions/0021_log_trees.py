"""Creates the access log's trees: openings, waiting entries, leaves, tiles, heads and witnesses."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table

revision = "0021"
down_revision = "0020"

_ERASABLE = sa.text("kind = 'inquiry' AND personal IS NOT NULL")
_BY = {"sqlite": "json_extract(CAST(core AS TEXT), '$.by')", "postgresql": "convert_from(core, 'UTF8')::json ->> 'by'"}
_KEPT = ("entry_id", "kind", "at", "participant_id", "core", "core_salt")
"""The columns of an opening that no erasure changes."""


def upgrade() -> None:
    _openings()
    _pending()
    _trees()
    _witnesses()
    _copy()
    _guards()


def _openings() -> None:
    create_table(
        "log_opening",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(48), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("participant_id", sa.String(64), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("core", sa.LargeBinary(), nullable=False),
        sa.Column("core_salt", sa.LargeBinary(), nullable=False),
        sa.Column("personal", sa.LargeBinary(), nullable=True),
        sa.Column("personal_salt", sa.LargeBinary(), nullable=True),
        sa.Column("erased_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("subject_key", "entry_id", name="pk_log_opening"),
        sa.CheckConstraint("length(subject_key) = 16", name=op.f("ck_log_opening_subject_key_length")),
        sa.CheckConstraint("length(core_salt) = 32", name=op.f("ck_log_opening_core_salt_length")),
        sa.CheckConstraint("(personal IS NULL) = (personal_salt IS NULL)", name=op.f("ck_log_opening_personal_whole")),
        sa.CheckConstraint("erased_by IS NULL OR personal IS NULL", name=op.f("ck_log_opening_erased_is_gone")),
        postgresql_partition_by="RANGE (entry_id)",
    )
    op.create_index("ix_log_opening_entry_id", "log_opening", ["entry_id"])
    op.create_index(
        "ix_log_opening_inquiries",
        "log_opening",
        ["entry_id"],
        sqlite_where=_ERASABLE,
        postgresql_where=_ERASABLE,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE TABLE log_opening_default PARTITION OF log_opening DEFAULT")


def _pending() -> None:
    create_table(
        "log_pending",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "entry_id", name="pk_log_pending"),
        sa.CheckConstraint("length(subject_key) = 16", name=op.f("ck_log_pending_subject_key_length")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_log_pending_entry_id", "log_pending", ["entry_id"])


def _shard() -> sa.Column[int]:
    return sa.Column("shard", sa.Integer(), nullable=False, autoincrement=False)


def _trees() -> None:
    create_table(
        "log_leaf",
        _shard(),
        sa.Column("leaf_index", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("entry_id", sa.LargeBinary(16), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("shard", "leaf_index", name="pk_log_leaf"),
        sa.CheckConstraint("length(entry_id) = 16", name=op.f("ck_log_leaf_entry_id_length")),
        sa.CheckConstraint("length(digest) = 32", name=op.f("ck_log_leaf_digest_length")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_log_leaf_entry_id", "log_leaf", ["entry_id"], unique=True)
    create_table(
        "log_tile",
        _shard(),
        sa.Column("level", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("tile_index", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("shard", "level", "tile_index", name="pk_log_tile"),
        sa.CheckConstraint("length(data) = 8192", name=op.f("ck_log_tile_data_length")),
    )
    create_table(
        "log_head",
        _shard(),
        sa.Column("size", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("root", sa.LargeBinary(32), nullable=False),
        sa.Column("edges", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("published", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("shard", name="pk_log_head"),
        sa.CheckConstraint("length(root) = 32", name=op.f("ck_log_head_root_length")),
    )
    if op.get_bind().dialect.name == "postgresql":
        # Hashes cannot be compressed; the attempt costs more than the rest of an insert.
        op.execute("ALTER TABLE log_tile ALTER COLUMN data SET STORAGE EXTERNAL")
        op.execute("ALTER TABLE log_head ALTER COLUMN edges SET STORAGE EXTERNAL")


def _witnesses() -> None:
    create_table(
        "log_witnessing",
        _shard(),
        sa.Column("candidate", sa.LargeBinary(), nullable=True),
        sa.Column("candidate_since", TIME, nullable=True),
        sa.Column("witnessed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("shard", name="pk_log_witnessing"),
    )
    create_table(
        "log_witness",
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("participant_id", sa.String(64), nullable=False),
        sa.Column("public_key", sa.LargeBinary(32), nullable=False),
        sa.Column("url", sa.String(2048), nullable=True),
        sa.Column("added_at", TIME, nullable=False),
        sa.Column("removed_at", TIME, nullable=True),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_log_witness"),
        sa.CheckConstraint("length(public_key) = 32", name=op.f("ck_log_witness_public_key_length")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.participant_id"], name="fk_log_witness_participant_id_participant"
        ),
    )
    op.create_index("ix_log_witness_public_key", "log_witness", ["public_key"], unique=True)


def _copy() -> None:
    """Move every entry of the outbox to the entries that wait for the integrator."""
    by = _BY[op.get_bind().dialect.name]
    kept = "subject_key, entry_id, kind, at, core, core_salt, personal, personal_salt"
    op.execute(f"INSERT INTO log_opening ({kept}, participant_id) SELECT {kept}, {by} FROM log_outbox")  # noqa: S608
    op.execute("INSERT INTO log_pending (subject_key, entry_id) SELECT subject_key, entry_id FROM log_outbox")
    op.drop_table("log_outbox")


def _guards() -> None:
    """Refuse changes of leaves and tiles, and of openings all but a named erasure of the personal part."""
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def _guard_sqlite() -> None:
    for table in ("log_leaf", "log_tile"):
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
            )
    op.execute(
        "CREATE TRIGGER log_opening_no_delete BEFORE DELETE ON log_opening"
        " BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
    )
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in (*_KEPT, "request_id"))
    op.execute(
        "CREATE TRIGGER log_opening_erase_only BEFORE UPDATE ON log_opening"
        f" WHEN {changed} OR NEW.personal IS NOT NULL OR NEW.erased_by IS NULL OR OLD.erased_by IS NOT NULL"
        " OR NEW.subject_key NOT IN (OLD.subject_key, zeroblob(16))"
        " BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
    )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION log_append_only() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN RAISE EXCEPTION 'the log is append-only' USING ERRCODE = 'restrict_violation'; END $$"
    )
    for table in ("log_leaf", "log_tile"):
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION log_append_only()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION log_append_only()"
        )
    op.execute(
        "CREATE TRIGGER log_opening_no_delete BEFORE DELETE ON log_opening"
        " FOR EACH ROW EXECUTE FUNCTION log_append_only()"
    )
    changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in (*_KEPT, "request_id"))
    op.execute(
        "CREATE TRIGGER log_opening_erase_only BEFORE UPDATE ON log_opening FOR EACH ROW"
        f" WHEN ({changed} OR NEW.personal IS NOT NULL OR NEW.erased_by IS NULL OR OLD.erased_by IS NOT NULL"
        " OR NEW.subject_key NOT IN (OLD.subject_key, '\\x00000000000000000000000000000000'::bytea))"
        " EXECUTE FUNCTION log_append_only()"
    )


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
