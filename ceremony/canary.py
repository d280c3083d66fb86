"""Evaluates the canary of an epoch with a member's share, checks such evaluations, and combines them."""

from collections.abc import Callable, Mapping
from typing import Final

from crypto.oprf.canary import canary_element
from crypto.oprf.group import multiply_base, scalar_from_int
from crypto.oprf.server import blind_evaluate
from crypto.oprf.threshold import combine, verify_evaluation
from protocol.messages.ceremonies import Committee, Confirm

_NO_BLIND: Final = scalar_from_int(1)


def evaluate_canary(epoch: int, sk: bytes, random: Callable[[int], bytes]) -> tuple[bytes, bytes]:
    """Return the evaluated canary under a share, and its proof."""
    evaluated, proof = blind_evaluate(sk, multiply_base(sk), [canary_element(epoch)], random)
    return evaluated[0], proof


def check_canary(epoch: int, share_public_key: bytes, evaluated_canary: bytes, proof: bytes) -> None:
    """Check one evaluation under PK_i; raises ProofInvalid."""
    verify_evaluation(share_public_key, [canary_element(epoch)], [evaluated_canary], proof)


def combined_canary(committee: Committee, confirmed: Mapping[str, Confirm]) -> bytes:
    """Compute k * H(canary) from the checked evaluations of the committee's first members, by name."""
    evaluated: dict[int, bytes] = {}
    for member in committee.members[: committee.threshold]:
        element = confirmed[member.custodian].evaluated_canary
        if element is not None:
            evaluated[member.index] = element
    return combine(_NO_BLIND, evaluated, threshold=committee.threshold)
