"""Creates manifests of evidence, demands for a paper, and the papers that were shown."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    create_table(
        "evidence_manifest",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("contract_date", sa.Date(), nullable=False),
        sa.Column("notice_at", TIME, nullable=False),
        sa.Column("bills", sa.LargeBinary(), nullable=False),
        sa.Column("notice", sa.LargeBinary(), nullable=False),
        sa.Column("contract", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "record_id", "digest", name="pk_evidence_manifest"),
        sa.CheckConstraint("length(digest) = 32", name=op.f("ck_evidence_manifest_digest_length")),
        sa.CheckConstraint("length(notice) = 32", name=op.f("ck_evidence_manifest_notice_length")),
        sa.CheckConstraint("length(contract) = 32", name=op.f("ck_evidence_manifest_contract_length")),
        sa.CheckConstraint("length(bills) BETWEEN 32 AND 768", name=op.f("ck_evidence_manifest_bills_length")),
        sa.ForeignKeyConstraint(
            ["subject_key", "record_id"],
            ["record.subject_key", "record.record_id"],
            name="fk_evidence_manifest_subject_key_record_id_record",
        ),
    )
    _demands()
    create_table(
        "evidence_shown",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("shown_id", sa.Uuid(), nullable=False),
        sa.Column("demand_id", sa.Uuid(), nullable=False),
        sa.Column("matches", sa.Boolean(), nullable=False),
        sa.Column("media_type", sa.String(32), nullable=False),
        sa.Column("content_bytes", sa.Integer(), nullable=False),
        sa.Column("suite", sa.String(32), nullable=False),
        sa.Column("kek_epoch", sa.Integer(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("shown_at", TIME, nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "shown_id", name="pk_evidence_shown"),
        sa.CheckConstraint("content_bytes >= 1", name=op.f("ck_evidence_shown_content_bytes_least")),
        sa.ForeignKeyConstraint(
            ["subject_key", "demand_id"],
            ["evidence_demand.subject_key", "evidence_demand.demand_id"],
            name="fk_evidence_shown_subject_key_demand_id_evidence_demand",
        ),
    )
    op.create_index("ix_evidence_shown_subject_key_demand_id", "evidence_shown", ["subject_key", "demand_id"])


def _demands() -> None:
    create_table(
        "evidence_demand",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("demand_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.String(64), nullable=False),
        sa.Column("demanded_by", sa.String(64), nullable=False),
        sa.Column("document", sa.String(16), nullable=False),
        sa.Column("bill", sa.Integer(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("demanded_at", TIME, nullable=False),
        sa.Column("answer_due", sa.Date(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("rules_version", sa.String(32), nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "demand_id", name="pk_evidence_demand"),
        sa.CheckConstraint("length(digest) = 32", name=op.f("ck_evidence_demand_digest_length")),
        sa.CheckConstraint("answers >= 0", name=op.f("ck_evidence_demand_answers_least")),
        sa.ForeignKeyConstraint(
            ["subject_key", "record_id"],
            ["record.subject_key", "record.record_id"],
            name="fk_evidence_demand_subject_key_record_id_record",
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], ["participant.participant_id"], name=f"fk_evidence_demand_{column}_participant"
            )
            for column in ("creditor_id", "demanded_by")
        ),
    )
    op.create_index("ix_evidence_demand_demand_id", "evidence_demand", ["demand_id"])
    not_matched = sa.text("state <> 'MATCHES'")
    op.create_index(
        "ix_evidence_demand_not_matched",
        "evidence_demand",
        ["demand_id"],
        sqlite_where=not_matched,
        postgresql_where=not_matched,
    )
