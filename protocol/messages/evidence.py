"""The manifest of a creditor's evidence: salted digests of its documents, which can be demanded and compared later.

A bill is predictable (a price list and a month give most of it), so a plain digest could be guessed; the salt stays
with the carrier beside the document until somebody who may asks for both.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from typing import Any, Final

from protocol.encodings import b64url_encode, canonical_json, format_time

DOCUMENT_TAG: Final = b"clearline/evidence/v1\n"
MANIFEST_TAG: Final = b"clearline/evidence-manifest/v1\n"
SALT_BYTES: Final = 32
DIGEST_BYTES: Final = 32
MAX_BILLS: Final = 24


def document_digest(salt: bytes, document: bytes) -> bytes:
    """SHA-256 over tag, salt and the document's bytes; raises ValueError unless the salt has its 32 bytes."""
    if len(salt) != SALT_BYTES:
        raise ValueError("a salt has 32 bytes")
    return hashlib.sha256(DOCUMENT_TAG + salt + document).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceManifest:
    """What a creditor keeps for one record: 32-byte digests, the date of the contract, the moment of the notice."""

    contract_date: dt.date
    notice_at: dt.datetime
    bills: tuple[bytes, ...] = field(repr=False)
    notice: bytes = field(repr=False)
    contract: bytes = field(repr=False)

    def to_wire(self) -> dict[str, Any]:
        return {
            "contract_date": self.contract_date.isoformat(),
            "notice_at": format_time(self.notice_at),
            "bills": [b64url_encode(each) for each in self.bills],
            "notice": b64url_encode(self.notice),
            "contract": b64url_encode(self.contract),
        }

    @property
    def digest(self) -> bytes:
        """By this the record and the access log know the manifest: SHA-256 over tag and canonical JSON."""
        return hashlib.sha256(MANIFEST_TAG + canonical_json(self.to_wire())).digest()
