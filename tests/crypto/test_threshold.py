"""t of n: any t shares give k * H(x), fewer give nothing, and a wrong answer is named and never used."""

import os
import random as random_module
from collections.abc import Callable
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto.dkg.polynomial import MAX_SHARES
from crypto.errors import BadElement, BadInput, BadScalar, BadThreshold, ProofInvalid, SharesDisagree
from crypto.oprf.client import Blinded, blind, blind_batch
from crypto.oprf.group import (
    IDENTITY,
    L,
    add,
    check_element,
    multiply,
    multiply_base,
    scalar_from_int,
    scalar_mul,
    scalar_negate,
    subtract,
)
from crypto.oprf.server import blind_evaluate, blind_evaluate_unverifiable
from crypto.oprf.suite import Mode, hash_to_group
from crypto.oprf.threshold import (
    combine,
    combine_batch,
    deal,
    lagrange_coefficients,
    unblinding_scalars,
    verify_evaluation,
    verify_share_public_keys,
)
from tests.support.sizes import examples

SECRET = scalar_from_int(0x1234567890ABCDEF << 128)
DEALING = deal(SECRET, 2, 3, os.urandom)
SHARES = {share.index: share for share in DEALING.shares}
PAIRS = list(combinations(SHARES, 2))
INPUTS = [f"subject {n}".encode() for n in range(5)]
TOKENS = [multiply(SECRET, hash_to_group(text, Mode.VOPRF)) for text in INPUTS]


def evaluations(blinded: list[Blinded], indexes: tuple[int, ...]) -> dict[int, list[bytes]]:
    """What honest custodians answer, each checked against its own key as the gateway does."""
    elements = [one.blinded_element for one in blinded]
    answers = {}
    for index in indexes:
        share = SHARES[index]
        evaluated, proof = blind_evaluate(share.sk, share.pk, elements, os.urandom)
        verify_evaluation(share.pk, elements, evaluated, proof, index=index)
        answers[index] = evaluated
    return answers


@pytest.mark.parametrize("pair", PAIRS)
def test_every_pair_of_shares_gives_the_key_times_the_hashed_input(pair: tuple[int, int]) -> None:
    blinded = blind_batch(INPUTS, os.urandom)
    tokens = combine_batch([one.blind for one in blinded], evaluations(blinded, pair), threshold=2)
    assert tokens == TOKENS


@pytest.mark.parametrize("pair", PAIRS)
def test_a_single_check_gives_the_same_token_as_a_batch(pair: tuple[int, int]) -> None:
    one = blind(INPUTS[0], os.urandom)
    answers = {index: elements[0] for index, elements in evaluations([one], pair).items()}
    assert combine(one.blind, answers, threshold=2) == TOKENS[0]
    assert combine(one.blind, dict(reversed(answers.items())), threshold=2) == TOKENS[0]


def test_a_dealt_key_is_not_the_secret_of_any_share() -> None:
    assert DEALING.joint_public_key == multiply_base(SECRET)
    assert SECRET not in {share.sk for share in DEALING.shares}
    for share in DEALING.shares:
        assert share.pk == multiply_base(share.sk)


def test_a_new_key_is_dealt_when_none_is_given() -> None:
    one, other = deal(None, 2, 3, os.urandom), deal(None, 2, 3, os.urandom)
    assert one.joint_public_key != other.joint_public_key
    check_element(one.joint_public_key)


def test_a_share_does_not_print_its_secret() -> None:
    share = SHARES[1]
    assert repr(share) == f"Share(index=1, pk={share.pk!r})"


@pytest.mark.parametrize(("threshold", "count"), [(0, 3), (4, 3), (-1, 3), (1, 0), (2, MAX_SHARES + 1)])
def test_an_impossible_dealing_is_refused(threshold: int, count: int) -> None:
    with pytest.raises(BadThreshold):
        deal(SECRET, threshold, count, os.urandom)


@pytest.mark.parametrize("secret", [bytes(32), L.to_bytes(32, "little"), b"", SECRET[:-1]])
def test_a_bad_secret_is_not_dealt(secret: bytes) -> None:
    with pytest.raises(BadScalar):
        deal(secret, 2, 3, os.urandom)


@pytest.mark.parametrize("index", SHARES)
@pytest.mark.parametrize("positions", [(0,), (4,), (0, 1), (0, 1, 2, 3, 4)])
def test_a_wrong_evaluation_names_the_share(index: int, positions: tuple[int, ...]) -> None:
    share = SHARES[index]
    elements = [one.blinded_element for one in blind_batch(INPUTS, os.urandom)]
    evaluated, proof = blind_evaluate(share.sk, share.pk, elements, os.urandom)
    for position in positions:
        evaluated[position] = multiply(scalar_from_int(3), evaluated[position])
    with pytest.raises(ProofInvalid, match=f"^share {index}: ") as caught:
        verify_evaluation(share.pk, elements, evaluated, proof, index=index)
    assert caught.value.index == index


def damage_element(evaluated: list[bytes], proof: bytes) -> tuple[list[bytes], bytes]:
    return [IDENTITY, *evaluated[1:]], proof


def damage_encoding(evaluated: list[bytes], proof: bytes) -> tuple[list[bytes], bytes]:
    return [*evaluated[:-1], b"\xff" * 32], proof


def drop_element(evaluated: list[bytes], proof: bytes) -> tuple[list[bytes], bytes]:
    return evaluated[:-1], proof


def drop_all(_evaluated: list[bytes], proof: bytes) -> tuple[list[bytes], bytes]:
    return [], proof


def repeat_element(evaluated: list[bytes], proof: bytes) -> tuple[list[bytes], bytes]:
    return [*evaluated, evaluated[-1]], proof


def truncate_proof(evaluated: list[bytes], proof: bytes) -> tuple[list[bytes], bytes]:
    return evaluated, proof[:-1]


def overflow_proof(evaluated: list[bytes], proof: bytes) -> tuple[list[bytes], bytes]:
    return evaluated, proof[:32] + b"\xff" * 32


@pytest.mark.parametrize(
    "damage",
    [damage_element, damage_encoding, drop_element, drop_all, repeat_element, truncate_proof, overflow_proof],
)
def test_an_answer_that_is_not_even_well_formed_names_the_share_too(
    damage: Callable[[list[bytes], bytes], tuple[list[bytes], bytes]],
) -> None:
    share = SHARES[2]
    elements = [one.blinded_element for one in blind_batch(INPUTS, os.urandom)]
    evaluated, proof = damage(*blind_evaluate(share.sk, share.pk, elements, os.urandom))
    with pytest.raises(ProofInvalid) as caught:
        verify_evaluation(share.pk, elements, evaluated, proof, index=2)
    assert caught.value.index == 2


def test_a_share_that_is_asked_without_a_name_is_refused_without_one() -> None:
    elements = [blind(b"x", os.urandom).blinded_element]
    with pytest.raises(ProofInvalid) as caught:
        verify_evaluation(SHARES[1].pk, elements, elements, bytes(64))
    assert caught.value.index is None


def test_the_answer_of_one_share_does_not_pass_for_another() -> None:
    elements = [one.blinded_element for one in blind_batch(INPUTS, os.urandom)]
    evaluated, proof = blind_evaluate(SHARES[1].sk, SHARES[1].pk, elements, os.urandom)
    with pytest.raises(ProofInvalid, match="share 2"):
        verify_evaluation(SHARES[2].pk, elements, evaluated, proof, index=2)


@pytest.mark.parametrize("indexes", [(), (1,), (1, 2, 3)])
def test_fewer_or_more_evaluations_than_the_threshold_are_refused(indexes: tuple[int, ...]) -> None:
    one = blind(INPUTS[0], os.urandom)
    answers = {index: elements[0] for index, elements in evaluations([one], indexes).items()}
    with pytest.raises(BadThreshold):
        combine(one.blind, answers, threshold=2)


def test_lists_of_another_length_than_the_batch_are_refused() -> None:
    blinded = blind_batch(INPUTS, os.urandom)
    answers = evaluations(blinded, (1, 3))
    answers[3] = answers[3][:-1]
    with pytest.raises(BadInput):
        combine_batch([one.blind for one in blinded], answers, threshold=2)


def test_answers_under_each_others_index_do_not_give_the_token() -> None:
    one = blind(INPUTS[0], os.urandom)
    answers = {index: elements[0] for index, elements in evaluations([one], (1, 2)).items()}
    assert combine(one.blind, {1: answers[2], 2: answers[1]}, threshold=2) != TOKENS[0]


@pytest.mark.parametrize("indexes", [(), (0, 1), (-1, 1), (1, MAX_SHARES + 1), (1, 1)])
def test_impossible_share_indexes_have_no_coefficients(indexes: tuple[int, ...]) -> None:
    with pytest.raises(BadThreshold):
        lagrange_coefficients(indexes)


@pytest.mark.parametrize("element", [IDENTITY, b"", b"\xff" * 32])
def test_a_bad_element_never_reaches_a_token(element: bytes) -> None:
    one = blind(INPUTS[0], os.urandom)
    [good] = evaluations([one], (1,))[1]
    with pytest.raises(BadElement):
        combine(one.blind, {1: good, 2: element}, threshold=2)


def test_shares_that_add_up_to_the_identity_give_no_token() -> None:
    first = hash_to_group(b"x", Mode.VOPRF)
    weights = lagrange_coefficients((1, 2))
    # lambda_1 = 2 and lambda_2 = -1, so -lambda_1 / lambda_2 = 2 times the first element cancels it.
    second = multiply(scalar_mul(scalar_negate(weights[1]), weights[2]), first)
    with pytest.raises(BadElement):
        combine(scalar_from_int(1), {1: first, 2: second}, threshold=2)


@pytest.mark.parametrize("bad", [bytes(32), L.to_bytes(32, "little"), b""])
def test_a_bad_blind_in_a_batch_is_refused(bad: bytes) -> None:
    good = scalar_from_int(5)
    with pytest.raises(BadScalar):
        unblinding_scalars([good, bad, good], (1, 2))


def test_an_empty_batch_combines_to_nothing() -> None:
    assert combine_batch([], {1: [], 2: []}, threshold=2) == []


def test_dealt_public_keys_agree_with_the_joint_key() -> None:
    keys = {index: share.pk for index, share in SHARES.items()}
    verify_share_public_keys(DEALING.joint_public_key, keys, 2)
    for pair in PAIRS:
        verify_share_public_keys(DEALING.joint_public_key, {index: keys[index] for index in pair}, 2)


@pytest.mark.parametrize("index", SHARES)
def test_one_foreign_public_key_is_found(index: int) -> None:
    keys = {i: share.pk for i, share in SHARES.items()} | {index: multiply_base(scalar_from_int(99))}
    with pytest.raises(SharesDisagree):
        verify_share_public_keys(DEALING.joint_public_key, keys, 2)


def test_public_keys_of_another_joint_key_or_under_swapped_indexes_are_found() -> None:
    keys = {index: share.pk for index, share in SHARES.items()}
    with pytest.raises(SharesDisagree):
        verify_share_public_keys(multiply_base(scalar_from_int(99)), keys, 2)
    with pytest.raises(SharesDisagree):
        verify_share_public_keys(DEALING.joint_public_key, {1: keys[2], 2: keys[1], 3: keys[3]}, 2)


@pytest.mark.parametrize(("indexes", "threshold"), [((), 1), ((1,), 2), ((1, 2), 3), ((1, 2, 3), 0)])
def test_too_few_public_keys_prove_nothing(indexes: tuple[int, ...], threshold: int) -> None:
    with pytest.raises(BadThreshold):
        verify_share_public_keys(DEALING.joint_public_key, {index: SHARES[index].pk for index in indexes}, threshold)


@settings(max_examples=examples(30))
@given(st.data())
def test_any_threshold_of_any_dealing_gives_the_token(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 7), label="count")
    threshold = data.draw(st.integers(1, count), label="threshold")
    seeded = random_module.Random(data.draw(st.integers(0, 2**64), label="seed")).randbytes
    secret = scalar_from_int(data.draw(st.integers(1, L - 1), label="secret"))
    text = data.draw(st.binary(max_size=64), label="input")
    dealing = deal(secret, threshold, count, seeded)
    chosen = data.draw(st.permutations(dealing.shares), label="order")[:threshold]
    one = blind(text, seeded)
    answers = {share.index: blind_evaluate_unverifiable(share.sk, [one.blinded_element])[0] for share in chosen}
    assert combine(one.blind, answers, threshold=threshold) == multiply(secret, hash_to_group(text, Mode.VOPRF))
    verify_share_public_keys(dealing.joint_public_key, {share.index: share.pk for share in dealing.shares}, threshold)


@given(st.sets(st.integers(1, MAX_SHARES), min_size=1, max_size=6), st.data())
def test_lagrange_coefficients_take_any_polynomial_to_its_value_at_zero(indexes: set[int], data: st.DataObject) -> None:
    coefficients = data.draw(st.lists(st.integers(0, L - 1), min_size=len(indexes), max_size=len(indexes)))
    weights = lagrange_coefficients(indexes)
    at_zero = sum(
        int.from_bytes(weights[x], "little") * sum(c * pow(x, power, L) for power, c in enumerate(coefficients))
        for x in indexes
    )
    assert at_zero % L == coefficients[0]


@given(st.lists(st.integers(1, L - 1), min_size=1, max_size=8))
def test_unblinding_a_batch_equals_unblinding_one_by_one(blinds: list[int]) -> None:
    encoded = [scalar_from_int(blind_scalar) for blind_scalar in blinds]
    batch = unblinding_scalars(encoded, (1, 3))
    assert batch == [unblinding_scalars([one], (1, 3))[0] for one in encoded]
    for scalars, blind_scalar in zip(batch, blinds, strict=True):
        for index, weight in lagrange_coefficients((1, 3)).items():
            assert int.from_bytes(scalars[index], "little") * blind_scalar % L == int.from_bytes(weight, "little")


def test_one_share_alone_says_nothing_of_the_token() -> None:
    blinded = blind(INPUTS[0], os.urandom)
    [evaluated] = evaluations([blinded], (1,))[1]
    alone = combine(blinded.blind, {1: evaluated}, threshold=1)
    assert alone != TOKENS[0]
    assert add(subtract(TOKENS[0], alone), alone) == TOKENS[0]
