"""A row that names an entry of the log is written only when that entry is there; more openings go by their age."""

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
        # By the id alone, whatever the entry is filed under: an erasure files it under nobody.
        op.execute(
            "CREATE FUNCTION log_entry_must_exist() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " IF NOT EXISTS (SELECT 1 FROM log_opening WHERE entry_id = NEW.log_entry_id) THEN"
            " RAISE EXCEPTION 'no entry in the log'"
            " USING ERRCODE = 'foreign_key_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;"
            " END IF; RETURN NULL; END $$"
        )
        # TRUNCATE passes no trigger of a row, and that of a partition none of its table: each has its own.
        for table in ("log_opening", "log_opening_default", "log_pending"):
            op.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION log_append_only()"
            )
    require_entries(*_TABLES)


def downgrade() -> None:
    """Refused: what was acknowledged stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
