"""Lets a subject's rows find their entries under the subject's own key, on the node of the row."""

from alembic import op

from migrations.steps import require_entries_beside

revision = "0044"
down_revision = "0038"

_TABLES = (
    "clearance",
    "collection",
    "dispute",
    "dispute_document",
    "evidence_demand",
    "evidence_shown",
    "inquiry",
    "plan",
    "quote",
    "record",
    "record_event",
    "red_list",
    "red_list_approval",
    "reversal",
    "sealed_record",
    "settlement",
    "statement_given",
    "victim_marker",
)
"""Tables that the subject's key leads; the entries of all others are looked up by their ids."""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        # As in log_entry_must_exist: an entry of this transaction waits in a table without partitions; for an older
        # one the statement is planned with its id, which names one partition.
        op.execute(
            "CREATE FUNCTION log_entry_must_be_beside() RETURNS trigger LANGUAGE plpgsql AS $$"
            " DECLARE is_there boolean; BEGIN"
            " IF EXISTS (SELECT 1 FROM log_pending"
            " WHERE subject_key = NEW.subject_key AND entry_id = NEW.log_entry_id) THEN RETURN NULL; END IF;"
            " EXECUTE format('SELECT EXISTS (SELECT 1 FROM log_opening WHERE subject_key = $1 AND entry_id = %L)',"
            " NEW.log_entry_id) INTO is_there USING NEW.subject_key;"
            " IF NOT is_there THEN RAISE EXCEPTION 'no entry in the log'"
            " USING ERRCODE = 'foreign_key_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;"
            " END IF; RETURN NULL; END $$"
        )
    require_entries_beside(*_TABLES)


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
