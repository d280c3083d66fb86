"""proofbundle verifies our receipts, and we verify its own. It is no dependency: see test_tlog_scales."""

from typing import Any

import pytest

from crypto.errors import TlogRefused
from crypto.tlog.checkpoint import SignedCheckpoint, parse_signed_checkpoint
from crypto.tlog.merkle import leaf_hash
from crypto.tlog.note import Note
from crypto.tlog.policy import Policy
from crypto.tlog.proof import Receipt, parse_receipt, verify_witnessed_receipt
from crypto.tlog.proofs import hashes_from_tiles, prove_inclusion
from crypto.tlog.quorum import Quorum
from tests.support.logs import LOG, LOG_KEY, ORIGIN, cosigned, entry, log_of, seeded_key, witness

pytest.importorskip("proofbundle", reason="needs proofbundle")

from proofbundle import checkpoint, tlogproof  # type: ignore[import-not-found, unused-ignore]

NOW = 1_800_000_000
WITNESSES = [witness(label) for label in "abc"]
POLICY = Policy(logs=(LOG,), quorum=Quorum(witnesses=tuple(WITNESSES), threshold=2, faults=0))


def receipt(index: int, size: int, witnesses: str = "ab") -> Receipt:
    log = log_of(size)
    lines = tuple(cosigned(log.checkpoint(), label, NOW) for label in witnesses)
    note = Note(text=log.checkpoint().text, signatures=log.signed().signatures + lines)
    hashes = prove_inclusion(index, size, hashes_from_tiles(size, log.fetch))
    return Receipt(index=index, hashes=hashes, signed=SignedCheckpoint(checkpoint=log.checkpoint(), note=note))


def their_verdict(raw: str, data: bytes) -> bool:
    vkeys = [key.vkey for key in WITNESSES]
    return tlogproof.verify_tlog_proof(raw, data, LOG.vkey, vkeys, threshold=2, expected_origin=ORIGIN)["ok"]


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 2), (255, 256), (256, 257), (17, 600), (69_999, 70_000)])
def test_it_accepts_our_witnessed_receipts_and_refuses_them_for_another_entry(index: int, size: int) -> None:
    raw = receipt(index, size).encode().decode()
    assert their_verdict(raw, entry(index)) is True
    assert their_verdict(raw, entry(index + 1)) is False
    assert their_verdict(raw.replace(f"index {index}\n", f"index {index + 1}\n"), entry(index)) is False


@pytest.mark.parametrize("witnesses", ["", "a", "xy"])
def test_it_refuses_our_receipts_without_a_quorum(witnesses: str) -> None:
    assert their_verdict(receipt(17, 600, witnesses).encode().decode(), entry(17)) is False


def test_what_it_signs_cosigns_and_proves_we_verify() -> None:
    ours = receipt(17, 600, "")
    head = ours.signed.checkpoint
    note = checkpoint.sign_checkpoint(ORIGIN, head.size, head.root, LOG_KEY, ORIGIN)
    for label in "ab":
        name = witness(label).name
        note = checkpoint.cosign_checkpoint(note, seeded_key(label), name, NOW)
    assert parse_signed_checkpoint(note.encode()).note == receipt(17, 600).signed.note
    theirs = parse_receipt(tlogproof.format_tlog_proof(17, ours.hashes, note).encode())
    assert theirs == receipt(17, 600)
    judged: dict[str, Any] = {"origin": ORIGIN, "policy": POLICY, "latest": NOW}
    verify_witnessed_receipt(theirs, leaf_hash(entry(17)), **judged)
    with pytest.raises(TlogRefused):
        verify_witnessed_receipt(theirs, leaf_hash(entry(16)), **judged)
