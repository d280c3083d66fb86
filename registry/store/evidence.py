"""Manifests of evidence, demands for a document, and what was shown."""

import uuid
from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from protocol.messages.evidence import DIGEST_BYTES, EvidenceManifest
from registry.domain.evidence import EvidenceDemand, KeptManifest, ShownDocument
from registry.store.evidence_tables import NOT_MATCHED, evidence_demand, evidence_manifest, evidence_shown
from registry.store.statements import Insert, Row, fan_out

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
_CHANGE: Final = (
    sa.update(evidence_demand)
    .where(
        evidence_demand.c.subject_key == sa.bindparam("at_key"), evidence_demand.c.demand_id == sa.bindparam("at_id")
    )
    .values({name: sa.bindparam(name) for name in ("state", "answers", "log_entry_id")})
)
# The state stands in the text, or the partial index would not be seen to fit.
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
    told = kept.manifest
    return (
        kept.subject_key,
        kept.record_id,
        told.digest,
        told.contract_date,
        told.notice_at,
        b"".join(told.bills),
        told.notice,
        told.contract,
        kept.added_at,
    )


class Evidence:
    """Distribution key: ``subject_key``, but where marked as a fan-out."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, manifests: Sequence[KeptManifest]) -> None:
        """Add manifests; one that is there already stays as it is."""
        _INSERT_MANIFEST.run_rows(self._connection, [_row(each) for each in manifests])

    def manifest(self, subject_key: bytes, record_id: uuid.UUID, digest: bytes) -> EvidenceManifest | None:
        """The manifest of a record that has the digest."""
        named = {"key": subject_key, "id": record_id, "digest": digest}
        row = self._connection.execute(_MANIFEST, named).mappings().one_or_none()
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
        """Write what an answer changed; the subject's lock is the caller's."""
        values = {"state": changed.state, "answers": changed.answers, "log_entry_id": changed.log_entry_id}
        self._connection.execute(_CHANGE, values | {"at_key": changed.subject_key, "at_id": changed.demand_id})

    @fan_out
    def find(self, demand_id: uuid.UUID) -> EvidenceDemand | None:
        row = self._connection.execute(_FIND, {"id": demand_id}).mappings().one_or_none()
        return None if row is None else EvidenceDemand(**row)

    def of_subject(self, subject_key: bytes) -> tuple[EvidenceDemand, ...]:
        """All demands about a subject's records, oldest first."""
        rows = self._connection.execute(_OF_SUBJECT, {"key": subject_key}).mappings()
        return tuple(EvidenceDemand(**row) for row in rows)

    @fan_out
    def not_matched(self, after: uuid.UUID, limit: int) -> tuple[EvidenceDemand, ...]:
        """Demands that no document has met, oldest first, behind an id."""
        rows = self._connection.execute(_NOT_MATCHED, {"after": after, "most": limit}).mappings()
        return tuple(EvidenceDemand(**row) for row in rows)

    def show(self, document: ShownDocument) -> None:
        _INSERT_SHOWN.run(self._connection, [document])

    def shown(self, subject_key: bytes, demand_id: uuid.UUID) -> tuple[ShownDocument, ...]:
        """What was shown to a demand, still sealed, oldest first."""
        rows = self._connection.execute(_SHOWN, {"key": subject_key, "id": demand_id}).mappings()
        return tuple(ShownDocument(**row) for row in rows)
