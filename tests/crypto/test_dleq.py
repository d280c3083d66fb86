"""Proofs: whatever a custodian, or somebody between, changes is found; the fast composites equal the slow ones."""

import os
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto.errors import BadElement, BadInput, BadScalar, CryptoRefusal, ProofInvalid
from crypto.oprf import dleq
from crypto.oprf.client import blind_batch, finalize_verifiable
from crypto.oprf.dleq import compute_composites, compute_composites_fast, generate_proof, verify_proof
from crypto.oprf.group import (
    GENERATOR,
    IDENTITY,
    L,
    add,
    multiply,
    multiply_base,
    random_scalar,
    scalar_from_int,
    subtract,
)
from crypto.oprf.server import blind_evaluate, blind_evaluate_unverifiable
from crypto.oprf.suite import Mode, derive_key_pair
from tests.support.sizes import examples

SK, PK = derive_key_pair(bytes(range(32)), b"dleq tests", Mode.VOPRF)
OTHER_SK, OTHER_PK = derive_key_pair(bytes(range(1, 33)), b"dleq tests", Mode.VOPRF)
BATCH = 4
BLINDED = [one.blinded_element for one in blind_batch([bytes([n]) for n in range(BATCH)], os.urandom)]
EVALUATED, PROOF = blind_evaluate(SK, PK, BLINDED, os.urandom)


def verify(
    pk: bytes = PK, blinded: list[bytes] = BLINDED, evaluated: list[bytes] = EVALUATED, proof: bytes = PROOF
) -> None:
    verify_proof(GENERATOR, pk, blinded, evaluated, proof)


def swapped(values: list[bytes], i: int, j: int) -> list[bytes]:
    changed = list(values)
    changed[i], changed[j] = changed[j], changed[i]
    return changed


def with_wrong(values: list[bytes], *positions: int) -> list[bytes]:
    changed = list(values)
    for position in positions:
        changed[position] = multiply(scalar_from_int(2), changed[position])
    return changed


def test_an_honest_proof_verifies() -> None:
    verify()


def test_an_honest_proof_of_one_element_verifies() -> None:
    evaluated, proof = blind_evaluate(SK, PK, BLINDED[:1], os.urandom)
    verify(blinded=BLINDED[:1], evaluated=evaluated, proof=proof)


@pytest.mark.parametrize(
    "positions", [chosen for size in range(1, BATCH + 1) for chosen in combinations(range(BATCH), size)]
)
def test_one_or_more_wrong_elements_are_found(positions: tuple[int, ...]) -> None:
    with pytest.raises(ProofInvalid):
        verify(evaluated=with_wrong(EVALUATED, *positions))


def test_two_wrong_elements_that_cancel_out_are_found() -> None:
    shift = multiply_base(scalar_from_int(7))
    cancelling = [add(EVALUATED[0], shift), subtract(EVALUATED[1], shift), *EVALUATED[2:]]
    with pytest.raises(ProofInvalid):
        verify(evaluated=cancelling)


@pytest.mark.parametrize(("i", "j"), list(combinations(range(BATCH), 2)))
def test_swapped_evaluated_or_blinded_elements_are_found(i: int, j: int) -> None:
    with pytest.raises(ProofInvalid):
        verify(evaluated=swapped(EVALUATED, i, j))
    with pytest.raises(ProofInvalid):
        verify(blinded=swapped(BLINDED, i, j))


def test_pairs_in_another_order_need_another_proof() -> None:
    with pytest.raises(ProofInvalid):
        verify(blinded=swapped(BLINDED, 0, 1), evaluated=swapped(EVALUATED, 0, 1))


def test_blinded_and_evaluated_lists_exchanged_are_found() -> None:
    with pytest.raises(ProofInvalid):
        verify(blinded=EVALUATED, evaluated=BLINDED)


def test_an_honest_proof_under_another_key_is_found() -> None:
    evaluated, proof = blind_evaluate(OTHER_SK, OTHER_PK, BLINDED, os.urandom)
    with pytest.raises(ProofInvalid):
        verify(evaluated=evaluated, proof=proof)


def test_the_proof_of_another_batch_is_found() -> None:
    others = [one.blinded_element for one in blind_batch([b"x"] * BATCH, os.urandom)]
    _evaluated, proof = blind_evaluate(SK, PK, others, os.urandom)
    with pytest.raises(ProofInvalid):
        verify(proof=proof)


def test_an_evaluation_with_another_key_but_a_claim_of_the_pinned_one_is_found() -> None:
    evaluated = blind_evaluate_unverifiable(OTHER_SK, BLINDED)
    forged = generate_proof(OTHER_SK, GENERATOR, PK, BLINDED, evaluated, r=random_scalar(os.urandom))
    with pytest.raises(ProofInvalid):
        verify(evaluated=evaluated, proof=forged)


def test_the_scalars_of_a_proof_exchanged_are_found() -> None:
    with pytest.raises(ProofInvalid):
        verify(proof=PROOF[32:] + PROOF[:32])


@pytest.mark.parametrize("proof", [b"", PROOF[:32], PROOF[:-1], PROOF + b"\x00", PROOF * 2], ids=len)
def test_a_truncated_or_longer_proof_is_refused(proof: bytes) -> None:
    with pytest.raises(ProofInvalid):
        verify(proof=proof)


@pytest.mark.parametrize("half", [0, 1])
@pytest.mark.parametrize("value", [0, L, 2**255 + 1, 2**256 - 1])
def test_a_proof_with_a_scalar_out_of_range_is_refused(half: int, value: int) -> None:
    halves = [PROOF[:32], PROOF[32:]]
    halves[half] = value.to_bytes(32, "little")
    with pytest.raises(BadScalar):
        verify(proof=b"".join(halves))


def test_a_proof_scalar_plus_l_is_not_a_second_spelling() -> None:
    s = int.from_bytes(PROOF[32:], "little") + L
    with pytest.raises(BadScalar):
        verify(proof=PROOF[:32] + s.to_bytes(32, "little"))


@given(st.integers(min_value=0, max_value=len(PROOF) * 8 - 1))
def test_any_changed_bit_of_the_proof_is_refused(bit: int) -> None:
    changed = (int.from_bytes(PROOF, "little") ^ 1 << bit).to_bytes(len(PROOF), "little")
    with pytest.raises((ProofInvalid, BadScalar)):
        verify(proof=changed)


@given(st.integers(min_value=0, max_value=BATCH - 1), st.integers(min_value=0, max_value=255))
def test_any_changed_bit_of_an_element_is_refused(position: int, bit: int) -> None:
    changed = list(EVALUATED)
    changed[position] = (int.from_bytes(changed[position], "little") ^ 1 << bit).to_bytes(32, "little")
    with pytest.raises((ProofInvalid, BadElement)):
        verify(evaluated=changed)


@pytest.mark.parametrize("element", [IDENTITY, b"", EVALUATED[0][:-1], EVALUATED[0] + b"\x00", b"\xff" * 32], ids=len)
def test_a_malformed_element_anywhere_is_refused(element: bytes) -> None:
    for arguments in (
        {"evaluated": [*EVALUATED[:-1], element]},
        {"blinded": [*BLINDED[:-1], element]},
        {"pk": element},
    ):
        with pytest.raises(CryptoRefusal):
            verify(**arguments)


def test_the_identity_as_public_key_proves_nothing() -> None:
    with pytest.raises(BadElement):
        verify(pk=IDENTITY)


@pytest.mark.parametrize(("blinded", "evaluated"), [([], []), (BLINDED, EVALUATED[:-1]), (BLINDED[:-1], EVALUATED)])
def test_an_empty_batch_or_lists_of_two_lengths_are_refused(blinded: list[bytes], evaluated: list[bytes]) -> None:
    with pytest.raises(BadInput):
        verify(blinded=blinded, evaluated=evaluated)


def test_a_batch_that_two_bytes_cannot_count_is_refused() -> None:
    with pytest.raises(BadInput):
        compute_composites(PK, BLINDED[:1] * (dleq.MAX_BATCH + 1), EVALUATED[:1] * (dleq.MAX_BATCH + 1))


@settings(max_examples=examples(25))
@given(st.lists(st.binary(min_size=64, max_size=64), min_size=1, max_size=6))
def test_the_fast_composites_equal_the_slow_definition(seeds: list[bytes]) -> None:
    C = [one.blinded_element for one in blind_batch(seeds, os.urandom)]
    D = blind_evaluate_unverifiable(SK, C)
    assert compute_composites_fast(SK, PK, C, D) == compute_composites(PK, C, D)


def test_two_proofs_of_one_batch_differ_and_both_verify() -> None:
    _evaluated, another = blind_evaluate(SK, PK, BLINDED, os.urandom)
    assert another != PROOF
    verify(proof=another)


def test_nothing_is_output_when_the_proof_of_a_batch_is_wrong() -> None:
    inputs = [b"one", b"two"]
    blinded = blind_batch(inputs, os.urandom)
    evaluated, proof = blind_evaluate(SK, PK, [one.blinded_element for one in blinded], os.urandom)
    assert len(finalize_verifiable(inputs, blinded, evaluated, PK, proof)) == 2
    with pytest.raises(ProofInvalid):
        finalize_verifiable(inputs, blinded, with_wrong(evaluated, 1), PK, proof)


@pytest.mark.parametrize("element", [IDENTITY, b"", BLINDED[0][:-1], BLINDED[0] + b"\x00", b"\xff" * 32], ids=len)
def test_the_server_refuses_a_malformed_blinded_element(element: bytes) -> None:
    with pytest.raises(BadElement):
        blind_evaluate(SK, PK, [BLINDED[0], element], os.urandom)


def test_the_server_refuses_an_empty_batch() -> None:
    with pytest.raises(BadInput):
        blind_evaluate(SK, PK, [], os.urandom)
