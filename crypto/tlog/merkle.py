"""Computes the Merkle tree of RFC 6962, 2.1, and verifies the two proofs of RFC 9162, 2.1.3.2 and 2.1.4.2."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from crypto.errors import TlogRefused
from crypto.tlog.text import HASH_BYTES, MAX_NUMBER

MAX_SIZE: Final = MAX_NUMBER
MAX_PROOF_HASHES: Final = 63
"""A tree of up to 2^63 leaves is 63 levels high, and neither proof is longer (tlog-witness says the same)."""
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
_LEAF: Final = b"\x00"
_NODE: Final = b"\x01"
_TWO_HASHES: Final = 2 * HASH_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """The root of the complete subtree over leaves [index * 2^level, (index + 1) * 2^level)."""

    level: int
    index: int


def leaf_hash(data: bytes) -> bytes:
    """HASH(0x00 || d(0)) (RFC 6962, section 2.1)."""
    return hashlib.sha256(_LEAF + data).digest()


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """Hash each entry, in order; an integrator and an auditor spend half of their time in this loop."""
    sha256, prefix = hashlib.sha256, _LEAF
    return [sha256(prefix + data).digest() for data in entries]


def node_hash(left: bytes, right: bytes) -> bytes:
    """HASH(0x01 || left || right) (RFC 6962, section 2.1)."""
    return hashlib.sha256(_NODE + left + right).digest()


def subtree_root(hashes: bytes) -> bytes:
    """Compute the root over 2^n concatenated hashes of one level, level by level."""
    count, spare = divmod(len(hashes), HASH_BYTES)
    if spare or count == 0 or count & (count - 1):
        raise TlogRefused("malformed", "a complete subtree has a power of two of hashes")
    sha256, prefix, step = hashlib.sha256, _NODE, _TWO_HASHES
    while len(hashes) > HASH_BYTES:
        hashes = b"".join([sha256(prefix + hashes[at : at + step]).digest() for at in range(0, len(hashes), step)])
    return hashes


def range_nodes(start: int, end: int) -> list[Node]:
    """List the complete subtrees, left to right, that make up MTH(D[start:end]); a subtree must begin at `start`.

    The split of RFC 6962 takes the largest power of two first: the subtrees are the binary digits of the length.
    """
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append(Node(level=level, index=start >> level))
        start += 1 << level
    return nodes


def fold(hashes: Sequence[bytes]) -> bytes:
    """Compute MTH over subtrees as `range_nodes` lists them, each larger than all to its right together."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def check_size(size: int) -> None:
    """Refuse a tree size that our formats cannot carry."""
    if not 0 <= size <= MAX_SIZE:
        raise TlogRefused("out-of-range", "a tree has from 0 to 2^63 - 1 leaves")


def verify_inclusion(*, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Refuse unless `leaf` (a leaf hash) is entry `index` of the tree (RFC 9162, section 2.1.3.2)."""
    check_size(size)
    if not 0 <= index < size:
        raise TlogRefused("out-of-range", "the index is not in the tree")
    _check_hashes((leaf, root, *proof))
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            raise TlogRefused("proof-invalid", "the inclusion proof is too long")
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise TlogRefused("proof-invalid", "the inclusion proof is too short")
    if r != root:
        raise TlogRefused("proof-invalid", "the inclusion proof does not lead to the root")


def verify_consistency(
    *, old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Refuse unless the new tree begins with the old one (RFC 9162, section 2.1.4.2).

    Outside the RFC's 0 < first < second: a tree extends itself, and every tree extends the empty one, without a proof.
    """
    check_size(old_size)
    check_size(new_size)
    if old_size > new_size:
        raise TlogRefused("old-above-new", "the old tree is larger than the new one")
    _check_hashes((old_root, new_root, *proof))
    if old_size == 0 and old_root != EMPTY_ROOT:
        raise TlogRefused("proof-invalid", "the root of the empty tree is SHA-256 of nothing")
    if old_size in {0, new_size}:
        if old_size == new_size and old_root != new_root:
            raise TlogRefused("fork", "two roots for one size")
        if proof:
            raise TlogRefused("proof-invalid", "there is nothing to prove")
        return
    _walk_consistency(old_size, old_root, new_size, new_root, proof)


def _walk_consistency(
    first: int, first_hash: bytes, second: int, second_hash: bytes, consistency_path: Sequence[bytes]
) -> None:
    """Take the steps of RFC 9162, section 2.1.4.2, under its names; 0 < first < second."""
    if not consistency_path:
        raise TlogRefused("proof-invalid", "the consistency proof is empty")
    if first & (first - 1) == 0:
        consistency_path = (first_hash, *consistency_path)
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = consistency_path[0]
    for c in consistency_path[1:]:
        if sn == 0:
            raise TlogRefused("proof-invalid", "the consistency proof is too long")
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise TlogRefused("proof-invalid", "the consistency proof is too short")
    if fr != first_hash or sr != second_hash:
        raise TlogRefused("proof-invalid", "the consistency proof does not join the two roots")


def _check_hashes(hashes: Iterable[bytes]) -> None:
    if any(len(each) != HASH_BYTES for each in hashes):
        raise TlogRefused("malformed", "a hash does not have 32 bytes")
