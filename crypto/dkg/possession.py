"""Proves that a dealer knows the constant a_0 of its polynomial: Schnorr's proof, as in FROST's KeyGen (figure 1).

Without it the last dealer could choose phi_0 so that the others' cancel out (a rogue key). The context binds the proof
to one custodian, epoch, threshold and ceremony, so that nobody can show it for another.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from crypto.errors import BadElement, BadScalar, PossessionUnproven
from crypto.oprf.group import (
    ELEMENT_BYTES,
    SCALAR_BYTES,
    check_element,
    check_scalar,
    multiply,
    multiply_base,
    random_scalar,
    scalar_add,
    scalar_mul,
    scalar_reduce,
    subtract,
)

PROOF_BYTES: Final = ELEMENT_BYTES + SCALAR_BYTES
_DST: Final = b"clearline/ceremony/possession/v1\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prover:
    """The public context of a proof: the ceremony's id (32 bytes), the dealer's participant id, epoch and threshold."""

    ceremony: bytes
    custodian: str
    epoch: int
    threshold: int

    def context(self) -> bytes:
        """Write the context: each part with its length in two bytes, the numbers in eight."""
        parts = (
            self.ceremony,
            self.custodian.encode("ascii"),
            self.epoch.to_bytes(8, "big"),
            self.threshold.to_bytes(8, "big"),
        )
        return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def prove(a0: bytes, prover: Prover, random: Callable[[int], bytes]) -> bytes:
    """Make the proof R || mu (64 bytes) of a_0 with phi_0 = a_0 * G: R = k * G, mu = k + c * a_0."""
    k = random_scalar(random)
    R = multiply_base(k)
    c = _challenge(prover, multiply_base(a0), R)
    return R + scalar_add(k, scalar_mul(c, a0))


def verify(phi0: bytes, proof: bytes, prover: Prover) -> None:
    """Check R = mu * G - c * phi_0; raises PossessionUnproven."""
    if len(proof) != PROOF_BYTES:
        raise PossessionUnproven(f"a proof of possession has {PROOF_BYTES} bytes")
    R, mu = proof[:ELEMENT_BYTES], proof[ELEMENT_BYTES:]
    try:
        check_element(R)
        check_scalar(mu)
        holds = subtract(multiply_base(mu), multiply(_challenge(prover, phi0, R), phi0)) == R
    except (BadElement, BadScalar):
        holds = False
    if not holds:
        raise PossessionUnproven("the proof of possession does not verify")


def _challenge(prover: Prover, phi0: bytes, R: bytes) -> bytes:
    return scalar_reduce(hashlib.sha512(_DST + prover.context() + phi0 + R).digest())
