"""Does the server's part of RFC 9497: BlindEvaluate of the OPRF and VOPRF modes (sections 3.3.1 and 3.3.2)."""

from collections.abc import Callable, Sequence

from crypto.oprf.dleq import generate_proof
from crypto.oprf.group import GENERATOR, multiply, random_scalar


def blind_evaluate_unverifiable(skS: bytes, blinded_elements: Sequence[bytes]) -> list[bytes]:
    """`BlindEvaluate` of the OPRF mode (section 3.3.1): the client cannot verify which key was used."""
    return [multiply(skS, blinded_element) for blinded_element in blinded_elements]


def blind_evaluate(
    skS: bytes, pkS: bytes, blinded_elements: Sequence[bytes], random: Callable[[int], bytes]
) -> tuple[list[bytes], bytes]:
    """`BlindEvaluate` of the VOPRF mode (section 3.3.2): the evaluated elements and one 64-byte proof for them all."""
    evaluated_elements = blind_evaluate_unverifiable(skS, blinded_elements)
    proof = generate_proof(skS, GENERATOR, pkS, blinded_elements, evaluated_elements, r=random_scalar(random))
    return evaluated_elements, proof
