"""Tables that belong to no subject: senders, keys, requests, answers, batches, households."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table

from protocol.codes import Role
from registry.domain.subjects import HouseholdKind
from registry.store.columns import (
    BY_HOUSEHOLD,
    BY_PARTICIPANT,
    REFERENCE,
    at_least,
    by_age,
    coded,
    integer,
    key,
    length,
    metadata,
    octets,
    references,
    sealed,
    text,
    time,
    uuid,
)
from registry.store.types import CodedList

participant: Final = Table(
    "participant",
    metadata,
    text("participant_id", 64),
    text("name", 200),
    Column("roles", CodedList(Role, 200, frozenset), nullable=False),
    text("contact", 500, nullable=True),
    time("created_at"),
    time("left_at", nullable=True),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("participant_id"),
    info=REFERENCE,
)

participant_key: Final = Table(
    "participant_key",
    metadata,
    text("key_id", 64),
    text("participant_id", 64),
    octets("public_key"),
    time("added_at"),
    time("revoked_at", nullable=True),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("key_id"),
    references(["participant_id"], "participant"),
    length("public_key", 32),
    Index(None, "participant_id"),
    info=REFERENCE,
)

key_epoch: Final = Table(
    "key_epoch",
    metadata,
    Column("epoch", sa.Integer(), nullable=False, autoincrement=False),
    text("suite", 32),
    octets("joint_public_key"),
    integer("threshold"),
    integer("custodians"),
    time("created_at"),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("epoch"),
    length("joint_public_key", 32),
    CheckConstraint("threshold >= 1 AND threshold <= custodians", name="threshold_range"),
    info=REFERENCE,
)

request_nonce: Final = Table(
    "request_nonce",
    metadata,
    text("key_id", 64),
    text("nonce", 64),
    time("seen_at"),
    PrimaryKeyConstraint("key_id", "nonce"),
    Index(None, "seen_at"),
    # A signing key belongs to one sender, so its nonces live together.
    info={"distribution": "participant", "distribution_column": "key_id"},
    sqlite_with_rowid=False,
)

signed_request: Final = Table(
    "signed_request",
    metadata,
    text("participant_id", 64),
    uuid("request_id"),
    text("key_id", 64),
    octets("signature_base"),
    octets("signature"),
    time("received_at"),
    PrimaryKeyConstraint("participant_id", "request_id"),
    references(["participant_id"], "participant"),
    info=BY_PARTICIPANT,
)

stored_answer: Final = Table(
    "stored_answer",
    metadata,
    text("participant_id", 64),
    text("idempotency_key", 128),
    text("operation", 64),
    octets("request_digest"),
    integer("status"),
    octets("body"),
    time("created_at"),
    PrimaryKeyConstraint("participant_id", "idempotency_key"),
    references(["participant_id"], "participant"),
    length("request_digest", 32),
    by_age("created_at"),
    info=BY_PARTICIPANT,
)

batch_chunk: Final = Table(
    "batch_chunk",
    metadata,
    text("participant_id", 64),
    text("batch_key", 128),
    Column("chunk_number", sa.Integer(), nullable=False, autoincrement=False),
    integer("rows"),
    octets("rows_digest"),
    octets("verdicts"),
    time("completed_at"),
    PrimaryKeyConstraint("participant_id", "batch_key", "chunk_number"),
    references(["participant_id"], "participant"),
    length("rows_digest", 32),
    by_age("completed_at"),
    at_least("rows", 0),
    info=BY_PARTICIPANT,
)

# One row for each chunk of a batch whose records its creditor took back: what makes that resumable.
batch_withdrawal: Final = Table(
    "batch_withdrawal",
    metadata,
    text("participant_id", 64),
    text("batch_key", 128),
    Column("chunk_number", sa.Integer(), nullable=False, autoincrement=False),
    integer("withdrawn"),
    integer("left_alone"),
    time("withdrawn_at"),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("participant_id", "batch_key", "chunk_number"),
    references(["participant_id"], "participant"),
    at_least("withdrawn", 0),
    at_least("left_alone", 0),
    info=BY_PARTICIPANT,
)

household: Final = Table(
    "household",
    metadata,
    key("household_key"),
    coded("kind", HouseholdKind, 16),
    *sealed(),
    time("created_at"),
    PrimaryKeyConstraint("household_key"),
    length("household_key"),
    info=BY_HOUSEHOLD,
)

# No foreign key to the record: it lives on another node. A row is one span of time: it is added and, once, ended. It
# goes some time after its end, or when its record is sealed.
household_link: Final = Table(
    "household_link",
    metadata,
    key("household_key"),
    key(),
    uuid("record_id"),
    coded("kind", HouseholdKind, 16),
    time("linked_at"),
    time("ended_at", nullable=True),
    PrimaryKeyConstraint("household_key", "subject_key", "record_id", "linked_at"),
    references(["household_key"], "household"),
    length("subject_key"),
    Index(None, "subject_key", "record_id"),
    Index(
        "ix_household_link_ended",
        "ended_at",
        sqlite_where=sa.text("ended_at IS NOT NULL"),
        postgresql_where=sa.text("ended_at IS NOT NULL"),
    ),
    info=BY_HOUSEHOLD,
    sqlite_with_rowid=False,
)
