"""Small transparency logs in memory, and the slow definitions of RFC 6962 to hold the fast ones against."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.signing.keys import public_bytes
from crypto.tlog.authentic import AuthenticTiles
from crypto.tlog.checkpoint import Checkpoint, sign_checkpoint
from crypto.tlog.cosignature import cosign
from crypto.tlog.frontier import Frontier, Growth, append
from crypto.tlog.keys import SignatureKind, VerifierKey
from crypto.tlog.merkle import leaf_hashes
from crypto.tlog.note import Note, NoteSignature
from crypto.tlog.tiles import Tile

ORIGIN = "log.example/2026"


def seeded_key(label: str) -> Ed25519PrivateKey:
    """A key that everybody can compute."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"clearline test log: {label}".encode()).digest())


LOG_KEY = seeded_key("log")
LOG = VerifierKey(name=ORIGIN, kind=SignatureKind.NOTE, public_key=public_bytes(LOG_KEY))


def witness(label: str) -> VerifierKey:
    """The witness `witness.example/<label>` with the key of its label."""
    return VerifierKey(
        name=f"witness.example/{label}", kind=SignatureKind.COSIGNATURE, public_key=public_bytes(seeded_key(label))
    )


def cosigned(checkpoint: Checkpoint, label: str, timestamp: int) -> NoteSignature:
    """The line of that witness."""
    name = f"witness.example/{label}"
    return cosign(checkpoint, name=name, private_key=seeded_key(label), timestamp=timestamp)


def entry(index: int) -> bytes:
    """The entry that the makers of the vectors log at this place."""
    return f"entry {index}".encode()


@lru_cache(maxsize=1)
def leaves() -> tuple[bytes, ...]:
    """The leaf hashes of 70,000 entries, as many as the vectors have."""
    return tuple(leaf_hashes(map(entry, range(70_000))))


@dataclass(slots=True)
class Log:
    """A log that keeps every tile it ever published, and counts what is fetched."""

    frontier: Frontier = field(default_factory=Frontier)
    tiles: dict[Tile, bytes] = field(default_factory=dict)
    fetched: list[Tile] = field(default_factory=list)

    def grow(self, hashes: Sequence[bytes]) -> list[Tile]:
        growth = append(self.frontier, hashes)
        self.frontier = growth.frontier
        self.tiles |= {each.tile: each.data for each in growth.tiles}
        return [each.tile for each in growth.tiles]

    def fetch(self, wanted: Sequence[Tile]) -> list[bytes]:
        self.fetched += wanted
        return [self.tiles[tile] for tile in wanted]

    def checkpoint(self) -> Checkpoint:
        return Checkpoint(origin=ORIGIN, size=self.frontier.size, root=self.frontier.root())

    def signed(self) -> Note:
        return sign_checkpoint(self.checkpoint(), name=ORIGIN, private_key=LOG_KEY)

    def authentic(self, *, keep: int = 512) -> AuthenticTiles:
        return AuthenticTiles(size=self.frontier.size, root=self.frontier.root(), fetch=self.fetch, keep=keep)


def log_of(size: int) -> Log:
    """A log of the first `size` entries, published once; its tiles may be tampered with."""
    growth = _grown(size)
    return Log(frontier=growth.frontier, tiles={each.tile: each.data for each in growth.tiles})


@lru_cache(maxsize=1000)
def _grown(size: int) -> Growth:
    return append(Frontier(), leaves()[:size])


def naive_root(hashes: Sequence[bytes]) -> bytes:
    """MTH as RFC 6962, section 2.1, defines it."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = _k(len(hashes))
    return hashlib.sha256(b"\x01" + naive_root(hashes[:k]) + naive_root(hashes[k:])).digest()


def naive_path(m: int, hashes: Sequence[bytes]) -> list[bytes]:
    """PATH of section 2.1.1."""
    if len(hashes) == 1:
        return []
    k = _k(len(hashes))
    if m < k:
        return [*naive_path(m, hashes[:k]), naive_root(hashes[k:])]
    return [*naive_path(m - k, hashes[k:]), naive_root(hashes[:k])]


def naive_proof(m: int, hashes: Sequence[bytes]) -> list[bytes]:
    """PROOF of section 2.1.2."""
    return _subproof(m, hashes, known=True)


def _subproof(m: int, hashes: Sequence[bytes], *, known: bool) -> list[bytes]:
    if m == len(hashes):
        return [] if known else [naive_root(hashes)]
    k = _k(len(hashes))
    if m <= k:
        return [*_subproof(m, hashes[:k], known=known), naive_root(hashes[k:])]
    return [*_subproof(m - k, hashes[k:], known=False), naive_root(hashes[:k])]


def _k(n: int) -> int:
    """The largest power of two smaller than n, by counting up."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k
