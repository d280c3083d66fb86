"""The access log's entries: a core in public order, and a personal part that can be erased.

The core holds only a salted digest of the personal part, so that erasing the part leaves every proof valid.
"""

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from protocol.encodings import canonical_json, format_time

CORE_TAG: Final = b"clearline/log/core/v1\n"
PERSONAL_TAG: Final = b"clearline/log/personal/v1\n"
SALT_BYTES: Final = 32

Facts = Mapping[str, str | int]


class EntryKind(StrEnum):
    """The kinds of events that have to be in the log."""

    INQUIRY = "inquiry"
    INQUIRY_RECHECKED = "inquiry.rechecked"
    ACTIVATION = "activation"
    DEPOSIT_RETURNED = "deposit.returned"
    GRADE_REVIEWED = "grade.reviewed"
    REPORT_LISTED = "report.listed"
    REPORT_REJECTED = "report.rejected"
    REPORT_REPEATED = "report.repeated"
    RECORD_UPDATED = "record.updated"
    RECORD_TRANSITION = "record.transition"
    SETTLEMENT = "settlement"
    CLEARANCE = "clearance"
    CLEARANCE_REVOKED = "clearance.revoked"
    PLAN_ARRANGED = "plan.arranged"
    PLAN_ENDED = "plan.ended"
    REVERSAL_PROPOSED = "reversal.proposed"
    REVERSAL_CONFIRMED = "reversal.confirmed"
    PARTICIPANT_ADDED = "participant.added"
    WEBHOOK_ADMITTED = "webhook.admitted"
    KEY_ADDED = "key.added"
    KEY_REVOKED = "key.revoked"
    EPOCH_ADDED = "epoch.added"
    COMMITTEE_FORMED = "committee.formed"
    RED_LIST_PROPOSED = "red-list.proposed"
    RED_LIST_APPROVED = "red-list.approved"
    RED_LIST_REVOKED = "red-list.revoked"
    RED_LIST_USED = "red-list.used"
    DISPUTE_FILED = "dispute.filed"
    DISPUTE_ANSWERED = "dispute.answered"
    DISPUTE_STOPPED = "dispute.stopped"
    DISPUTE_SUSPENDED = "dispute.suspended"
    DISPUTE_CLOSED = "dispute.closed"
    DISPUTE_DOCUMENT = "dispute.document"
    DISPUTE_DOCUMENT_READ = "dispute.document-read"
    VICTIM_MARKED = "victim.marked"
    RULES_PROPOSED = "rules.proposed"
    RULES_APPROVED = "rules.approved"
    CREDITOR_TERMS = "creditor.terms"
    CREDIT_TERMS = "credit.terms"
    COLLECTED = "collection"
    COLLECTION_ANSWERED = "collection.answered"
    RECORD_CONFIRMED = "record.confirmed-unpaid"
    RECORDS_UNCHANGED = "records.unchanged"
    EVIDENCE_DEMANDED = "evidence.demanded"
    EVIDENCE_SHOWN = "evidence.shown"
    EVIDENCE_READ = "evidence.read"
    RECORD_SEALED = "record.sealed"
    ARCHIVE_READ = "archive.read"
    RETENTION = "retention"
    ERASURE = "erasure"
    LOG_READ = "log.read"
    WITNESS_ADDED = "witness.added"
    WITNESS_REMOVED = "witness.removed"
    OVERSIGHT_READ = "oversight.read"
    EVALUATION_TALLY = "evaluation.tally"
    TALLIES_READ = "evaluation.tallies-read"
    TRANSFER_PROPOSED = "transfer.proposed"
    TRANSFER_CONFIRMED = "transfer.confirmed"
    TRANSFER_ACCEPTED = "transfer.accepted"
    TRANSFER_CANCELLED = "transfer.cancelled"
    TRANSFER_LAPSED = "transfer.lapsed"
    TRANSFER_UNDO_PROPOSED = "transfer.undo-proposed"
    TRANSFER_UNDONE = "transfer.undone"
    CLEARANCE_READ = "clearance.read"
    PARTICIPANT_LEFT = "participant.left"
    STATEMENT_GIVEN = "statement.given"
    HOUSEHOLD_REBUTTED = "household.rebutted"
    HOUSEHOLD_REBUTTAL_ENDED = "household.rebuttal-ended"
    BATCH_WITHDRAWN = "batch.withdrawn"
    ATTESTATION_GIVEN = "attestation.given"
    ATTESTATION_REPLACED = "attestation.replaced"
    ATTESTATION_ENDED = "attestation.ended"
    ATTESTATION_DEMANDED = "attestation.demanded"
    ATTESTATION_DEMAND_ANSWERED = "attestation.demand-answered"
    CONSENT_WITHDRAWN = "consent.withdrawn"
    TAKE_OUTS_CONFIRMED = "take-outs.confirmed"
    CLOCK_CONFIRMED = "clock.confirmed"
    REGISTRY_RESTORED = "registry.restored"


READINGS: Final = (
    EntryKind.DISPUTE_DOCUMENT_READ,
    EntryKind.EVIDENCE_READ,
    EntryKind.ARCHIVE_READ,
    EntryKind.LOG_READ,
    EntryKind.OVERSIGHT_READ,
    EntryKind.TALLIES_READ,
)
"""The kinds of readings by offices. Of a paper of a dispute the parties' readings are entries as well."""


def personal_digest(personal: bytes, salt: bytes) -> bytes:
    """Compute the SHA-256 over tag, salt (32 bytes) and the canonical JSON of the personal part."""
    return hashlib.sha256(PERSONAL_TAG + salt + personal).digest()


def request_digest(signature_base: bytes, signature: bytes) -> bytes:
    """Digest the signed request behind an entry: SHA-256 over both, each after its length in 8 bytes."""
    digest = hashlib.sha256()
    for part in (signature_base, signature):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()


def erasure_digest(erased: Iterable[uuid.UUID]) -> bytes:
    """Digest the entries whose personal parts an erasure took: SHA-256 over their sorted 16-byte ids."""
    return hashlib.sha256(b"".join(sorted(each.bytes for each in erased))).digest()


def leaf_data(core: bytes, core_salt: bytes) -> bytes:
    """Build the public leaf, 33 bytes: version octet 0x01 and the salted digest of the core."""
    return b"\x01" + hashlib.sha256(CORE_TAG + core_salt + core).digest()


def core_json(
    *,
    kind: EntryKind,
    entry_id: uuid.UUID,
    at: dt.datetime,
    participant: str,
    request_digest: bytes | None,
    personal: bytes | None,
    facts: Facts,
) -> bytes:
    """Write the canonical JSON of an entry's core; ``personal`` is the digest of the personal part, if any."""
    core: dict[str, object] = {
        "v": 1,
        "kind": kind.value,
        "id": str(entry_id),
        "at": format_time(at),
        "by": participant,
        "facts": dict(facts),
    }
    if request_digest is not None:
        core["request"] = request_digest.hex()
    if personal is not None:
        core["personal"] = personal.hex()
    return canonical_json(core)
