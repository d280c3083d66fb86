"""Keep the sealed papers of disputes."""

import uuid
from typing import Final

import sqlalchemy as sa

from protocol.states import MediaType, Side
from registry.domain.disputes import Paper
from registry.store import columns
from registry.store.prepared import Insert
from registry.store.repository import Repository

dispute_document: Final = sa.Table(
    "dispute_document",
    columns.metadata,
    columns.key(),
    columns.uuid("document_id"),
    columns.uuid("dispute_id"),
    columns.coded("side", Side, 16),
    columns.text("added_by", 64),
    columns.time("added_at"),
    columns.coded("media_type", MediaType, 32),
    columns.integer("content_bytes"),
    columns.text("suite", 32),
    columns.integer("kek_epoch"),
    columns.octets("wrapped_key"),
    columns.octets("ciphertext"),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("subject_key", "document_id"),
    columns.references(["subject_key", "dispute_id"], "dispute"),
    columns.references(["added_by"], "participant", ["participant_id"]),
    columns.at_least("content_bytes", 1),
    sa.Index(None, "subject_key", "dispute_id"),
    info=columns.BY_SUBJECT,
)

_INSERT: Final = Insert(dispute_document)
_OF_DISPUTE: Final = (
    sa.select(dispute_document)
    .where(dispute_document.c.subject_key == sa.bindparam("key"), dispute_document.c.dispute_id == sa.bindparam("id"))
    .order_by(dispute_document.c.added_at, dispute_document.c.document_id)
)
_COUNTS: Final = (
    sa.select(dispute_document.c.dispute_id, sa.func.count())
    .where(dispute_document.c.subject_key == sa.bindparam("key"))
    .group_by(dispute_document.c.dispute_id)
)


class Papers(Repository):
    """Distribution key: ``subject_key``."""

    def add(self, new: Paper) -> None:
        _INSERT.run(self._connection, [new])

    def of_dispute(self, subject_key: bytes, dispute_id: uuid.UUID) -> tuple[Paper, ...]:
        """Read the case's papers, still sealed, oldest first."""
        return self._all(Paper, _OF_DISPUTE, key=subject_key, id=dispute_id)

    def counts(self, subject_key: bytes) -> dict[uuid.UUID, int]:
        """Count the papers of each of the subject's cases that has any."""
        return {row[0]: row[1] for row in self._connection.execute(_COUNTS, {"key": subject_key})}
