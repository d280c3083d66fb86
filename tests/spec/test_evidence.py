"""The vectors of evidence, recomputed by the standard library alone."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from protocol.messages.evidence import document_digest

VECTORS = json.loads((Path(__file__).parents[2] / "docs/spec/vectors/evidence.json").read_bytes())


@pytest.mark.parametrize("case", VECTORS["documents"])
def test_a_documents_digest_is_a_plain_hash_over_tag_salt_and_bytes(case: dict[str, Any]) -> None:
    salted = bytes.fromhex(case["salt_hex"]) + bytes.fromhex(case["document_hex"])
    assert hashlib.sha256(b"clearline/evidence/v1\n" + salted).hexdigest() == case["digest_hex"]


@pytest.mark.parametrize("case", VECTORS["manifests"])
def test_a_manifests_digest_is_one_over_its_canonical_text(case: dict[str, Any]) -> None:
    text = json.dumps(case["evidence"], sort_keys=True, separators=(",", ":"))
    assert text == case["canonical_text"]
    assert hashlib.sha256(b"clearline/evidence-manifest/v1\n" + text.encode()).hexdigest() == case["digest_hex"]


def test_a_salt_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        document_digest(b"short", b"document")
