"""Refuses rows whose log entry is missing, and lets more openings be erased by their age."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import require_entries

revision = "0023"
down_revision = "0022"

_TABLES = (
    "batch_withdrawal",
    "clearance",
    "collection",
    "creditor_terms",
    "dispute",
    "dispute_document",
    "evaluation_tally",
    "evidence_demand",
    "evidence_shown",
    "household_rebuttal",
    "inquiry",
    "key_epoch",
    "log_witness",
    "participant",
    "participant_key",
    "plan",
    "quote",
    "record",
    "record_event",
    "red_list",
    "red_list_approval",
    "reversal",
    "rules_version",
    "sealed_record",
    "settlement",
    "statement_given",
    "transfer",
    "victim_marker",
    "webhook",
)


_BY_AGE = sa.text("kind IN ('inquiry', 'report.rejected', 'statement.given') AND personal IS NOT NULL")


def upgrade() -> None:
    op.drop_index("ix_log_opening_inquiries", "log_opening")
    op.create_index(
        "ix_log_opening_by_age", "log_opening", ["entry_id"], sqlite_where=_BY_AGE, postgresql_where=_BY_AGE
    )
    if op.get_bind().dialect.name == "postgresql":
        # Look up the id alone: an erasure sets the entry's subject key to zeros.
        op.execute(
            "CREATE FUNCTION log_entry_must_exist() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " IF NOT EXISTS (SELECT 1 FROM log_opening WHERE entry_id = NEW.log_entry_id) THEN"
            " RAISE EXCEPTION 'no entry in the log'"
            " USING ERRCODE = 'foreign_key_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;"
            " END IF; RETURN NULL; END $$"
        )
        # TRUNCATE fires no row trigger, and that of a partition fires none of its table: each gets its own.
        for table in ("log_opening", "log_opening_default", "log_pending"):
            op.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION log_append_only()"
            )
    require_entries(*_TABLES)


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
