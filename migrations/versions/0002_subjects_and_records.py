"""Creates the tables of one subject: its own row, its records, their transitions, inquiries and settlements."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table

revision = "0002"
down_revision = "0001"

STATE_KNOWN = (
    "state IN ('RECEIVED', 'REJECTED', 'PENDING', 'ACTIVE', 'CLEARED', 'WITHDRAWN', 'CANCELLED', 'DISPUTED', "
    "'SUSPENDED', 'ARRANGED', 'VOID_IDENTITY_THEFT', 'DISCHARGED', 'TRANSFERRED', 'FROZEN', 'EXPIRED', 'PURGED')"
)
STILL_OWED = "state IN ('PENDING', 'ACTIVE', 'DISPUTED', 'SUSPENDED', 'ARRANGED', 'FROZEN')"
IS_PENDING = "state = 'PENDING'"


def upgrade() -> None:
    _subject()
    _record()
    _record_event()
    _inquiry()
    _quote()
    _quote_line()
    _settlement()
    _clearance()
    _log_outbox()
    if op.get_bind().dialect.name == "postgresql":
        for name in ("inquiry", "log_outbox"):
            op.execute(f"CREATE TABLE {name}_default PARTITION OF {name} DEFAULT")


def _subject() -> None:
    create_table(
        "subject",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("suite", sa.String(32), nullable=False),
        sa.Column("kek_epoch", sa.Integer(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("subject_key", name="pk_subject"),
        sa.CheckConstraint("length(subject_key) = 16", name=op.f("ck_subject_subject_key_length")),
        sa.ForeignKeyConstraint(["epoch"], ["key_epoch.epoch"], name="fk_subject_epoch_key_epoch"),
    )


def _record() -> None:
    create_table(
        "record",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.String(64), nullable=False),
        sa.Column("account_ref", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("service_class", sa.String(16), nullable=False),
        sa.Column("category", sa.String(16), nullable=False),
        sa.Column("principal_fen", sa.BigInteger(), nullable=False),
        sa.Column("paid_fen", sa.BigInteger(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=False),
        sa.Column("suspended_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("notice_date", sa.Date(), nullable=False),
        sa.Column("notice_channel", sa.String(24), nullable=True),
        sa.Column("enforceable_from", sa.Date(), nullable=False),
        sa.Column("dealer", sa.String(32), nullable=True),
        sa.Column("rules_version", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("state_since", TIME, nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "record_id", name="pk_record"),
        sa.UniqueConstraint(
            "subject_key",
            "creditor_id",
            "account_ref",
            "due_date",
            name="uq_record_subject_key_creditor_id_account_ref_due_date",
        ),
        sa.CheckConstraint("length(account_ref) = 32", name=op.f("ck_record_account_ref_length")),
        sa.CheckConstraint("paid_fen >= 0", name=op.f("ck_record_paid_fen_least")),
        sa.CheckConstraint("principal_fen > 0", name=op.f("ck_record_principal_fen_positive")),
        sa.CheckConstraint(STATE_KNOWN, name=op.f("ck_record_state_known")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_record_version_least")),
        sa.ForeignKeyConstraint(
            ["creditor_id"], ["participant.participant_id"], name="fk_record_creditor_id_participant"
        ),
        sa.ForeignKeyConstraint(["subject_key"], ["subject.subject_key"], name="fk_record_subject_key_subject"),
    )
    op.create_index("ix_record_creditor_id_account_ref", "record", ["creditor_id", "account_ref"])
    op.create_index(
        "ix_record_pending",
        "record",
        ["enforceable_from"],
        sqlite_where=sa.text(IS_PENDING),
        postgresql_where=sa.text(IS_PENDING),
    )
    op.create_index("ix_record_record_id", "record", ["record_id"])
    op.create_index(
        "uq_record_open_account",
        "record",
        ["subject_key", "creditor_id", "account_ref"],
        unique=True,
        sqlite_where=sa.text(STILL_OWED),
        postgresql_where=sa.text(STILL_OWED),
    )


def _record_event() -> None:
    create_table(
        "record_event",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("target", sa.String(20), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("party", sa.String(20), nullable=False),
        sa.Column("actor_id", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("rules_version", sa.String(32), nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "event_id", name="pk_record_event"),
        sa.ForeignKeyConstraint(
            ["subject_key", "record_id"],
            ["record.subject_key", "record.record_id"],
            name="fk_record_event_subject_key_record_id_record",
        ),
    )


def _inquiry() -> None:
    create_table(
        "inquiry",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("inquiry_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.String(64), nullable=False),
        sa.Column("service_class", sa.String(16), nullable=False),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("reasons", sa.String(200), nullable=False),
        sa.Column("rules_version", sa.String(32), nullable=False),
        sa.Column("decided_at", TIME, nullable=False),
        sa.Column("quote_id", sa.Uuid(), nullable=True),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "month", "inquiry_id", name="pk_inquiry"),
        sa.CheckConstraint("month BETWEEN 200001 AND 999912", name=op.f("ck_inquiry_month_range")),
        sa.CheckConstraint("length(subject_key) = 16", name=op.f("ck_inquiry_subject_key_length")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.participant_id"], name="fk_inquiry_participant_id_participant"
        ),
        postgresql_partition_by="RANGE (month)",
    )


def _quote() -> None:
    create_table(
        "quote",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("quote_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("inquiry_id", sa.Uuid(), nullable=False),
        sa.Column("quoted_at", TIME, nullable=False),
        sa.Column("valid_until", TIME, nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "quote_id", name="pk_quote"),
        sa.CheckConstraint("length(subject_key) = 16", name=op.f("ck_quote_subject_key_length")),
    )
    op.create_index("ix_quote_reference", "quote", ["reference"])


def _quote_line() -> None:
    create_table(
        "quote_line",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("quote_id", sa.Uuid(), nullable=False),
        sa.Column("line_number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("debtor_key", sa.LargeBinary(16), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.String(64), nullable=False),
        sa.Column("service_class", sa.String(16), nullable=False),
        sa.Column("principal_fen", sa.BigInteger(), nullable=False),
        sa.Column("late_fee_fen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "quote_id", "line_number", name="pk_quote_line"),
        sa.CheckConstraint("length(debtor_key) = 16", name=op.f("ck_quote_line_debtor_key_length")),
        sa.CheckConstraint("late_fee_fen >= 0", name=op.f("ck_quote_line_late_fee_fen_least")),
        sa.CheckConstraint("principal_fen >= 0", name=op.f("ck_quote_line_principal_fen_least")),
        sa.ForeignKeyConstraint(
            ["creditor_id"], ["participant.participant_id"], name="fk_quote_line_creditor_id_participant"
        ),
        sa.ForeignKeyConstraint(
            ["subject_key", "quote_id"],
            ["quote.subject_key", "quote.quote_id"],
            name="fk_quote_line_subject_key_quote_id_quote",
        ),
    )


def _settlement() -> None:
    create_table(
        "settlement",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("settlement_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", TIME, nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "settlement_id", name="pk_settlement"),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_settlement_amount_fen_least")),
        sa.ForeignKeyConstraint(
            ["creditor_id"], ["participant.participant_id"], name="fk_settlement_creditor_id_participant"
        ),
        sa.ForeignKeyConstraint(
            ["subject_key", "record_id"],
            ["record.subject_key", "record.record_id"],
            name="fk_settlement_subject_key_record_id_record",
        ),
    )


def _clearance() -> None:
    create_table(
        "clearance",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("clearance_id", sa.Uuid(), nullable=False),
        sa.Column("settlement_id", sa.Uuid(), nullable=False),
        sa.Column("jws", sa.Text(), nullable=False),
        sa.Column("issued_at", TIME, nullable=False),
        sa.Column("issued_to", sa.String(64), nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "clearance_id", name="pk_clearance"),
        sa.ForeignKeyConstraint(
            ["subject_key", "settlement_id"],
            ["settlement.subject_key", "settlement.settlement_id"],
            name="fk_clearance_subject_key_settlement_id_settlement",
        ),
    )
    op.create_index("ix_clearance_clearance_id", "clearance", ["clearance_id"])


def _log_outbox() -> None:
    create_table(
        "log_outbox",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(48), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("core", sa.LargeBinary(), nullable=False),
        sa.Column("core_salt", sa.LargeBinary(), nullable=False),
        sa.Column("personal", sa.LargeBinary(), nullable=True),
        sa.Column("personal_salt", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("subject_key", "month", "entry_id", name="pk_log_outbox"),
        sa.CheckConstraint("length(core_salt) = 32", name=op.f("ck_log_outbox_core_salt_length")),
        sa.CheckConstraint("month BETWEEN 200001 AND 999912", name=op.f("ck_log_outbox_month_range")),
        sa.CheckConstraint("length(subject_key) = 16", name=op.f("ck_log_outbox_subject_key_length")),
        postgresql_partition_by="RANGE (month)",
    )


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
