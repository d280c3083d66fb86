"""Adds the foreign keys of PostgreSQL, which the steps that make the tables leave out.

A distributed engine spreads its tables between revision 0044 and this one: it spreads no table that another, unspread
one refers to. A database from before has its foreign keys already, and SQLite's tables were made with theirs.
"""

import sqlalchemy as sa
from alembic import op

from migrations.steps import add_reference

revision = "0045"
down_revision = "0044"

_TO_PARTICIPANTS = {
    "account": ("creditor_id",),
    "batch_chunk": ("participant_id",),
    "batch_withdrawal": ("participant_id",),
    "clock_confirmation": ("operator_id",),
    "collection": (
        "collector_id",
        "creditor_id",
    ),
    "creditor_terms": ("creditor_id",),
    "dispute": (
        "creditor_id",
        "filed_by",
    ),
    "dispute_document": ("added_by",),
    "evaluation_tally": ("participant_id",),
    "event": ("recipient",),
    "event_head": ("recipient",),
    "evidence_demand": (
        "creditor_id",
        "demanded_by",
    ),
    "hit": ("participant_id",),
    "household_rebuttal": ("filed_by",),
    "inquiry": ("participant_id",),
    "log_witness": ("participant_id",),
    "participant_key": ("participant_id",),
    "plan": ("creditor_id",),
    "quote_line": ("creditor_id",),
    "quote_total": ("creditor_id",),
    "record": ("creditor_id",),
    "red_list": ("proposed_by",),
    "red_list_approval": ("approver_id",),
    "reversal": ("creditor_id",),
    "rules_version": (
        "approved_by",
        "proposed_by",
    ),
    "sealed_record": ("creditor_id",),
    "settlement": ("creditor_id",),
    "signed_request": ("participant_id",),
    "statement_given": ("asked_through",),
    "stored_answer": ("participant_id",),
    "take_out_day": ("participant_id",),
    "transfer": (
        "buyer_id",
        "participant_id",
    ),
    "victim_marker": ("set_by",),
    "webhook": ("recipient",),
    "webhook_dead_letter": ("recipient",),
}
"""The columns of each table that name a participant; each is a foreign key of its own."""

_TO_EPOCHS = ("evaluation_tally", "household", "subject")

_ALONG_A_KEY = (
    (
        "clearance",
        (
            "subject_key",
            "settlement_id",
        ),
        "settlement",
    ),
    (
        "dispute",
        (
            "subject_key",
            "record_id",
        ),
        "record",
    ),
    (
        "dispute_document",
        (
            "subject_key",
            "dispute_id",
        ),
        "dispute",
    ),
    (
        "evidence_demand",
        (
            "subject_key",
            "record_id",
        ),
        "record",
    ),
    (
        "evidence_manifest",
        (
            "subject_key",
            "record_id",
        ),
        "record",
    ),
    (
        "evidence_shown",
        (
            "subject_key",
            "demand_id",
        ),
        "evidence_demand",
    ),
    ("household_link", ("household_key",), "household"),
    ("household_rebuttal", ("household_key",), "household"),
    (
        "plan",
        (
            "subject_key",
            "record_id",
        ),
        "record",
    ),
    (
        "plan_instalment",
        (
            "subject_key",
            "plan_id",
        ),
        "plan",
    ),
    (
        "quote_line",
        (
            "subject_key",
            "quote_id",
        ),
        "quote",
    ),
    (
        "quote_total",
        (
            "subject_key",
            "quote_id",
        ),
        "quote",
    ),
    ("record", ("subject_key",), "subject"),
    (
        "record_event",
        (
            "subject_key",
            "record_id",
        ),
        "record",
    ),
    ("red_list", ("subject_key",), "subject"),
    (
        "red_list_approval",
        (
            "subject_key",
            "entry_id",
        ),
        "red_list",
    ),
    (
        "reversal",
        (
            "subject_key",
            "settlement_id",
        ),
        "settlement",
    ),
    (
        "settlement",
        (
            "subject_key",
            "record_id",
        ),
        "record",
    ),
    (
        "take_out_confirmation",
        (
            "participant_id",
            "day",
        ),
        "take_out_day",
    ),
    (
        "transfer_item",
        (
            "participant_id",
            "transfer_id",
        ),
        "transfer",
    ),
    ("victim_marker", ("subject_key",), "subject"),
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    there = set(op.get_bind().execute(sa.text("SELECT conname FROM pg_constraint WHERE contype = 'f'")).scalars())
    wanted = [
        *(
            (table, (each,), "participant", ("participant_id",))
            for table, of in _TO_PARTICIPANTS.items()
            for each in of
        ),
        *((table, ("epoch",), "key_epoch", ("epoch",)) for table in _TO_EPOCHS),
        *((table, columns, target, columns) for table, columns, target in _ALONG_A_KEY),
    ]
    for table, columns, target, named in wanted:
        if f"fk_{table}_{'_'.join(columns)}_{target}" not in there:
            add_reference(table, columns, target, named)


def downgrade() -> None:
    """Refuse: a row could then name another that is not there."""
    raise NotImplementedError("there is no way back: restore a backup instead")
