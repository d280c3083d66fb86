"""Deletes households without a reference, and lets a row find its entry without locking every month of the log."""

from alembic import op

revision = "0033"
down_revision = "0032"

_ORPHANS = (
    "DELETE FROM household WHERE NOT EXISTS"
    " (SELECT 1 FROM household_link WHERE household_link.household_key = household.household_key)"
    " AND NOT EXISTS"
    " (SELECT 1 FROM household_rebuttal WHERE household_rebuttal.household_key = household.household_key)"
)


def upgrade() -> None:
    op.execute(_ORPHANS)
    if op.get_bind().dialect.name == "postgresql":
        # A cached query plan names no partition, and locks all of them for each row. The entry of this transaction
        # waits in a table without partitions; for an older one PostgreSQL plans the statement with its id, which
        # names one partition.
        op.execute(
            "CREATE OR REPLACE FUNCTION log_entry_must_exist() RETURNS trigger LANGUAGE plpgsql AS $$"
            " DECLARE is_there boolean; BEGIN"
            " IF EXISTS (SELECT 1 FROM log_pending WHERE entry_id = NEW.log_entry_id) THEN RETURN NULL; END IF;"
            " EXECUTE format('SELECT EXISTS (SELECT 1 FROM log_opening WHERE entry_id = %L)', NEW.log_entry_id)"
            " INTO is_there;"
            " IF NOT is_there THEN RAISE EXCEPTION 'no entry in the log'"
            " USING ERRCODE = 'foreign_key_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;"
            " END IF; RETURN NULL; END $$"
        )


def downgrade() -> None:
    """Refuse: deleted rows cannot be restored."""
    raise NotImplementedError("there is no way back: restore a backup instead")
