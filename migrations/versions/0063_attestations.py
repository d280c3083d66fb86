"""Makes the tables of attestations, of the marks of withdrawn consents, and of demands for attestations."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import TIME, create_table, require_entries, require_entries_beside

revision = "0063"
down_revision = "0062"


def upgrade() -> None:
    _make_attestations()
    _make_marks()
    _make_demands()
    require_entries("attestation", "withdrawn_consent", "attestation_demand")
    require_entries_beside("attestation", "withdrawn_consent", "attestation_demand")


def _make_attestations() -> None:
    create_table(
        "attestation",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("participant_id", sa.String(64), nullable=False),
        sa.Column("account_ref", sa.LargeBinary(32), nullable=False),
        sa.Column("attestation_id", sa.Uuid(), nullable=False),
        sa.Column("band", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("ending_on", sa.Date(), nullable=True),
        sa.Column("consent_ref", sa.LargeBinary(16), nullable=False),
        sa.Column("consent_text", sa.String(16), nullable=False),
        sa.Column("consent_method", sa.String(16), nullable=False),
        sa.Column("consent_given_at", TIME, nullable=False),
        sa.Column("consent_ends", sa.Date(), nullable=False),
        sa.Column("document_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("told_at", TIME, nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(account_ref) = 32", name=op.f("ck_attestation_account_ref_length")),
        sa.CheckConstraint("length(consent_ref) = 16", name=op.f("ck_attestation_consent_ref_length")),
        sa.CheckConstraint("length(document_digest) = 32", name=op.f("ck_attestation_document_digest_length")),
        sa.CheckConstraint("band >= 1", name=op.f("ck_attestation_band_least")),
        sa.PrimaryKeyConstraint("subject_key", "participant_id", "account_ref", name=op.f("pk_attestation")),
        _to_subject("attestation"),
        _to_participant("attestation", "participant_id"),
    )
    op.create_index(op.f("ix_attestation_attestation_id"), "attestation", ["attestation_id"])
    op.create_index(op.f("ix_attestation_until"), "attestation", ["until"])
    is_ending = sa.text("ending_on IS NOT NULL")
    op.create_index(
        op.f("ix_attestation_ending_on"),
        "attestation",
        ["ending_on"],
        sqlite_where=is_ending,
        postgresql_where=is_ending,
    )


def _make_marks() -> None:
    create_table(
        "withdrawn_consent",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("mark", sa.LargeBinary(16), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(mark) = 16", name=op.f("ck_withdrawn_consent_mark_length")),
        sa.PrimaryKeyConstraint("subject_key", "mark", name=op.f("pk_withdrawn_consent")),
        _to_subject("withdrawn_consent"),
    )
    op.create_index(op.f("ix_withdrawn_consent_until"), "withdrawn_consent", ["until"])


def _make_demands() -> None:
    create_table(
        "attestation_demand",
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("demand_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.String(64), nullable=False),
        sa.Column("demanded_through", sa.String(64), nullable=False),
        sa.Column("demanded_at", TIME, nullable=False),
        sa.Column("answer_due", sa.Date(), nullable=False),
        sa.Column("attested", sa.Boolean(), nullable=False),
        sa.Column("reply", sa.String(24), nullable=True),
        sa.Column("answered_at", TIME, nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("rules_version", sa.String(32), nullable=False),
        sa.Column("log_entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "demand_id", name=op.f("pk_attestation_demand")),
        _to_subject("attestation_demand"),
        _to_participant("attestation_demand", "participant_id"),
        _to_participant("attestation_demand", "demanded_through"),
    )
    for column in ("demand_id", "participant_id", "until"):
        op.create_index(op.f(f"ix_attestation_demand_{column}"), "attestation_demand", [column])


def _to_subject(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["subject_key"], ["subject.subject_key"], name=op.f(f"fk_{table}_subject_key_subject")
    )


def _to_participant(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], ["participant.participant_id"], name=op.f(f"fk_{table}_{column}_participant")
    )


def downgrade() -> None:
    """Refuse: acknowledged data stays."""
    raise NotImplementedError("there is no way back: restore a backup instead")
