"""Does the client's part of RFC 9497: Blind and Finalize of the OPRF and VOPRF modes (sections 3.3.1 and 3.3.2)."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from crypto.errors import BadInput
from crypto.oprf.dleq import verify_proof
from crypto.oprf.group import GENERATOR, multiply, random_scalar, scalar_invert
from crypto.oprf.suite import MAX_INPUT_BYTES, Mode, hash_to_group


@dataclass(frozen=True, slots=True, kw_only=True)
class Blinded:
    """The blind, which never leaves this process, and the blinded element, which is sent and hides the input."""

    blind: bytes = field(repr=False)
    blinded_element: bytes


def blind(private_input: bytes, random: Callable[[int], bytes], *, mode: Mode = Mode.VOPRF) -> Blinded:
    """`Blind` (section 3.3.1)."""
    _check_input(private_input)
    blind_scalar = random_scalar(random)
    inputElement = hash_to_group(private_input, mode)
    # multiply refuses the identity, which is the RFC's InvalidInputError.
    return Blinded(blind=blind_scalar, blinded_element=multiply(blind_scalar, inputElement))


def blind_batch(
    private_inputs: Sequence[bytes], random: Callable[[int], bytes], *, mode: Mode = Mode.VOPRF
) -> list[Blinded]:
    """`Blind` each input with its own blind."""
    return [blind(private_input, random, mode=mode) for private_input in private_inputs]


def finalize(private_input: bytes, blind: bytes, evaluated_element: bytes) -> bytes:
    """`Finalize` of the OPRF mode (section 3.3.1): 64 bytes."""
    _check_input(private_input)
    unblindedElement = multiply(scalar_invert(blind), evaluated_element)
    hashInput = b"".join(
        (
            len(private_input).to_bytes(2, "big"),
            private_input,
            len(unblindedElement).to_bytes(2, "big"),
            unblindedElement,
            b"Finalize",
        )
    )
    return hashlib.sha512(hashInput).digest()


def finalize_verifiable(
    private_inputs: Sequence[bytes],
    blinded: Sequence[Blinded],
    evaluated_elements: Sequence[bytes],
    pkS: bytes,
    proof: bytes,
) -> list[bytes]:
    """`Finalize` of the VOPRF mode (section 3.3.2) for a batch under one proof; a failed proof raises."""
    verify_proof(GENERATOR, pkS, [one.blinded_element for one in blinded], evaluated_elements, proof)
    return [
        finalize(private_input, one.blind, evaluated_element)
        for private_input, one, evaluated_element in zip(private_inputs, blinded, evaluated_elements, strict=True)
    ]


def _check_input(private_input: bytes) -> None:
    if len(private_input) > MAX_INPUT_BYTES:
        raise BadInput(f"the input is longer than {MAX_INPUT_BYTES} bytes")
