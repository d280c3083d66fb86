"""The log vectors, checked with hashlib, base64 and bare Ed25519: nothing of crypto/tlog computes here."""

import base64
import hashlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from crypto.tlog import merkle, note, text
from crypto.tlog.proof import HEADER
from docs.spec.make_vectors import FOLDER
from tests.support.logs import naive_path, naive_proof, naive_root

VECTORS = json.loads((FOLDER / "transparency-log.json").read_bytes())
PAGE = (FOLDER.parent / "transparency-log.md").read_text(encoding="utf-8")
SIZE = VECTORS["checkpoint"]["size"]


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def entry(index: int) -> bytes:
    return b"\x01" + sha256(f"clearline vector: entry {index}".encode())


LEAVES = [sha256(b"\x00", entry(index)) for index in range(SIZE)]


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def test_a_leaf_follows_from_core_salt_and_personal_part() -> None:
    leaf = {name: bytes.fromhex(value) if name.endswith("_hex") else value for name, value in VECTORS["leaf"].items()}
    personal = sha256(b"clearline/log/personal/v1\n", leaf["personal_salt_hex"], leaf["personal"].encode())
    assert personal == leaf["personal_digest_hex"]
    assert json.loads(leaf["core"])["personal"] == personal.hex()
    core = sha256(b"clearline/log/core/v1\n", leaf["core_salt_hex"], leaf["core"].encode())
    assert leaf["entry_hex"] == b"\x01" + core
    assert leaf["leaf_hash_hex"] == sha256(b"\x00\x01", core)


@pytest.mark.parametrize("case", VECTORS["roots"], ids=lambda case: case["size"])
def test_the_roots_are_those_of_the_definition(case: dict[str, Any]) -> None:
    assert naive_root(LEAVES[: case["size"]]).hex() == case["root_hex"]


def test_the_proofs_are_those_of_the_definition() -> None:
    for case in VECTORS["inclusion"]:
        assert [each.hex() for each in naive_path(case["index"], LEAVES[: case["size"]])] == case["proof_hex"]
    for case in VECTORS["consistency"]:
        assert [each.hex() for each in naive_proof(case["old_size"], LEAVES[: case["new_size"]])] == case["proof_hex"]


def test_the_resources_of_the_log_are_its_leaves_and_entries() -> None:
    contents = {
        "tile/0/000": b"".join(LEAVES[:256]),
        "tile/0/001.p/44": b"".join(LEAVES[256:]),
        "tile/1/000.p/1": naive_root(LEAVES[:256]),
        "tile/entries/000": b"".join(b"\x00\x21" + entry(index) for index in range(256)),
        "tile/entries/001.p/44": b"".join(b"\x00\x21" + entry(index) for index in range(256, SIZE)),
    }
    there = {each["path"]: (each["bytes"], each["sha256_hex"]) for each in VECTORS["tiles"] + VECTORS["bundles"]}
    assert there == {path: (len(raw), sha256(raw).hex()) for path, raw in contents.items()}


@pytest.mark.parametrize("key", [VECTORS["log"], *VECTORS["witnesses"]], ids=lambda key: key["name"])
def test_a_key_id_and_a_vkey_follow_from_name_type_and_key(key: dict[str, Any]) -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key["seed_hex"]))
    public = private.public_key().public_bytes_raw()
    typed = bytes([key["type"]]) + public
    key_id = sha256(key["name"].encode(), b"\n", typed)[:4].hex()
    assert (key["public_hex"], key["key_id_hex"]) == (public.hex(), key_id)
    assert key["vkey"] == f"{key['name']}+{key_id}+{b64(typed)}"


def signature(line: str, key: dict[str, Any]) -> bytes:
    """What a signature line carries after the key id, which must be the key's."""
    dash, name, encoded = line.removesuffix("\n").split(" ")
    raw = base64.b64decode(encoded)
    assert (dash, name, raw[:4].hex()) == ("\u2014", key["name"], key["key_id_hex"])
    return raw[4:]


def test_the_log_signed_the_text_of_its_checkpoint() -> None:
    case = VECTORS["checkpoint"]
    assert case["text"] == f"{VECTORS['origin']}\n{SIZE}\n{b64(naive_root(LEAVES))}\n"
    text_again, line = case["note"].split("\n\n")
    assert text_again + "\n" == case["text"]
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(VECTORS["log"]["public_hex"]))
    key.verify(signature(line, VECTORS["log"]), case["text"].encode())


def test_each_witness_cosigned_header_time_and_text() -> None:
    for case, witness in zip(VECTORS["cosignatures"], VECTORS["witnesses"], strict=True):
        raw = signature(case["line"], witness)
        assert int.from_bytes(raw[:8], "big") == case["timestamp"]
        assert case["message"] == f"cosignature/v1\ntime {case['timestamp']}\n{VECTORS['checkpoint']['text']}"
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(witness["public_hex"]))
        key.verify(raw[8:], case["message"].encode())


def test_a_receipt_is_header_index_path_and_checkpoint() -> None:
    receipts, checkpoint = VECTORS["receipts"], VECTORS["checkpoint"]["note"]
    assert LEAVES[receipts["index"]].hex() == receipts["leaf_hash_hex"]
    path = "".join(f"{b64(each)}\n" for each in naive_path(receipts["index"], LEAVES))
    assert receipts["integrated"] == f"{HEADER}\nindex {receipts['index']}\n{path}\n{checkpoint}"
    lines = "".join(each["line"] for each in VECTORS["cosignatures"][:2])
    assert receipts["witnessed"] == receipts["integrated"] + lines


def test_a_body_for_a_witness_is_size_path_and_checkpoint() -> None:
    case = VECTORS["add_checkpoint"]
    path = "".join(f"{b64(each)}\n" for each in naive_proof(case["old_size"], LEAVES))
    assert case["body"] == f"old {case['old_size']}\n{path}\n{VECTORS['checkpoint']['note']}"


def test_the_policy_names_the_keys() -> None:
    for key in (VECTORS["log"], *VECTORS["witnesses"]):
        assert key["vkey"] in VECTORS["policy"]


def test_the_page_states_the_bounds_of_the_code() -> None:
    for bound in (f"{note.MAX_NOTE_BYTES:,} bytes", f"{note.MAX_SIGNATURES} signatures", HEADER):
        assert bound in PAGE, bound
    assert (text.MAX_NUMBER, merkle.MAX_PROOF_HASHES) == (2**63 - 1, 63)
    assert "2^63 - 1" in PAGE
    assert "63 hashes" in PAGE
