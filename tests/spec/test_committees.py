"""The vectors of committees hold in plain integers, and a custodian of the vectors gives nothing away by a refusal."""

import json
from itertools import combinations
from typing import Any

import pytest

from crypto.errors import ProofInvalid
from crypto.oprf.threshold import verify_evaluation
from docs.spec.make_vectors import FOLDER
from protocol.messages.evaluations import CustodianKey, EvaluationAnswer, EvaluationRequest
from protocol.wire.codec import read
from tests.spec import slow_ristretto as slow
from tests.spec.lagrange import lagrange, number

VECTORS = json.loads((FOLDER / "committees.json").read_bytes())
COMMITTEES = {each["committee"]: each for each in VECTORS["committees"]}
EXCHANGES = VECTORS["custodian"]["exchanges"]


def combined(scalars: dict[int, int], elements: dict[int, bytes]) -> str:
    total = slow.ZERO
    for index, scalar in scalars.items():
        total = slow.add(total, slow.multiply(scalar, slow.decode(elements[index])))
    return slow.encode(total).hex()


@pytest.mark.parametrize("canary", VECTORS["canaries"], ids=lambda canary: canary["epoch"])
def test_the_canary_is_the_hash_of_its_input(canary: dict[str, Any]) -> None:
    element = slow.hash_to_group(b"clearline/canary/v1\n%d" % canary["epoch"])
    assert slow.encode(element).hex() == canary["element_hex"]


@pytest.mark.parametrize("committee", COMMITTEES.values(), ids=COMMITTEES)
def test_every_threshold_of_a_committee_has_the_joint_key_and_gives_the_canary(committee: dict[str, Any]) -> None:
    shares = {share["index"]: share for share in committee["shares"]}
    canary = bytes.fromhex(VECTORS["canaries"][0]["element_hex"])
    for share in shares.values():
        times = slow.multiply(number(share["sk_hex"]), slow.decode(canary))
        assert slow.encode(times).hex() == share["canary_hex"]
    for indexes in combinations(shares, committee["threshold"]):
        weights = {index: lagrange(index, list(indexes)) for index in indexes}
        for name, wanted in (("pk_hex", "joint_public_key_hex"), ("canary_hex", "canary_hex")):
            assert combined(weights, {i: bytes.fromhex(shares[i][name]) for i in indexes}) == VECTORS[wanted]


def test_both_committees_combine_to_the_same_token() -> None:
    token = VECTORS["token"]
    point = slow.hash_to_group(bytes.fromhex(token["oprf_input_hex"]))
    blind, asked = number(token["blind_hex"]), slow.decode(bytes.fromhex(token["blinded_element_hex"]))
    assert slow.encode(slow.multiply(blind, point)) == slow.encode(asked)
    assert len({each["token_hex"] for each in token["combinations"]}) == 1
    for each in token["combinations"]:
        shares = {share["index"]: number(share["sk_hex"]) for share in COMMITTEES[each["committee"]]["shares"]}
        evaluated = {index: slow.encode(slow.multiply(shares[index], asked)) for index in each["indexes"]}
        unblinded = pow(blind, -1, slow.L)
        weights = {index: lagrange(index, each["indexes"]) * unblinded % slow.L for index in each["indexes"]}
        assert combined(weights, evaluated) == each["token_hex"]


@pytest.mark.parametrize("case", VECTORS["refused_evaluations"], ids=lambda case: case["why"])
def test_an_evaluation_of_another_committees_share_is_refused(case: dict[str, Any]) -> None:
    asked, evaluated = (
        [bytes.fromhex(each) for each in case[f"{name}_elements_hex"]] for name in ("blinded", "evaluated")
    )
    with pytest.raises(ProofInvalid):
        verify_evaluation(bytes.fromhex(case["pk_hex"]), asked, evaluated, bytes.fromhex(case["proof_hex"]))


def test_each_answer_carries_the_proof_of_the_committee_that_was_asked_for() -> None:
    answered = [each for each in EXCHANGES if "answer" in each and "body" in each["request"]]
    assert len(answered) == 3
    for each in answered:
        request = read(EvaluationRequest, json.loads(each["request"]["body"]))
        answer = read(EvaluationAnswer, each["answer"])
        assert (answer.committee, answer.index) == (request.committee, 1)
        pk = bytes.fromhex(COMMITTEES[request.committee]["shares"][0]["pk_hex"])
        verify_evaluation(pk, request.blinded_elements, answer.evaluated_elements, answer.proof)


def test_the_key_tells_both_committees_and_no_pending_or_ended_one() -> None:
    key = read(CustodianKey, EXCHANGES[0]["answer"])
    assert [each.committee for each in key.committees] == VECTORS["custodian"]["serves"] == [1, 2]
    assert key.public_key == bytes.fromhex(COMMITTEES[2]["shares"][0]["pk_hex"])


def test_refusals_do_not_tell_a_pending_or_an_ended_share_from_none() -> None:
    unknown = [each for each in EXCHANGES if "committee-unknown" in str(each.get("problem"))]
    assert [json.loads(each["request"]["body"])["committee"] for each in unknown] == [3, 4, 5]
    assert len({json.dumps(each["problem"]) for each in unknown}) == 1
