"""Two committees of one key: any threshold of either gives the same token, and nobody can mix them."""

import os
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto.errors import ProofInvalid
from crypto.oprf.client import blind
from crypto.oprf.group import multiply, random_scalar
from crypto.oprf.suite import Mode, hash_to_group
from crypto.oprf.threshold import Dealing, combine, deal, verify_evaluation
from custodian.evaluation import evaluate
from protocol.messages.evaluations import EvaluationAnswer, EvaluationRequest
from tests.support.share_books import a_share

sizes = st.tuples(st.integers(1, 4), st.integers(0, 3)).map(lambda size: (size[0], size[0] + size[1]))


def asked(dealing: Dealing, index: int, committee: int, element: bytes) -> EvaluationAnswer:
    """The answer of the member of that index."""
    request = EvaluationRequest(epoch=1, committee=committee, blinded_elements=(element,))
    return evaluate([a_share(dealing, index, committee=committee)], request, os.urandom)


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=40), sizes, sizes, st.randoms(use_true_random=False))
def test_any_threshold_of_either_committee_gives_the_same_token(
    text: bytes, old: tuple[int, int], new: tuple[int, int], chance: random.Random
) -> None:
    secret = random_scalar(os.urandom)
    for number, (threshold, count) in enumerate((old, new), start=1):
        dealing = deal(secret, threshold, count, os.urandom)
        blinded = blind(text, os.urandom)
        answers = {}
        for index in chance.sample(range(1, count + 1), threshold):
            answer = asked(dealing, index, number, blinded.blinded_element)
            pk = dealing.shares[index - 1].pk
            verify_evaluation(pk, [blinded.blinded_element], answer.evaluated_elements, answer.proof)
            answers[index] = answer.evaluated_elements[0]
        token = combine(blinded.blind, answers, threshold=threshold)
        assert token == multiply(secret, hash_to_group(text, Mode.VOPRF))


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=40), st.integers(2, 4))
def test_shares_of_two_committees_do_not_combine_and_proofs_name_the_wrong_one(text: bytes, threshold: int) -> None:
    secret = random_scalar(os.urandom)
    old, new = (deal(secret, threshold, threshold + 1, os.urandom) for _ in range(2))
    blinded = blind(text, os.urandom)
    element = blinded.blinded_element
    answers = {index: asked(old, index, 1, element) for index in range(1, threshold)}
    answers[threshold] = asked(new, threshold, 2, element)
    with pytest.raises(ProofInvalid):
        verify_evaluation(
            old.shares[threshold - 1].pk, [element], answers[threshold].evaluated_elements, answers[threshold].proof
        )
    mixed = {index: answer.evaluated_elements[0] for index, answer in answers.items()}
    assert combine(blinded.blind, mixed, threshold=threshold) != multiply(secret, hash_to_group(text, Mode.VOPRF))
