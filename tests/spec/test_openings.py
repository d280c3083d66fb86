"""The vectors of opening lines, checked with hashlib and a bare Ed25519, and then by the auditor that we ship."""

import base64
import hashlib
import json
import uuid
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from auditlog.audit.erasures import Erasures
from auditlog.audit.findings import Findings
from auditlog.audit.openings import OpeningAudit
from auditlog.audit.proving import Prover
from auditlog.audit.requests import KeyBook
from auditlog.openings import each_opening
from docs.spec.make_vectors import FOLDER

VECTORS = json.loads((FOLDER / "openings.json").read_bytes())
LINES = [json.loads(line) for line in VECTORS["lines"]]
CORES = [json.loads(line["core"]) for line in LINES]
ENTRIES = [bytes.fromhex(each) for each in VECTORS["entries_hex"]]


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def sha256(*parts: bytes) -> "hashlib._Hash":
    return hashlib.sha256(b"".join(parts))


@pytest.mark.parametrize("index", range(4))
def test_core_and_salt_give_the_entry_and_its_leaf(index: int) -> None:
    core, salt = LINES[index]["core"].encode(), raw(LINES[index]["core_salt"])
    assert b"\x01" + sha256(b"clearline/log/core/v1\n", salt, core).digest() == ENTRIES[index]
    assert sha256(b"\x00", ENTRIES[index]).hexdigest() == VECTORS["leaf_hashes_hex"][index]
    assert json.dumps(CORES[index], sort_keys=True, separators=(",", ":")) == LINES[index]["core"]
    assert (CORES[index]["id"], uuid.UUID(LINES[index]["id"]).version) == (LINES[index]["id"], 7)


def test_the_core_names_the_personal_part_and_the_request() -> None:
    line, core = LINES[1], CORES[1]
    part = sha256(b"clearline/log/personal/v1\n", raw(line["personal_salt"]), line["personal"].encode())
    assert part.hexdigest() == core["personal"]
    base, signature = raw(line["request"]["signature_base"]), raw(line["request"]["signature"])
    lengths = [len(each).to_bytes(8, "big") for each in (base, signature)]
    assert sha256(lengths[0], base, lengths[1], signature).hexdigest() == core["request"]
    key = CORES[0]["facts"]
    assert (key["key"], key["participant"]) == (line["request"]["key_id"], core["by"])
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(key["public_key"])).verify(signature, base)
    assert f';keyid="{key["key"]}"'.encode() in base.rpartition(b"\n")[2]


def test_the_erasure_names_what_was_erased() -> None:
    assert (LINES[2]["erased_by"], "personal" in LINES[2], "personal" in CORES[2]) == (LINES[3]["id"], False, True)
    digest = sha256(uuid.UUID(LINES[2]["id"]).bytes).hexdigest()
    assert (CORES[3]["facts"]["openings"], CORES[3]["facts"]["digest"]) == (1, digest)


def found(lines: list[str]) -> list[tuple[str, int]]:
    stream = "".join(f"{line}\n" for line in (*lines, VECTORS["closing"])).encode()
    findings = Findings()
    checks = OpeningAudit(
        each_opening(lambda start, limit: stream if not start else f"{VECTORS['closing']}\n".encode(), 0),
        Prover(year=VECTORS["year"], book=KeyBook(), erasures=Erasures()),
        findings=findings,
    )
    checks.check(0, ENTRIES)
    checks.settle()
    return [(each.code, each.index) for each in findings.kept]


def test_the_auditor_accepts_the_lines() -> None:
    assert found(VECTORS["lines"]) == []


@pytest.mark.parametrize("case", VECTORS["refused_lines"], ids=lambda case: case["refused"])
def test_the_auditor_refuses_what_was_altered(case: dict[str, Any]) -> None:
    lines = list(VECTORS["lines"])
    lines[case["index"]] = case["line"]
    assert found(lines) == [(case["refused"], case["index"])]
