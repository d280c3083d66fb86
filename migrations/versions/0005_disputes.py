"""Creates disputes with their sealed papers, and the markers of victims of identity theft."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    _disputes()
    _documents()
    _markers()


def _disputes() -> None:
    create_table(
        "dispute",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.String(64), nullable=False),
        sa.Column("ground", sa.String(24), nullable=False),
        sa.Column("filed_by", sa.String(64), nullable=False),
        sa.Column("filed_at", TIME, nullable=False),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("answer_due", sa.Date(), nullable=False),
        sa.Column("close_due", sa.Date(), nullable=False),
        sa.Column("lapse_due", sa.Date(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("answer", sa.String(24), nullable=True),
        sa.Column("answered_at", TIME, nullable=True),
        sa.Column("closed_at", TIME, nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(16), nullable=True),
        sa.Column("rules_version", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "dispute_id", name="pk_dispute"),
        sa.CheckConstraint("version >= 1", name=op.f("ck_dispute_version_least")),
        sa.ForeignKeyConstraint(
            ["subject_key", "record_id"],
            ["record.subject_key", "record.record_id"],
            name="fk_dispute_subject_key_record_id_record",
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id"], ["participant.participant_id"], name="fk_dispute_creditor_id_participant"
        ),
        sa.ForeignKeyConstraint(["filed_by"], ["participant.participant_id"], name="fk_dispute_filed_by_participant"),
    )
    op.create_index("ix_dispute_dispute_id", "dispute", ["dispute_id"])
    _partial("uq_dispute_not_closed", ["subject_key", "record_id"], "state <> 'CLOSED'", unique=True)
    _partial("ix_dispute_open", ["answer_due"], "state = 'OPEN'", unique=False)
    _partial("ix_dispute_suspended", ["lapse_due"], "state = 'SUSPENDED'", unique=False)


def _partial(name: str, columns: list[str], where: str, *, unique: bool) -> None:
    op.create_index(
        name, "dispute", columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
    )


def _documents() -> None:
    create_table(
        "dispute_document",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(16), nullable=False),
        sa.Column("added_by", sa.String(64), nullable=False),
        sa.Column("added_at", TIME, nullable=False),
        sa.Column("media_type", sa.String(32), nullable=False),
        sa.Column("content_bytes", sa.Integer(), nullable=False),
        sa.Column("suite", sa.String(32), nullable=False),
        sa.Column("kek_epoch", sa.Integer(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "document_id", name="pk_dispute_document"),
        sa.CheckConstraint("content_bytes >= 1", name=op.f("ck_dispute_document_content_bytes_least")),
        sa.ForeignKeyConstraint(
            ["subject_key", "dispute_id"],
            ["dispute.subject_key", "dispute.dispute_id"],
            name="fk_dispute_document_subject_key_dispute_id_dispute",
        ),
        sa.ForeignKeyConstraint(
            ["added_by"], ["participant.participant_id"], name="fk_dispute_document_added_by_participant"
        ),
    )
    op.create_index("ix_dispute_document_subject_key_dispute_id", "dispute_document", ["subject_key", "dispute_id"])


def _markers() -> None:
    create_table(
        "victim_marker",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("marker_id", sa.Uuid(), nullable=False),
        sa.Column("set_by", sa.String(64), nullable=False),
        sa.Column("set_at", TIME, nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "marker_id", name="pk_victim_marker"),
        sa.ForeignKeyConstraint(["subject_key"], ["subject.subject_key"], name="fk_victim_marker_subject_key_subject"),
        sa.ForeignKeyConstraint(["set_by"], ["participant.participant_id"], name="fk_victim_marker_set_by_participant"),
    )
