"""What others make of the same entries and keys: golang.org/x/mod/sumdb, tlog-scales and proofbundle."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.errors import TlogRefused
from crypto.signing.keys import public_bytes
from crypto.tlog.bundles import encode_bundle
from crypto.tlog.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from crypto.tlog.keys import parse_vkey
from crypto.tlog.merkle import Node, leaf_hash, verify_consistency, verify_inclusion
from crypto.tlog.note import Note, parse_note, sign_note, verify_note
from crypto.tlog.policy import Policy
from crypto.tlog.proof import parse_receipt, verify_witnessed_receipt
from crypto.tlog.proofs import hashes_from_tiles, prove_consistency, prove_inclusion
from crypto.tlog.quorum import Quorum, cosigned_by
from crypto.tlog.text import base64_decode
from crypto.tlog.tiles import Tile, new_tiles, parse_tile_path
from tests.support.cells import every_cell
from tests.support.logs import cosigned, entry, leaves, log_of

VECTORS = Path(__file__).parents[1] / "vectors"
GO = json.loads((VECTORS / "tlog_go.json").read_bytes())
SCALES = json.loads((VECTORS / "tlog_scales.json").read_bytes())
BUNDLE = json.loads((VECTORS / "tlog_proofbundle.json").read_bytes())
# Go's TreeHash has zeros for the empty tree; RFC 6962, section 2.1, has SHA-256 of nothing.
GO_ROOTS = {each["size"]: bytes.fromhex(each["root"]) for each in GO["roots"] if each["size"]}


def hashes(proof: list[str]) -> list[bytes]:
    return [bytes.fromhex(each) for each in proof]


def reader(size: int) -> Callable[[Sequence[Node]], Sequence[bytes]]:
    return hashes_from_tiles(size, log_of(size).fetch)


def test_our_root_is_that_of_go() -> None:
    with every_cell() as table:
        for size, root in GO_ROOTS.items():
            with table.cell(size):
                assert log_of(size).frontier.root() == root


@pytest.mark.parametrize("case", GO["inclusion"] + SCALES["inclusion"])
def test_our_inclusion_proof_is_theirs(case: dict[str, Any]) -> None:
    index, size, proof = case["index"], case["size"], hashes(case["proof"])
    assert list(prove_inclusion(index, size, reader(size))) == proof
    root = log_of(size).frontier.root()
    verify_inclusion(leaf=leaves()[index], index=index, size=size, proof=proof, root=root)


@pytest.mark.parametrize("case", GO["consistency"] + SCALES["consistency"])
def test_our_consistency_proof_is_theirs(case: dict[str, Any]) -> None:
    old, size, proof = case["old"], case["size"], hashes(case["proof"])
    assert list(prove_consistency(old, size, reader(size))) == proof
    old_root, root = log_of(old).frontier.root(), log_of(size).frontier.root()
    verify_consistency(old_size=old, old_root=old_root, new_size=size, new_root=root, proof=proof)


@pytest.mark.parametrize("case", GO["paths"], ids=lambda case: case["path"])
def test_our_tile_path_is_that_of_go(case: dict[str, Any]) -> None:
    tile = Tile(level=case["level"], index=case["index"], width=case["width"])
    assert tile.path == case["path"]
    assert parse_tile_path(case["path"]) == tile


@pytest.mark.parametrize("case", GO["new_tiles"], ids=lambda case: f"{case['old']}-{case['size']}")
def test_of_the_new_tiles_of_go_we_publish_the_widths_that_have_a_checkpoint(case: dict[str, Any]) -> None:
    theirs = [parse_tile_path(path) for path in case["paths"]]
    widest = {(one.level, one.index): one for one in theirs}.values()  # the widest comes last
    had = set(new_tiles(0, case["old"]))
    assert list(new_tiles(case["old"], case["size"])) == [one for one in widest if one not in had]


def test_our_tiles_are_those_of_go() -> None:
    ours = {tile.path: hashlib.sha256(data).hexdigest() for tile, data in log_of(600).tiles.items()}
    assert ours == {each["path"]: each["sha256"] for each in GO["tiles_of_600"]}


def test_our_tiles_and_bundles_are_those_of_tlog_scales() -> None:
    published = {}
    for size in (1, 256, 257, 513, 600):
        log = log_of(size)
        for tile, data in log.tiles.items():
            published[tile.path] = data
            if tile.level == 0:
                first = tile.index * 256
                published[tile.entries_path] = encode_bundle([entry(first + at) for at in range(tile.width)])
    assert {path: hashlib.sha256(data).hexdigest() for path, data in published.items()} == SCALES["files"]


def test_the_checkpoints_of_tlog_scales_open_and_are_what_we_would_have_signed() -> None:
    key = parse_vkey(SCALES["vkey"])
    private = Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32)
    assert key.public_key == public_bytes(private)
    for text in SCALES["checkpoints"]:
        opened = open_checkpoint(text.encode(), origin=key.name, log_keys=[key]).checkpoint
        assert opened.root == log_of(opened.size).frontier.root()
        assert sign_checkpoint(opened, name=key.name, private_key=private).encode() == text.encode()


def go_key() -> Ed25519PrivateKey:
    """The seed in Go's own form of a private key: PRIVATE+KEY+name+id+base64(0x01, seed)."""
    return Ed25519PrivateKey.from_private_bytes(base64_decode(GO["notes"]["skey"].split("+", 4)[4])[1:])


def test_the_notes_of_go_open_and_are_what_we_would_have_signed() -> None:
    key = parse_vkey(GO["notes"]["vkey"])
    assert key.public_key == public_bytes(go_key())
    for raw in (GO["notes"]["checkpoint"].encode(), GO["notes"]["poem"].encode()):
        note = parse_note(raw)
        verify_note(note, [key])
        ours = Note(text=note.text, signatures=(sign_note(note.text, name=key.name, private_key=go_key()),))
        assert ours.encode() == raw


def test_the_checkpoint_of_go_is_the_tree_of_the_same_entries() -> None:
    key = parse_vkey(GO["notes"]["vkey"])
    opened = open_checkpoint(GO["notes"]["checkpoint"].encode(), origin=key.name, log_keys=[key]).checkpoint
    assert opened == Checkpoint(origin=key.name, size=70_000, root=log_of(70_000).frontier.root())


def test_a_note_of_go_with_its_text_changed_is_refused() -> None:
    changed = parse_note(GO["notes"]["checkpoint"].replace("70000", "70001").encode())
    with pytest.raises(TlogRefused) as caught:
        verify_note(changed, [parse_vkey(GO["notes"]["vkey"])])
    assert caught.value.code == "signature-invalid"


def test_the_witnessed_receipt_of_proofbundle_verifies_and_its_lines_are_ours() -> None:
    receipt = parse_receipt(BUNDLE["receipt"].encode())
    quorum = Quorum(witnesses=tuple(map(parse_vkey, BUNDLE["witnesses"])), threshold=2, faults=0)
    policy = Policy(logs=(parse_vkey(BUNDLE["log"]),), quorum=quorum)
    leaf, latest = leaf_hash(BUNDLE["entry"].encode()), BUNDLE["timestamp"]
    verify_witnessed_receipt(receipt, leaf, origin=BUNDLE["origin"], policy=policy, latest=latest)
    assert set(cosigned_by(receipt.signed, quorum, latest=latest).values()) == {latest}
    ours = tuple(cosigned(receipt.signed.checkpoint, label, latest) for label in "ab")
    assert receipt.signed.note == Note(
        text=receipt.signed.note.text, signatures=(*log_of(600).signed().signatures, *ours)
    )
