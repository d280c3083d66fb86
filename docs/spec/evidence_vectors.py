"""Writes the vectors of docs/spec/evidence.md: digests of papers and of manifests."""

# ruff: noqa: INP001 (a script's part, beside the pages it serves)

import datetime as dt

from docs.spec.fixed import NOW, stream
from protocol.encodings import canonical_json
from protocol.messages.evidence import SALT_BYTES, EvidenceManifest, document_digest
from protocol.wire.codec import write

DOCUMENTS = (b"", b"%PDF-1.7 a bill of October", bytes(range(256)) * 5)


def content() -> dict[str, object]:
    """Write papers under their salts, then a manifest with one bill and one with 24."""
    salts = [stream(f"evidence salt {number}")(SALT_BYTES) for number in range(len(DOCUMENTS))]
    return {
        "documents": [
            {
                "salt_hex": salt.hex(),
                "document_hex": document.hex(),
                "digest_hex": document_digest(salt, document).hex(),
            }
            for salt, document in zip(salts, DOCUMENTS, strict=True)
        ],
        "manifests": [_manifest(1), _manifest(24)],
    }


def _manifest(bills: int) -> dict[str, object]:
    manifest = EvidenceManifest(
        contract_date=dt.date(2024, 3, 5),
        notice_at=NOW - dt.timedelta(days=40),
        bills=tuple(document_digest(stream(f"bill {number}")(SALT_BYTES), b"%PDF-bill") for number in range(bills)),
        notice=document_digest(stream("notice")(SALT_BYTES), b"%PDF-notice"),
        contract=document_digest(stream("contract")(SALT_BYTES), b"%PDF-contract"),
    )
    return {
        "evidence": write(manifest),
        "canonical_text": canonical_json(write(manifest)).decode("utf-8"),
        "digest_hex": manifest.digest.hex(),
    }
