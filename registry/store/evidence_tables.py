"""Tables of evidence: the manifests of records, demands for a document, and what was shown, sealed."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table

from protocol.codes import EvidenceDocument
from registry.domain.disputes import MediaType
from registry.domain.evidence import DemandState
from registry.store.columns import (
    BY_SUBJECT,
    at_least,
    coded,
    day,
    integer,
    key,
    length,
    metadata,
    octets,
    references,
    text,
    time,
    uuid,
)

NOT_MATCHED: Final = f"state <> '{DemandState.MATCHES}'"
"""Word for word what the query says: SQLite takes a partial index only then."""

# Manifests are only added; the record names the one that holds by its digest.
evidence_manifest: Final = Table(
    "evidence_manifest",
    metadata,
    key(),
    uuid("record_id"),
    octets("digest"),
    day("contract_date"),
    time("notice_at"),
    octets("bills"),
    octets("notice"),
    octets("contract"),
    time("added_at"),
    PrimaryKeyConstraint("subject_key", "record_id", "digest"),
    references(["subject_key", "record_id"], "record"),
    length("digest", 32),
    length("notice", 32),
    length("contract", 32),
    CheckConstraint("length(bills) BETWEEN 32 AND 768", name="bills_length"),
    info=BY_SUBJECT,
)

evidence_demand: Final = Table(
    "evidence_demand",
    metadata,
    key(),
    uuid("demand_id"),
    uuid("record_id"),
    text("creditor_id", 64),
    text("demanded_by", 64),
    coded("document", EvidenceDocument, 16),
    Column("bill", sa.Integer(), nullable=True),
    octets("digest"),
    time("demanded_at"),
    day("answer_due"),
    coded("state", DemandState, 16),
    integer("answers"),
    text("rules_version", 32),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("subject_key", "demand_id"),
    references(["subject_key", "record_id"], "record"),
    references(["creditor_id"], "participant", ["participant_id"]),
    references(["demanded_by"], "participant", ["participant_id"]),
    length("digest", 32),
    at_least("answers", 0),
    Index(None, "subject_key", "record_id"),
    Index(None, "demand_id"),
    Index(
        "ix_evidence_demand_not_matched",
        "demand_id",
        sqlite_where=sa.text(NOT_MATCHED),
        postgresql_where=sa.text(NOT_MATCHED),
    ),
    info=BY_SUBJECT,
)

evidence_shown: Final = Table(
    "evidence_shown",
    metadata,
    key(),
    uuid("shown_id"),
    uuid("demand_id"),
    Column("matches", sa.Boolean(), nullable=False),
    coded("media_type", MediaType, 32),
    integer("content_bytes"),
    text("suite", 32),
    integer("kek_epoch"),
    octets("wrapped_key"),
    octets("ciphertext"),
    time("shown_at"),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("subject_key", "shown_id"),
    references(["subject_key", "demand_id"], "evidence_demand"),
    at_least("content_bytes", 1),
    Index(None, "subject_key", "demand_id"),
    info=BY_SUBJECT,
)
