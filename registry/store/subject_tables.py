"""Tables of one subject: the head row, its records and all that happened to them."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table

from protocol.codes import Category, DecisionCode, NoticeChannel, ReasonCode, ServiceClass, SettlementKind
from protocol.states import CLOSED_STATES, Action, Party, RecordState
from registry.store.columns import (
    BY_SUBJECT,
    KEY_BYTES,
    at_least,
    by_age,
    coded,
    day,
    fen,
    integer,
    key,
    length,
    metadata,
    month,
    octets,
    references,
    sealed,
    states_in,
    text,
    time,
    uuid,
)
from registry.store.types import CodedList, Octets

OPEN_IN_ANY_RULES: Final = (
    RecordState.PENDING,
    RecordState.ACTIVE,
    RecordState.DISPUTED,
    RecordState.SUSPENDED,
    RecordState.ARRANGED,
    RecordState.FROZEN,
)
"""States in which a debt is still owed here, those reserved for later rules included: an index is slow to change."""

IS_CLOSED: Final = states_in(sorted(CLOSED_STATES))
IS_PENDING: Final = f"state = '{RecordState.PENDING}'"
"""Word for word what the query says: SQLite takes a partial index only then."""

subject: Final = Table(
    "subject",
    metadata,
    key(),
    *sealed(),
    time("created_at"),
    day("forget_on", nullable=True),
    PrimaryKeyConstraint("subject_key"),
    length("subject_key"),
    Index(
        None,
        "forget_on",
        sqlite_where=sa.text("forget_on IS NOT NULL"),
        postgresql_where=sa.text("forget_on IS NOT NULL"),
    ),
    info=BY_SUBJECT,
)

record: Final = Table(
    "record",
    metadata,
    key(),
    uuid("record_id"),
    text("creditor_id", 64),
    octets("account_ref"),
    coded("state", RecordState, 20),
    coded("service_class", ServiceClass, 16),
    coded("category", Category, 16),
    fen("principal_fen"),
    fen("paid_fen"),
    fen("costs_fen"),
    integer("fee_free_days"),
    day("due_date"),
    day("suspended_on", nullable=True),
    day("ended_on", nullable=True),
    day("notice_date"),
    coded("notice_channel", NoticeChannel, 24, nullable=True),
    day("enforceable_from"),
    day("clock_on"),
    day("confirmed_on", nullable=True),
    day("asked_on", nullable=True),
    day("figures_on"),
    Column("evidence_digest", Octets(32), nullable=True),
    text("dealer", 32, nullable=True),
    text("rules_version", 32),
    integer("late_fee_daily_ppm"),
    integer("late_fee_cap_ppm"),
    integer("version"),
    time("received_at"),
    time("state_since"),
    uuid("log_entry_id"),
    uuid("origin_record_id", nullable=True),
    # Written and read with the record, and never looked up by: the way from a household to a record is a link.
    Column("register_key", Octets(KEY_BYTES), nullable=True),
    Column("address_key", Octets(KEY_BYTES), nullable=True),
    Column("person_ref", Octets(32), nullable=True),
    PrimaryKeyConstraint("subject_key", "record_id"),
    references(["subject_key"], "subject"),
    references(["creditor_id"], "participant", ["participant_id"]),
    length("account_ref", 32),
    length("register_key"),
    length("address_key"),
    length("person_ref", 32),
    at_least("paid_fen", 0),
    at_least("costs_fen", 0),
    at_least("late_fee_daily_ppm", 0),
    at_least("late_fee_cap_ppm", 0),
    at_least("version", 1),
    CheckConstraint("principal_fen > 0", name="principal_fen_positive"),
    CheckConstraint(states_in(tuple(RecordState)), name="state_known"),
    Index(None, "creditor_id", "account_ref"),
    Index(None, "record_id"),
    Index(
        "uq_record_open_account",
        "subject_key",
        "creditor_id",
        "account_ref",
        unique=True,
        sqlite_where=sa.text(states_in(OPEN_IN_ANY_RULES)),
        postgresql_where=sa.text(states_in(OPEN_IN_ANY_RULES)),
    ),
    Index(
        "ix_record_clock",
        "clock_on",
        sqlite_where=sa.text(IS_PENDING),
        postgresql_where=sa.text(IS_PENDING),
    ),
    Index("ix_record_closed", "state_since", sqlite_where=sa.text(IS_CLOSED), postgresql_where=sa.text(IS_CLOSED)),
    # Not partial: a record falls due by its listing in almost every state, and leaves the table then.
    Index(None, "received_at"),
    info=BY_SUBJECT,
)

record_event: Final = Table(
    "record_event",
    metadata,
    key(),
    uuid("event_id"),
    uuid("record_id"),
    coded("source", RecordState, 20),
    coded("target", RecordState, 20),
    coded("action", Action, 20),
    coded("party", Party, 20),
    text("actor_id", 64),
    text("reason", 64),
    time("at"),
    text("rules_version", 32),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("subject_key", "event_id"),
    references(["subject_key", "record_id"], "record"),
    Index(None, "subject_key", "record_id"),
    info=BY_SUBJECT,
)

# An applicant who asks need not be a subject of ours: no foreign key to the head row, here and in the quote.
inquiry: Final = Table(
    "inquiry",
    metadata,
    key(),
    Column("month", sa.Integer(), nullable=False, autoincrement=False),
    uuid("inquiry_id"),
    text("participant_id", 64),
    coded("service_class", ServiceClass, 16),
    coded("decision", DecisionCode, 16),
    Column("reasons", CodedList(ReasonCode, 200, tuple), nullable=False),
    text("rules_version", 32),
    time("decided_at"),
    uuid("quote_id", nullable=True),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("subject_key", "month", "inquiry_id"),
    references(["participant_id"], "participant"),
    length("subject_key"),
    month(),
    info=BY_SUBJECT,
    postgresql_partition_by="RANGE (month)",
)

quote: Final = Table(
    "quote",
    metadata,
    key(),
    uuid("quote_id"),
    text("reference", 64),
    uuid("inquiry_id"),
    time("quoted_at"),
    time("valid_until"),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("subject_key", "quote_id"),
    length("subject_key"),
    by_age("quoted_at"),
    # Not unique: a reference is 128 random bits, and a distributed engine could not promise it without the key.
    Index(None, "reference"),
    info=BY_SUBJECT,
)

# A table and not a JSON column: a change of the key epoch has to rewrite ``debtor_key``, which may be another
# subject's than the asker's (a member of the household), and CHECKs hold on its figures.
quote_line: Final = Table(
    "quote_line",
    metadata,
    key(),
    uuid("quote_id"),
    Column("line_number", sa.Integer(), nullable=False, autoincrement=False),
    key("debtor_key"),
    uuid("record_id"),
    text("creditor_id", 64),
    coded("service_class", ServiceClass, 16),
    fen("principal_fen"),
    fen("late_fee_fen"),
    fen("costs_fen"),
    PrimaryKeyConstraint("subject_key", "quote_id", "line_number"),
    references(["subject_key", "quote_id"], "quote"),
    references(["creditor_id"], "participant", ["participant_id"]),
    length("debtor_key"),
    at_least("principal_fen", 0),
    at_least("late_fee_fen", 0),
    at_least("costs_fen", 0),
    info=BY_SUBJECT,
)

# A total for each creditor over all debts of a quote, of which only the first have a line.
quote_total: Final = Table(
    "quote_total",
    metadata,
    key(),
    uuid("quote_id"),
    text("creditor_id", 64),
    integer("records"),
    fen("principal_fen"),
    fen("late_fee_fen"),
    fen("costs_fen"),
    PrimaryKeyConstraint("subject_key", "quote_id", "creditor_id"),
    references(["subject_key", "quote_id"], "quote"),
    references(["creditor_id"], "participant", ["participant_id"]),
    at_least("records", 1),
    at_least("principal_fen", 0),
    at_least("late_fee_fen", 0),
    at_least("costs_fen", 0),
    info=BY_SUBJECT,
)

settlement: Final = Table(
    "settlement",
    metadata,
    key(),
    uuid("settlement_id"),
    uuid("record_id"),
    text("creditor_id", 64),
    coded("kind", SettlementKind, 16),
    fen("amount_fen"),
    time("settled_at"),
    time("received_at"),
    text("statement", None),
    fen("waived_fen"),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("subject_key", "settlement_id"),
    references(["subject_key", "record_id"], "record"),
    references(["creditor_id"], "participant", ["participant_id"]),
    at_least("amount_fen", 0),
    Index(None, "subject_key", "record_id"),
    at_least("waived_fen", 0),
    Index(None, "settlement_id"),
    info=BY_SUBJECT,
)

clearance: Final = Table(
    "clearance",
    metadata,
    key(),
    uuid("clearance_id"),
    uuid("settlement_id"),
    text("jws", None),
    time("issued_at"),
    text("issued_to", 64),
    time("revoked_at", nullable=True),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("subject_key", "clearance_id"),
    references(["subject_key", "settlement_id"], "settlement"),
    Index(None, "subject_key", "settlement_id"),
    Index(None, "clearance_id"),
    info=BY_SUBJECT,
)
