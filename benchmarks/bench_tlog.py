"""Measures the transparency log's mathematics on one core: hashing, growing a tree, proving, verifying, receipts.

    python benchmarks/bench_tlog.py [--leaves 1000000] [--batch 1000] [--rounds 3] [--json FILE]

Figures are CPU time of the one thread that works, without storage. Every round measures everything once and the best
round counts for each row: a busy machine only makes a figure worse.
"""

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.signing.keys import public_bytes
from crypto.tlog.authentic import AuthenticTiles
from crypto.tlog.checkpoint import Checkpoint, SignedCheckpoint, sign_checkpoint
from crypto.tlog.frontier import Frontier, append
from crypto.tlog.keys import SignatureKind, VerifierKey
from crypto.tlog.merkle import leaf_hashes
from crypto.tlog.proof import Receipt, parse_receipt, verify_receipt
from crypto.tlog.proofs import hashes_from_tiles, prove_inclusion
from crypto.tlog.tiles import Tile

ORIGIN = "log.example/bench"
SAMPLE = 200


class Bench:
    """Keeps the best seconds of each row."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def measure(self, name: str, work: Callable[[], Any]) -> Any:
        """Run `work` and give back its result."""
        start = time.thread_time()
        result = work()
        spent = time.thread_time() - start
        self.seconds[name] = min(spent, self.seconds.get(name, spent))
        return result


def integrate(entries: Sequence[bytes], batch: int) -> Frontier:
    """Compute as an integrator: leaf hashes, tiles and a root for each batch."""
    frontier = Frontier()
    for at in range(0, len(entries), batch):
        frontier = append(frontier, leaf_hashes(entries[at : at + batch])).frontier
        frontier.root()
    return frontier


def rederive(entries: Sequence[bytes]) -> tuple[Frontier, dict[Tile, bytes]]:
    """Compute as an auditor: every leaf hash and every tile from the entries."""
    growth = append(Frontier(), leaf_hashes(entries))
    return growth.frontier, {each.tile: each.data for each in growth.tiles}


def run(bench: Bench, leaves: int, batch: int) -> int:
    """Run one round; return the size of a receipt in bytes."""
    entries = [b"\x01" + hashlib.sha256(index.to_bytes(8, "big")).digest() for index in range(leaves)]
    frontier = bench.measure("integrate", lambda: integrate(entries, batch))
    again, tiles = bench.measure("rederive", lambda: rederive(entries))
    assert again == frontier
    root = frontier.root()

    def fetch(wanted: Sequence[Tile]) -> list[bytes]:
        return [tiles[tile] for tile in wanted]

    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    known = VerifierKey(name=ORIGIN, kind=SignatureKind.NOTE, public_key=public_bytes(key))
    checkpoint = Checkpoint(origin=ORIGIN, size=leaves, root=root)
    note = sign_checkpoint(checkpoint, name=ORIGIN, private_key=key)
    signed = SignedCheckpoint(checkpoint=checkpoint, note=note)
    places = range(0, leaves, max(1, leaves // SAMPLE))

    def receipts() -> list[bytes]:
        read = hashes_from_tiles(leaves, fetch)
        proofs = [(index, prove_inclusion(index, leaves, read)) for index in places]
        return [Receipt(index=index, hashes=proof, signed=signed).encode() for index, proof in proofs]

    def verify(written: Sequence[bytes]) -> None:
        for index, raw in zip(places, written, strict=True):
            leaf = leaf_hashes([entries[index]])[0]
            verify_receipt(parse_receipt(raw), leaf, origin=ORIGIN, log_keys=[known])

    written = bench.measure("receipts", receipts)
    bench.measure("verify", lambda: verify(written))
    authentic = AuthenticTiles(size=leaves, root=root, fetch=fetch)
    bench.measure("authentic", lambda: [prove_inclusion(index, leaves, authentic.hashes) for index in places])
    return max(map(len, written))


def main() -> None:
    """Measure, print the table, and write it if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--leaves", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    bench = Bench()
    size = max(run(bench, given.leaves, given.batch) for _ in range(given.rounds))
    sample = len(range(0, given.leaves, max(1, given.leaves // SAMPLE)))
    figures = {
        "leaves": given.leaves,
        "batch": given.batch,
        "integrated_leaves_per_second": round(given.leaves / bench.seconds["integrate"]),
        "rederive_seconds": round(bench.seconds["rederive"], 2),
        "build_receipt_ms": round(bench.seconds["receipts"] / sample * 1000, 2),
        "verify_receipt_ms": round(bench.seconds["verify"] / sample * 1000, 2),
        "prove_from_authentic_tiles_ms": round(bench.seconds["authentic"] / sample * 1000, 2),
        "receipt_bytes": size,
    }
    for name, value in figures.items():
        print(f"{name:32}{value:>14,}")
    if given.json is not None:
        given.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
