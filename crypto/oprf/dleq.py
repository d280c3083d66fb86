"""Proves that discrete logarithms are equal (RFC 9497, section 2.2): log_A(B) = log_C(D) for every pair of a batch.

Only the verifiable mode has proofs, so that its context string is used throughout.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

from crypto.errors import BadInput, ProofInvalid
from crypto.oprf.group import (
    ELEMENT_BYTES,
    SCALAR_BYTES,
    check_scalar,
    multiply,
    scalar_mul,
    scalar_sub,
    sum_of_public_products,
)
from crypto.oprf.suite import Mode, hash_to_scalar

PROOF_BYTES: Final = 2 * SCALAR_BYTES
MAX_BATCH: Final = 2**16 - 1
"""The index of a pair is written in two bytes."""

_NE: Final = ELEMENT_BYTES.to_bytes(2, "big")
_SEED_DST: Final = b"Seed-" + Mode.VOPRF.context_string


def generate_proof(k: bytes, A: bytes, B: bytes, C: Sequence[bytes], D: Sequence[bytes], *, r: bytes) -> bytes:
    """`GenerateProof` (section 2.2.1): c || s. `r` is a fresh random scalar; using one twice gives `k` away."""
    M, Z = compute_composites_fast(k, B, C, D)

    t2 = multiply(r, A)
    t3 = multiply(r, M)

    c = _challenge(B, M, Z, t2, t3)
    s = scalar_sub(r, scalar_mul(c, k))
    return c + s


def verify_proof(A: bytes, B: bytes, C: Sequence[bytes], D: Sequence[bytes], proof: bytes) -> None:
    """`VerifyProof` (section 2.2.2). Raises ProofInvalid, or BadElement or BadScalar for malformed bytes."""
    if len(proof) != PROOF_BYTES:
        raise ProofInvalid(f"a proof has {PROOF_BYTES} bytes")
    c, s = proof[:SCALAR_BYTES], proof[SCALAR_BYTES:]
    check_scalar(c)
    check_scalar(s)

    M, Z = compute_composites(B, C, D)

    t2 = sum_of_public_products((s, c), (A, B))
    t3 = sum_of_public_products((s, c), (M, Z))

    expectedC = _challenge(B, M, Z, t2, t3)
    if expectedC != c:
        raise ProofInvalid("the proof does not fit the evaluation")


def compute_composites(B: bytes, C: Sequence[bytes], D: Sequence[bytes]) -> tuple[bytes, bytes]:
    """`ComputeComposites` (section 2.2.1), for a verifier: two multiplications a pair."""
    di = _weights(B, C, D)
    M = sum_of_public_products(di, C)
    Z = sum_of_public_products(di, D)
    return M, Z


def compute_composites_fast(k: bytes, B: bytes, C: Sequence[bytes], D: Sequence[bytes]) -> tuple[bytes, bytes]:
    """`ComputeCompositesFast` (section 2.2.1), for the holder of `k`: one multiplication a pair."""
    M = sum_of_public_products(_weights(B, C, D), C)
    Z = multiply(k, M)
    return M, Z


def _weights(B: bytes, C: Sequence[bytes], D: Sequence[bytes]) -> list[bytes]:
    """Compute the d_i of section 2.2.1, so that an error in one pair cannot cancel an error in another."""
    if len(C) != len(D) or not 0 < len(C) <= MAX_BATCH:
        raise BadInput(f"a batch has 1 to {MAX_BATCH} pairs, and as many evaluated elements as blinded ones")
    seed = hashlib.sha512(_prefixed(B) + _prefixed(_SEED_DST)).digest()
    prefixed_seed = _prefixed(seed)
    di = []
    for i, (Ci, Di) in enumerate(zip(C, D, strict=True)):
        compositeTranscript = b"".join((prefixed_seed, i.to_bytes(2, "big"), _NE, Ci, _NE, Di, b"Composite"))
        di.append(hash_to_scalar(compositeTranscript, Mode.VOPRF))
    return di


def _challenge(B: bytes, M: bytes, Z: bytes, t2: bytes, t3: bytes) -> bytes:
    Bm, a0, a1, a2, a3 = B, M, Z, t2, t3
    challengeTranscript = b"".join(_prefixed(part) for part in (Bm, a0, a1, a2, a3)) + b"Challenge"
    return hash_to_scalar(challengeTranscript, Mode.VOPRF)


def _prefixed(part: bytes) -> bytes:
    return len(part).to_bytes(2, "big") + part
