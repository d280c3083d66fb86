"""Polynomials, proofs of possession and sealed parts: the mathematics of a ceremony."""

import os
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from crypto.dkg import possession
from crypto.dkg.polynomial import (
    MAX_SHARES,
    ZERO,
    Polynomial,
    check_commitments,
    committed_value,
    random_polynomial,
    sum_elements,
    verify_part,
)
from crypto.dkg.possession import Prover
from crypto.dkg.sealing import (
    SEALED_BYTES,
    Route,
    check_sealing_key,
    make_sealing_key,
    open_part,
    public_half,
    seal_part,
)
from crypto.errors import BadElement, BadInput, BadKey, BadScalar, BadThreshold, PossessionUnproven, ShareRefused
from crypto.oprf.canary import canary_element, canary_input
from crypto.oprf.group import IDENTITY, L, multiply_base, random_scalar, scalar_from_int, scalar_negate

PROVER = Prover(ceremony=bytes(32), custodian="custodian-1", epoch=1, threshold=2)
ROUTE = Route(ceremony=bytes(32), dealer="custodian-1", receiver="custodian-2")
LOW_ORDER = [
    bytes(32),
    (1).to_bytes(32, "little"),
    bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
]


@given(st.lists(st.integers(1, L - 1), min_size=2, max_size=6), st.integers(1, MAX_SHARES))
def test_a_polynomial_has_the_value_that_plain_arithmetic_gives(numbers: list[int], index: int) -> None:
    polynomial = Polynomial(coefficients=tuple(scalar_from_int(number) for number in numbers))
    expected = sum(number * index**power for power, number in enumerate(numbers)) % L
    assert int.from_bytes(polynomial.at(index), "little") == expected


@pytest.mark.parametrize("is_zero_sharing", [False, True])
@given(st.integers(2, 5), st.integers(1, MAX_SHARES))
def test_a_part_is_the_value_that_its_dealer_committed_to(is_zero_sharing: bool, threshold: int, index: int) -> None:
    polynomial = random_polynomial(threshold, os.urandom, constant=ZERO if is_zero_sharing else None)
    commitments, part = polynomial.commitments(), polynomial.at(index)
    check_commitments(commitments, threshold, is_zero_sharing=is_zero_sharing)
    verify_part(part, commitments, index, is_zero_sharing=is_zero_sharing)
    assert committed_value(commitments, index, is_zero_sharing=is_zero_sharing) == multiply_base(part)
    for wrong in (scalar_negate(part), random_scalar(os.urandom), ZERO, L.to_bytes(32, "little"), b"", part + b"\0"):
        with pytest.raises(ShareRefused):
            verify_part(wrong, commitments, index, is_zero_sharing=is_zero_sharing)


@pytest.mark.parametrize("threshold", [-1, 0, 1, MAX_SHARES + 1])
def test_a_threshold_at_which_a_share_is_the_key_is_refused(threshold: int) -> None:
    with pytest.raises(BadThreshold):
        random_polynomial(threshold, os.urandom)


@pytest.mark.parametrize("index", [-1, 0, MAX_SHARES + 1])
def test_an_index_at_which_the_value_is_the_key_is_refused(index: int) -> None:
    polynomial = random_polynomial(2, os.urandom)
    with pytest.raises(BadThreshold):
        polynomial.at(index)
    with pytest.raises(BadThreshold):
        verify_part(polynomial.at(1), polynomial.commitments(), index, is_zero_sharing=False)


@pytest.mark.parametrize("constant", [L.to_bytes(32, "little"), b"", bytes(31)])
def test_a_constant_that_is_no_scalar_is_refused(constant: bytes) -> None:
    with pytest.raises(BadScalar):
        random_polynomial(2, os.urandom, constant=constant)


def test_commitments_that_cancel_each_other_are_no_key() -> None:
    scalar = random_scalar(os.urandom)
    both = [multiply_base(scalar), multiply_base(scalar_negate(scalar))]
    with pytest.raises(BadElement):
        sum_elements(both)
    with pytest.raises(BadElement):
        # 1 * phi_0 + 1 * phi_1 at the index 1
        committed_value(both, 1, is_zero_sharing=False)
    with pytest.raises(ShareRefused):
        verify_part(scalar, both, 1, is_zero_sharing=False)


@pytest.mark.parametrize("broken", [(), (IDENTITY,) * 2, (b"\xff" * 32,) * 2, (b"",) * 2])
def test_commitments_of_another_number_or_form_are_refused(broken: tuple[bytes, ...]) -> None:
    with pytest.raises((BadThreshold, BadElement)):
        check_commitments(broken, 2, is_zero_sharing=False)


def test_a_polynomial_shows_nothing_of_itself() -> None:
    polynomial = random_polynomial(2, os.urandom)
    key = make_sealing_key(os.urandom)
    assert "coefficients" not in repr(polynomial)
    assert repr(key.private_key) not in repr(key)


def test_a_proof_of_possession_verifies_in_its_own_context_alone() -> None:
    a0 = random_scalar(os.urandom)
    phi0, proof = multiply_base(a0), possession.prove(a0, PROVER, os.urandom)
    possession.verify(phi0, proof, PROVER)
    others = [
        Prover(ceremony=b"\1" * 32, custodian="custodian-1", epoch=1, threshold=2),
        Prover(ceremony=bytes(32), custodian="custodian-2", epoch=1, threshold=2),
        Prover(ceremony=bytes(32), custodian="custodian-1", epoch=2, threshold=2),
        Prover(ceremony=bytes(32), custodian="custodian-1", epoch=1, threshold=3),
    ]
    for other in others:
        with pytest.raises(PossessionUnproven):
            possession.verify(phi0, proof, other)
    with pytest.raises(PossessionUnproven):
        possession.verify(multiply_base(random_scalar(os.urandom)), proof, PROVER)


@pytest.mark.parametrize(
    "broken",
    [
        lambda proof: proof[:-1],
        lambda proof: proof + b"\0",
        lambda proof: bytes(32) + proof[32:],
        lambda proof: proof[:32] + bytes(32),
        lambda proof: proof[:32] + L.to_bytes(32, "little"),
        lambda proof: b"\xff" * 32 + proof[32:],
        lambda proof: proof[:32] + (int.from_bytes(proof[32:], "little") + L).to_bytes(33, "little")[:32],
    ],
    ids=["short", "long", "R the identity", "mu zero", "mu L", "R no element", "mu not reduced"],
)
def test_a_proof_in_any_other_form_is_refused(broken: Callable[[bytes], bytes]) -> None:
    a0 = random_scalar(os.urandom)
    with pytest.raises(PossessionUnproven):
        possession.verify(multiply_base(a0), broken(possession.prove(a0, PROVER, os.urandom)), PROVER)


def test_two_proofs_of_one_constant_have_different_nonces() -> None:
    a0 = random_scalar(os.urandom)
    assert possession.prove(a0, PROVER, os.urandom)[:32] != possession.prove(a0, PROVER, os.urandom)[:32]


def test_a_sealed_part_opens_for_its_receiver_on_its_own_way_alone() -> None:
    key, part = make_sealing_key(os.urandom), random_scalar(os.urandom)
    sealed = seal_part(part, key.public_key, ROUTE)
    assert len(sealed) == SEALED_BYTES
    assert open_part(sealed, key.private_key, ROUTE) == part
    others = [
        Route(ceremony=b"\1" * 32, dealer="custodian-1", receiver="custodian-2"),
        Route(ceremony=bytes(32), dealer="custodian-3", receiver="custodian-2"),
        Route(ceremony=bytes(32), dealer="custodian-1", receiver="custodian-3"),
        # Without the parts' lengths this would be the same text.
        Route(ceremony=bytes(32), dealer="custodian-1c", receiver="ustodian-2"),
    ]
    for other in others:
        with pytest.raises(ShareRefused):
            open_part(sealed, key.private_key, other)
    with pytest.raises(ShareRefused):
        open_part(sealed, make_sealing_key(os.urandom).private_key, ROUTE)


@given(st.integers(0, SEALED_BYTES - 1), st.integers(1, 255))
def test_a_sealed_part_with_any_byte_changed_does_not_open(place: int, change: int) -> None:
    key = make_sealing_key(os.urandom)
    sealed = bytearray(seal_part(random_scalar(os.urandom), key.public_key, ROUTE))
    sealed[place] ^= change
    # X25519 ignores the top bit of the encapsulated key, and HPKE binds the key's bytes as they were sent.
    with pytest.raises(ShareRefused):
        open_part(bytes(sealed), key.private_key, ROUTE)


@pytest.mark.parametrize("sealed", [b"", bytes(SEALED_BYTES - 1), bytes(SEALED_BYTES), bytes(SEALED_BYTES + 1)])
def test_bytes_that_are_no_sealed_part_are_refused(sealed: bytes) -> None:
    with pytest.raises(ShareRefused):
        open_part(sealed, make_sealing_key(os.urandom).private_key, ROUTE)


@pytest.mark.parametrize("key", [*LOW_ORDER, b"", bytes(31), bytes(33)])
def test_a_sealing_key_of_low_order_or_another_length_is_refused(key: bytes) -> None:
    with pytest.raises(BadKey):
        check_sealing_key(key)
    with pytest.raises(BadKey):
        seal_part(bytes(32), key, ROUTE)


def test_a_private_sealing_key_of_another_length_is_refused() -> None:
    with pytest.raises(BadKey):
        public_half(b"")
    private = X25519PrivateKey.generate()
    assert public_half(private.private_bytes_raw()) == private.public_key().public_bytes_raw()


def test_the_canary_of_each_epoch_is_another_element_that_everybody_can_compute() -> None:
    assert canary_input(12) == b"clearline/canary/v1\n12"
    assert canary_element(1).hex() == "acb32f25cc62fa0e14b84a17235f5e886fd2c4ccca575d6c163fe547a8b78d60"
    assert canary_element(1) != canary_element(2)
    with pytest.raises(BadInput):
        canary_input(0)
