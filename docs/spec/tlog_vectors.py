"""Writes vectors of docs/spec/transparency-log.md: a log of 300 entries, from the leaf to a witnessed receipt."""

# ruff: noqa: INP001 (a script's part, beside the pages it serves)

import datetime as dt
import hashlib
import uuid
from collections.abc import Sequence
from typing import Final

from crypto.signing.keys import public_bytes
from crypto.tlog.bundles import encode_bundle
from crypto.tlog.checkpoint import Checkpoint, SignedCheckpoint, sign_checkpoint
from crypto.tlog.cosignature import cosign, cosigned_message
from crypto.tlog.frontier import Frontier, append
from crypto.tlog.keys import SignatureKind, VerifierKey
from crypto.tlog.merkle import leaf_hash, leaf_hashes
from crypto.tlog.note import Note, NoteSignature
from crypto.tlog.policy import Policy
from crypto.tlog.proof import Receipt
from crypto.tlog.proofs import HashReader, hashes_from_tiles, prove_consistency, prove_inclusion
from crypto.tlog.quorum import Quorum
from crypto.tlog.tiles import Tile
from crypto.tlog.witness import AddCheckpoint
from docs.spec.fixed import NOW, signing_key, stream
from protocol.log_entries import EntryKind, core_json, leaf_data, personal_digest

ORIGIN: Final = "registry.example/log/2026"
SIZE: Final = 300
OLD_SIZE: Final = 200
INDEX: Final = 17
TIMESTAMP: Final = int(NOW.timestamp())
WITNESSES: Final = ("carrier-a.example/witness", "carrier-b.example/witness", "regulator.example/witness")
THRESHOLD: Final = 2

ROOTS: Final = (0, 1, 2, 3, 4, 5, 6, 7, 8, 255, 256, 257, OLD_SIZE, SIZE)
INCLUSIONS: Final = ((0, 1), (2, 3), (5, 7), (INDEX, SIZE), (255, SIZE), (256, SIZE), (SIZE - 1, SIZE))
CONSISTENCIES: Final = ((1, 2), (3, 7), (4, 7), (7, 8), (OLD_SIZE, SIZE), (256, SIZE), (SIZE, SIZE))
PATHS: Final = (
    Tile(level=0, index=0, width=256),
    Tile(level=0, index=999, width=255),
    Tile(level=1, index=1000, width=256),
    Tile(level=0, index=1_234_067, width=256),
    Tile(level=2, index=1_234_067, width=17),
)


def entry(index: int) -> bytes:
    """Make an entry of the vectors: 0x01 and the SHA-256 of its label, as long and as opaque as a real one."""
    return b"\x01" + hashlib.sha256(f"clearline vector: entry {index}".encode()).digest()


def content() -> dict[str, object]:
    """Write the leaf of one access, a tree of opaque entries, and all signatures over it."""
    tiles = _tiles(SIZE)
    read = hashes_from_tiles(SIZE, lambda wanted: [tiles[tile] for tile in wanted])
    signed = _signed(SIZE)
    lines = [_cosignature(name, signed.checkpoint) for name in WITNESSES]
    witnessed = Note(text=signed.note.text, signatures=signed.note.signatures + tuple(lines[:THRESHOLD]))
    return {
        "origin": ORIGIN,
        "log": _key("log", log_key()),
        "witnesses": [_key(name, witness_key(name)) for name in WITNESSES],
        "leaf": _leaf(),
        "roots": [{"size": size, "root_hex": _frontier(size).root().hex()} for size in ROOTS],
        "inclusion": [_inclusion(index, size) for index, size in INCLUSIONS],
        "consistency": [_consistency(old, size) for old, size in CONSISTENCIES],
        "paths": [{"level": each.level, "index": each.index, "width": each.width, "path": each.path} for each in PATHS],
        "tiles": [_resource(tile.path, data) for tile, data in tiles.items()],
        "bundles": [_resource(tile.entries_path, _bundle(tile)) for tile in tiles if tile.level == 0],
        "checkpoint": {
            "size": SIZE,
            "root_hex": signed.checkpoint.root.hex(),
            "text": signed.checkpoint.text,
            "note": signed.note.encode().decode(),
        },
        "cosignatures": [
            {
                "witness": name,
                "timestamp": TIMESTAMP,
                "message": cosigned_message(signed.checkpoint, TIMESTAMP).decode(),
                "line": line.line,
            }
            for name, line in zip(WITNESSES, lines, strict=True)
        ],
        "receipts": {
            "index": INDEX,
            "leaf_hash_hex": leaf_hash(entry(INDEX)).hex(),
            "integrated": _receipt(signed, read),
            "witnessed": _receipt(SignedCheckpoint(checkpoint=signed.checkpoint, note=witnessed), read),
        },
        "add_checkpoint": {"old_size": OLD_SIZE, "body": _add_checkpoint(signed, read)},
        "policy": _policy().encode().decode(),
    }


def log_key() -> VerifierKey:
    """Return the log's key."""
    return VerifierKey(name=ORIGIN, kind=SignatureKind.NOTE, public_key=public_bytes(signing_key("log")))


def witness_key(name: str) -> VerifierKey:
    """Return the key of a witness; the label of its seed is its name."""
    return VerifierKey(name=name, kind=SignatureKind.COSIGNATURE, public_key=public_bytes(signing_key(name)))


def _key(label: str, key: VerifierKey) -> dict[str, object]:
    return {
        "name": key.name,
        "seed_hex": signing_key(label).private_bytes_raw().hex(),
        "public_hex": key.public_key.hex(),
        "type": int(key.kind),
        "key_id_hex": key.key_id.hex(),
        "vkey": key.vkey,
    }


def _leaf() -> dict[str, str]:
    personal, personal_salt, core_salt = b'{"account":"A-1"}', stream("personal salt")(32), stream("core salt")(32)
    core = core_json(
        kind=EntryKind.INQUIRY,
        entry_id=uuid.UUID("0199e5a0-0000-7000-8000-000000000001"),
        at=dt.datetime(2026, 11, 21, 8, tzinfo=dt.UTC),
        participant="carrier-a",
        request_digest=hashlib.sha256(b"a request").digest(),
        personal=personal_digest(personal, personal_salt),
        facts={"decision": "PAY_FIRST"},
    )
    data = leaf_data(core, core_salt)
    return {
        "personal": personal.decode(),
        "personal_salt_hex": personal_salt.hex(),
        "personal_digest_hex": personal_digest(personal, personal_salt).hex(),
        "core": core.decode(),
        "core_salt_hex": core_salt.hex(),
        "entry_hex": data.hex(),
        "leaf_hash_hex": leaf_hash(data).hex(),
    }


def _tiles(size: int) -> dict[Tile, bytes]:
    grown = append(Frontier(), leaf_hashes(map(entry, range(size))))
    return {each.tile: each.data for each in grown.tiles}


def _frontier(size: int) -> Frontier:
    return append(Frontier(), leaf_hashes(map(entry, range(size)))).frontier


def _reader(size: int) -> HashReader:
    tiles = _tiles(size)
    return hashes_from_tiles(size, lambda wanted: [tiles[tile] for tile in wanted])


def _inclusion(index: int, size: int) -> dict[str, object]:
    return {"index": index, "size": size, "proof_hex": _hexes(prove_inclusion(index, size, _reader(size)))}


def _consistency(old: int, size: int) -> dict[str, object]:
    return {"old_size": old, "new_size": size, "proof_hex": _hexes(prove_consistency(old, size, _reader(size)))}


def _hexes(hashes: Sequence[bytes]) -> list[str]:
    return [each.hex() for each in hashes]


def _resource(path: str, data: bytes) -> dict[str, object]:
    return {"path": path, "bytes": len(data), "sha256_hex": hashlib.sha256(data).hexdigest()}


def _bundle(tile: Tile) -> bytes:
    first = tile.index * 256
    return encode_bundle([entry(first + at) for at in range(tile.width)])


def _signed(size: int) -> SignedCheckpoint:
    checkpoint = Checkpoint(origin=ORIGIN, size=size, root=_frontier(size).root())
    note = sign_checkpoint(checkpoint, name=ORIGIN, private_key=signing_key("log"))
    return SignedCheckpoint(checkpoint=checkpoint, note=note)


def _cosignature(name: str, checkpoint: Checkpoint) -> NoteSignature:
    return cosign(checkpoint, name=name, private_key=signing_key(name), timestamp=TIMESTAMP)


def _receipt(signed: SignedCheckpoint, read: HashReader) -> str:
    hashes = prove_inclusion(INDEX, SIZE, read)
    return Receipt(index=INDEX, hashes=hashes, signed=signed).encode().decode()


def _add_checkpoint(signed: SignedCheckpoint, read: HashReader) -> str:
    proof = prove_consistency(OLD_SIZE, SIZE, read)
    return AddCheckpoint(old_size=OLD_SIZE, proof=proof, signed=signed).encode().decode()


def _policy() -> Policy:
    witnesses = tuple(map(witness_key, WITNESSES))
    return Policy(logs=(log_key(),), quorum=Quorum(witnesses=witnesses, threshold=THRESHOLD, faults=0))
