"""Keep the manifests of evidence, the demands for a document, and the documents that were shown."""

import uuid
from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from protocol.codes import EvidenceDocument
from protocol.messages.evidence import DIGEST_BYTES, EvidenceManifest
from protocol.states import DemandState, MediaType
from registry.domain.evidence import EvidenceDemand, KeptManifest, ShownDocument
from registry.store import columns
from registry.store.changes import Change
from registry.store.prepared import Insert, Row
from registry.store.repository import Repository, fan_out

NOT_MATCHED: Final = f"state <> '{DemandState.MATCHES}'"
"""Equal to the query's condition word for word: SQLite takes a partial index only then."""

# Manifests are only added; the record names the valid one by its digest.
evidence_manifest: Final = sa.Table(
    "evidence_manifest",
    columns.metadata,
    columns.key(),
    columns.uuid("record_id"),
    columns.octets("digest"),
    columns.day("contract_date"),
    columns.time("notice_at"),
    columns.octets("bills"),
    columns.octets("notice"),
    columns.octets("contract"),
    columns.time("added_at"),
    sa.PrimaryKeyConstraint("subject_key", "record_id", "digest"),
    columns.references(["subject_key", "record_id"], "record"),
    columns.length("digest", 32),
    columns.length("notice", 32),
    columns.length("contract", 32),
    sa.CheckConstraint("length(bills) BETWEEN 32 AND 768", name="bills_length"),
    info=columns.BY_SUBJECT,
)

evidence_demand: Final = sa.Table(
    "evidence_demand",
    columns.metadata,
    columns.key(),
    columns.uuid("demand_id"),
    columns.uuid("record_id"),
    columns.text("creditor_id", 64),
    columns.text("demanded_by", 64),
    columns.coded("document", EvidenceDocument, 16),
    columns.integer("bill", nullable=True),
    columns.octets("digest"),
    columns.time("demanded_at"),
    columns.day("answer_due"),
    columns.coded("state", DemandState, 16),
    columns.integer("answers"),
    columns.text("rules_version", 32),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("subject_key", "demand_id"),
    columns.references(["subject_key", "record_id"], "record"),
    columns.references(["creditor_id"], "participant", ["participant_id"]),
    columns.references(["demanded_by"], "participant", ["participant_id"]),
    columns.length("digest", 32),
    columns.at_least("answers", 0),
    sa.Index(None, "subject_key", "record_id"),
    sa.Index(None, "demand_id"),
    columns.partial("ix_evidence_demand_not_matched", "demand_id", where=NOT_MATCHED),
    info=columns.BY_SUBJECT,
)

evidence_shown: Final = sa.Table(
    "evidence_shown",
    columns.metadata,
    columns.key(),
    columns.uuid("shown_id"),
    columns.uuid("demand_id"),
    sa.Column("matches", sa.Boolean(), nullable=False),
    columns.coded("media_type", MediaType, 32),
    columns.integer("content_bytes"),
    columns.text("suite", 32),
    columns.integer("kek_epoch"),
    columns.octets("wrapped_key"),
    columns.octets("ciphertext"),
    columns.time("shown_at"),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("subject_key", "shown_id"),
    columns.references(["subject_key", "demand_id"], "evidence_demand"),
    columns.at_least("content_bytes", 1),
    sa.Index(None, "subject_key", "demand_id"),
    info=columns.BY_SUBJECT,
)

_INSERT_MANIFEST: Final = Insert(evidence_manifest, new_only=True)
_MANIFEST: Final = sa.select(evidence_manifest).where(
    evidence_manifest.c.subject_key == sa.bindparam("key"),
    evidence_manifest.c.record_id == sa.bindparam("id"),
    evidence_manifest.c.digest == sa.bindparam("digest"),
)
_INSERT: Final = Insert(evidence_demand)
_FIND: Final = sa.select(evidence_demand).where(evidence_demand.c.demand_id == sa.bindparam("id"))
_OF_SUBJECT: Final = (
    sa.select(evidence_demand)
    .where(evidence_demand.c.subject_key == sa.bindparam("key"))
    .order_by(evidence_demand.c.demanded_at, evidence_demand.c.demand_id)
)
_CHANGE: Final = Change(evidence_demand, ("state", "answers", "log_entry_id"))
# The state is a literal, or the planner would not use the partial index.
_NOT_MATCHED: Final = (
    sa.select(evidence_demand)
    .where(sa.text(NOT_MATCHED), evidence_demand.c.demand_id > sa.bindparam("after"))
    .order_by(evidence_demand.c.demand_id)
    .limit(sa.bindparam("most"))
)
_INSERT_SHOWN: Final = Insert(evidence_shown)
_SHOWN: Final = (
    sa.select(evidence_shown)
    .where(evidence_shown.c.subject_key == sa.bindparam("key"), evidence_shown.c.demand_id == sa.bindparam("id"))
    .order_by(evidence_shown.c.shown_at, evidence_shown.c.shown_id)
)


def _row(kept: KeptManifest) -> Row:
    manifest = kept.manifest
    return (
        kept.subject_key,
        kept.record_id,
        manifest.digest,
        manifest.contract_date,
        manifest.notice_at,
        b"".join(manifest.bills),
        manifest.notice,
        manifest.contract,
        kept.added_at,
    )


class Evidence(Repository):
    """Distribution key: ``subject_key``, but where marked as a fan-out."""

    def keep(self, manifests: Sequence[KeptManifest]) -> None:
        """Add manifests; an existing one stays as it is."""
        _INSERT_MANIFEST.run_rows(self._connection, [_row(each) for each in manifests])

    def manifest(self, subject_key: bytes, record_id: uuid.UUID, digest: bytes) -> EvidenceManifest | None:
        """Find the manifest of a record by its digest."""
        row = (
            self._connection.execute(_MANIFEST, {"key": subject_key, "id": record_id, "digest": digest})
            .mappings()
            .one_or_none()
        )
        if row is None:
            return None
        bills = row["bills"]
        return EvidenceManifest(
            contract_date=row["contract_date"],
            notice_at=row["notice_at"],
            bills=tuple(bills[at : at + DIGEST_BYTES] for at in range(0, len(bills), DIGEST_BYTES)),
            notice=row["notice"],
            contract=row["contract"],
        )

    def demand(self, new: EvidenceDemand) -> None:
        _INSERT.run(self._connection, [new])

    def update(self, changed: EvidenceDemand) -> None:
        """Write the changes of an answer; the caller has the subject's lock."""
        _CHANGE.run(self._connection, [changed])

    @fan_out
    def find(self, demand_id: uuid.UUID) -> EvidenceDemand | None:
        return self._one(EvidenceDemand, _FIND, id=demand_id)

    def of_subject(self, subject_key: bytes) -> tuple[EvidenceDemand, ...]:
        """Read all demands about a subject's records, oldest first."""
        return self._all(EvidenceDemand, _OF_SUBJECT, key=subject_key)

    @fan_out
    def not_matched(self, after: uuid.UUID, limit: int, creditor_id: str | None = None) -> tuple[EvidenceDemand, ...]:
        """Read demands that no document has met, oldest first, behind an id: all, or those to one creditor."""
        chosen = _NOT_MATCHED
        if creditor_id is not None:
            chosen = chosen.where(evidence_demand.c.creditor_id == creditor_id)
        return self._all(EvidenceDemand, chosen, after=after, most=limit)

    def show(self, document: ShownDocument) -> None:
        _INSERT_SHOWN.run(self._connection, [document])

    def shown(self, subject_key: bytes, demand_id: uuid.UUID) -> tuple[ShownDocument, ...]:
        """Read the documents shown for a demand, still sealed, oldest first."""
        return self._all(ShownDocument, _SHOWN, key=subject_key, id=demand_id)
