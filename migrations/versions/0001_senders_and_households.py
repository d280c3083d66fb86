"""Creates the tables that belong to no subject: senders, keys, requests, answers, batches, households."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table

revision = "0001"
down_revision = None


def upgrade() -> None:
    _participant()
    _participant_key()
    _key_epoch()
    _request_nonce()
    _signed_request()
    _stored_answer()
    _batch_chunk()
    _household()
    _household_link()


def _participant() -> None:
    create_table(
        "participant",
        sa.Column("participant_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("roles", sa.String(200), nullable=False),
        sa.Column("contact", sa.String(500), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("participant_id", name="pk_participant"),
    )


def _participant_key() -> None:
    create_table(
        "participant_key",
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("participant_id", sa.String(64), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", TIME, nullable=False),
        sa.Column("revoked_at", TIME, nullable=True),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name="pk_participant_key"),
        sa.CheckConstraint("length(public_key) = 32", name=op.f("ck_participant_key_public_key_length")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.participant_id"], name="fk_participant_key_participant_id_participant"
        ),
    )
    op.create_index("ix_participant_key_participant_id", "participant_key", ["participant_id"])


def _key_epoch() -> None:
    create_table(
        "key_epoch",
        sa.Column("epoch", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("suite", sa.String(32), nullable=False),
        sa.Column("joint_public_key", sa.LargeBinary(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("custodians", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("epoch", name="pk_key_epoch"),
        sa.CheckConstraint("length(joint_public_key) = 32", name=op.f("ck_key_epoch_joint_public_key_length")),
        sa.CheckConstraint("threshold >= 1 AND threshold <= custodians", name=op.f("ck_key_epoch_threshold_range")),
    )


def _request_nonce() -> None:
    create_table(
        "request_nonce",
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("key_id", "nonce", name="pk_request_nonce"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_request_nonce_seen_at", "request_nonce", ["seen_at"])


def _signed_request() -> None:
    create_table(
        "signed_request",
        sa.Column("participant_id", sa.String(64), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("signature_base", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("participant_id", "request_id", name="pk_signed_request"),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.participant_id"], name="fk_signed_request_participant_id_participant"
        ),
    )


def _stored_answer() -> None:
    create_table(
        "stored_answer",
        sa.Column("participant_id", sa.String(64), nullable=False),
        sa.Column("idempotency_key", sa.String(128), nullable=False),
        sa.Column("operation", sa.String(64), nullable=False),
        sa.Column("request_digest", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("participant_id", "idempotency_key", name="pk_stored_answer"),
        sa.CheckConstraint("length(request_digest) = 32", name=op.f("ck_stored_answer_request_digest_length")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.participant_id"], name="fk_stored_answer_participant_id_participant"
        ),
    )


def _batch_chunk() -> None:
    create_table(
        "batch_chunk",
        sa.Column("participant_id", sa.String(64), nullable=False),
        sa.Column("batch_key", sa.String(128), nullable=False),
        sa.Column("chunk_number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("rows_digest", sa.LargeBinary(), nullable=False),
        sa.Column("verdicts", sa.LargeBinary(), nullable=False),
        sa.Column("completed_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("participant_id", "batch_key", "chunk_number", name="pk_batch_chunk"),
        sa.CheckConstraint("length(rows_digest) = 32", name=op.f("ck_batch_chunk_rows_digest_length")),
        sa.CheckConstraint("rows >= 0", name=op.f("ck_batch_chunk_rows_least")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.participant_id"], name="fk_batch_chunk_participant_id_participant"
        ),
    )


def _household() -> None:
    create_table(
        "household",
        sa.Column("household_key", sa.LargeBinary(16), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("suite", sa.String(32), nullable=False),
        sa.Column("kek_epoch", sa.Integer(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("household_key", name="pk_household"),
        sa.CheckConstraint("length(household_key) = 16", name=op.f("ck_household_household_key_length")),
        sa.ForeignKeyConstraint(["epoch"], ["key_epoch.epoch"], name="fk_household_epoch_key_epoch"),
    )


def _household_link() -> None:
    create_table(
        "household_link",
        sa.Column("household_key", sa.LargeBinary(16), nullable=False),
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("linked_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("household_key", "subject_key", "record_id", name="pk_household_link"),
        sa.CheckConstraint("length(subject_key) = 16", name=op.f("ck_household_link_subject_key_length")),
        sa.ForeignKeyConstraint(
            ["household_key"], ["household.household_key"], name="fk_household_link_household_key_household"
        ),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
