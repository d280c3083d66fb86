"""Splits an OPRF key into n Shamir shares, each an RFC 9497 server; a client combines t of them in the exponent.

Share i is k_i = f(i) for a polynomial f of degree t - 1 with f(0) = k. From t verified evaluations k_i * (b * H(x)) the
client computes N = sum of (lambda_i / b) * k_i * b * H(x) = k * H(x): the Lagrange coefficient and the unblinding are
one scalar, so an element costs t multiplications. The joint key exists nowhere.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from crypto.dkg.polynomial import MAX_SHARES, Polynomial
from crypto.errors import BadElement, BadInput, BadScalar, BadThreshold, ProofInvalid, SharesDisagree
from crypto.oprf.dleq import verify_proof
from crypto.oprf.group import (
    GENERATOR,
    IDENTITY,
    L,
    check_scalar,
    multiply_base,
    random_scalar,
    scalar_from_int,
    scalar_invert,
    scalar_mul,
    sum_of_products,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One custodian's share: its index on the polynomial, its secret and the public key that pins it."""

    index: int
    sk: bytes = field(repr=False)
    pk: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Dealing:
    """The shares of a dealer; `joint_public_key` is k * G for the key k that the shares make up."""

    threshold: int
    joint_public_key: bytes
    shares: tuple[Share, ...]


def deal(secret: bytes | None, threshold: int, count: int, random: Callable[[int], bytes]) -> Dealing:
    """Split `secret` (None: a new one) into `count` shares, of which `threshold` are needed.

    The dealer knows the key, so this is for the demo and for tests; custodians make theirs together.
    """
    if not 1 <= threshold <= count <= MAX_SHARES:
        raise BadThreshold(f"a dealing needs 1 <= threshold <= count <= {MAX_SHARES}")
    constant = random_scalar(random) if secret is None else secret
    check_scalar(constant)
    polynomial = Polynomial(coefficients=(constant, *(random_scalar(random) for _ in range(threshold - 1))))
    shares = []
    for index in range(1, count + 1):
        sk = polynomial.at(index)
        shares.append(Share(index=index, sk=sk, pk=multiply_base(sk)))
    return Dealing(threshold=threshold, joint_public_key=multiply_base(constant), shares=tuple(shares))


def verify_share_public_keys(joint_public_key: bytes, public_keys: Mapping[int, bytes], threshold: int) -> None:
    """Check that every `threshold` of the public keys interpolate to the joint one; raises SharesDisagree.

    The first t - 1 keys and the joint key fix the polynomial, so each other key is checked once against them.
    """
    first, others = sorted(public_keys)[: threshold - 1], sorted(public_keys)[threshold - 1 :]
    if threshold < 1 or not others:
        raise BadThreshold(f"{len(public_keys)} public keys are fewer than the threshold of {threshold}")
    for index in others:
        coefficients = lagrange_coefficients([*first, index])
        if _weighted_sum(coefficients, public_keys) != joint_public_key:
            raise SharesDisagree(f"the public key of share {index} does not belong to the joint public key")


def verify_evaluation(
    share_pk: bytes,
    blinded_elements: Sequence[bytes],
    evaluated_elements: Sequence[bytes],
    proof: bytes,
    *,
    index: int | None = None,
) -> None:
    """Check one custodian's answer against its pinned key; every refusal is a ProofInvalid with the share's `index`."""
    try:
        verify_proof(GENERATOR, share_pk, blinded_elements, evaluated_elements, proof)
    except (ProofInvalid, BadElement, BadScalar, BadInput) as error:
        raise ProofInvalid(f"the evaluation is refused: {error}", index=index) from error


def lagrange_coefficients(indexes: Iterable[int]) -> dict[int, bytes]:
    """Compute lambda_i = product over j != i of j / (j - i), modulo L: the public weights that take f(i) to f(0)."""
    chosen = sorted(indexes)
    if not chosen or len(set(chosen)) != len(chosen) or not 1 <= chosen[0] <= chosen[-1] <= MAX_SHARES:
        raise BadThreshold(f"share indexes are distinct and in 1 to {MAX_SHARES}")
    coefficients = {}
    for i in chosen:
        numerator = denominator = 1
        for j in chosen:
            if j != i:
                numerator = numerator * j % L
                denominator = denominator * (j - i) % L
        coefficients[i] = scalar_from_int(numerator * pow(denominator, -1, L))
    return coefficients


def unblinding_scalars(blinds: Sequence[bytes], indexes: Iterable[int]) -> list[dict[int, bytes]]:
    """Compute for each blind b the scalars lambda_i / b, by share index."""
    coefficients = lagrange_coefficients(indexes)
    return [
        {index: scalar_mul(coefficient, inverse) for index, coefficient in coefficients.items()}
        for inverse in _invert_all(blinds)
    ]


def combine(blind: bytes, evaluated_elements: Mapping[int, bytes], *, threshold: int) -> bytes:
    """Compute N = k * H(x) from the verified evaluations of exactly `threshold` shares, by share index."""
    batch = {index: [element] for index, element in evaluated_elements.items()}
    return combine_batch([blind], batch, threshold=threshold)[0]


def combine_batch(
    blinds: Sequence[bytes], evaluated_elements: Mapping[int, Sequence[bytes]], *, threshold: int
) -> list[bytes]:
    """Compute N = k * H(x) for each blind, from the lists that exactly `threshold` shares returned.

    Too few shares would give a well-formed wrong token, and more would only cost time: both are refused. The caller
    must have passed the lists to `verify_evaluation`: a wrong element gives a wrong token too.
    """
    if len(evaluated_elements) != threshold:
        raise BadThreshold(f"{len(evaluated_elements)} evaluations were given where {threshold} are needed")
    if any(len(elements) != len(blinds) for elements in evaluated_elements.values()):
        raise BadInput("a share returned another number of elements than was asked for")
    return [
        _weighted_sum(scalars, {index: elements[n] for index, elements in evaluated_elements.items()})
        for n, scalars in enumerate(unblinding_scalars(blinds, evaluated_elements))
    ]


def _weighted_sum(scalars: Mapping[int, bytes], elements: Mapping[int, bytes]) -> bytes:
    total = sum_of_products(list(scalars.values()), [elements[index] for index in scalars])
    if total == IDENTITY:
        raise BadElement("the shares add up to the identity")
    return total


def _invert_all(scalars: Sequence[bytes]) -> list[bytes]:
    """Compute 1 / b for each b with one inversion (Montgomery's trick), in libsodium's constant-time arithmetic."""
    prefixes = []
    product = scalar_from_int(1)
    for scalar in scalars:
        check_scalar(scalar)
        prefixes.append(product)
        product = scalar_mul(product, scalar)
    inverse = scalar_invert(product)
    inverses = []
    for scalar, prefix in zip(reversed(scalars), reversed(prefixes), strict=True):
        inverses.append(scalar_mul(inverse, prefix))
        inverse = scalar_mul(inverse, scalar)
    inverses.reverse()
    return inverses
