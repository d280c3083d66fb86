"""The token vectors hold in arithmetic that shares nothing with ours: plain integers, RFC 9496 and RFC 9497."""

import hashlib
import hmac
import json
from itertools import combinations
from typing import Any

import pytest

from crypto.errors import CryptoRefusal
from crypto.oprf import group
from crypto.oprf.threshold import verify_evaluation
from docs.spec.make_vectors import FOLDER
from tests.spec import slow_ristretto as slow
from tests.spec.lagrange import lagrange, number

VECTORS = json.loads((FOLDER / "tokens.json").read_bytes())
TOKENS, BATCH, REFUSED = VECTORS["tokens"], VECTORS["batch"], VECTORS["refused"]
SHARES = {each["index"]: each for each in VECTORS["shares"]}
GENERATOR = slow.decode(group.GENERATOR)


def unhex(texts: list[str]) -> list[bytes]:
    return [bytes.fromhex(each) for each in texts]


def times(scalar: int, element: bytes) -> bytes:
    return slow.encode(slow.multiply(scalar, slow.decode(element)))


def check_proof(pk: bytes, asked: list[bytes], evaluation: dict[str, Any]) -> None:
    """Verify, and make again from k and r, as RFC 9497 section 2.2 says."""
    evaluated = unhex(evaluation["evaluated_elements_hex"])
    m, z = slow.composites(pk, asked, evaluated)
    assert (slow.encode(m).hex(), slow.encode(z).hex()) == (
        evaluation["composite_M_hex"],
        evaluation["composite_Z_hex"],
    )
    c, s = number(evaluation["proof_hex"][:64]), number(evaluation["proof_hex"][64:])
    t2 = slow.add(slow.multiply(s, GENERATOR), slow.multiply(c, slow.decode(pk)))
    t3 = slow.add(slow.multiply(s, m), slow.multiply(c, z))
    assert slow.challenge(pk, m, z, t2, t3) == c
    k, r = number(SHARES[evaluation["index"]]["sk_hex"]), number(evaluation["r_hex"])
    assert slow.encode(slow.multiply(r, GENERATOR)) == slow.encode(t2)
    assert (r - c * k) % slow.L == s


def test_the_shares_lie_on_one_line_whose_beginning_is_the_joint_key() -> None:
    k1, k2, k3 = (number(SHARES[index]["sk_hex"]) for index in (1, 2, 3))
    assert (k3 - k2 - (k2 - k1)) % slow.L == 0
    assert slow.encode(slow.multiply((2 * k1 - k2) % slow.L, GENERATOR)).hex() == VECTORS["joint_public_key_hex"]
    for share in SHARES.values():
        assert slow.encode(slow.multiply(number(share["sk_hex"]), GENERATOR)).hex() == share["pk_hex"]


def test_the_lagrange_coefficients_are_those_of_every_pair() -> None:
    assert [tuple(each["indexes"]) for each in VECTORS["lagrange"]] == list(combinations(SHARES, 2))
    for each in VECTORS["lagrange"]:
        expected = {str(index): lagrange(index, each["indexes"]) for index in each["indexes"]}
        assert {index: number(text) for index, text in each["coefficients_hex"].items()} == expected


@pytest.mark.parametrize("token", TOKENS, ids=lambda token: token["typed"]["domain"])
def test_every_pair_of_shares_gives_the_same_token_in_plain_integers(token: dict[str, Any]) -> None:
    point = slow.hash_to_group(bytes.fromhex(token["oprf_input_hex"]))
    blind, asked = number(token["blind_hex"]), bytes.fromhex(token["blinded_element_hex"])
    assert slow.encode(point).hex() == token["input_element_hex"]
    assert slow.encode(slow.multiply(blind, point)) == asked
    evaluated = {each["index"]: unhex(each["evaluated_elements_hex"])[0] for each in token["evaluations"]}
    for index, share in SHARES.items():
        assert times(number(share["sk_hex"]), asked) == evaluated[index]
    joint = 2 * number(SHARES[1]["sk_hex"]) - number(SHARES[2]["sk_hex"])
    wanted = slow.encode(slow.multiply(joint % slow.L, point)).hex()
    for each in token["combinations"]:
        scalars = {
            index: lagrange(index, each["indexes"]) * pow(blind, -1, slow.L) % slow.L for index in each["indexes"]
        }
        assert {int(index): number(text) for index, text in each["unblinding_scalars_hex"].items()} == scalars
        total = slow.ZERO
        for index, scalar in scalars.items():
            total = slow.add(total, slow.multiply(scalar, slow.decode(evaluated[index])))
        assert slow.encode(total).hex() == each["token_hex"] == wanted


@pytest.mark.parametrize("token", TOKENS, ids=lambda token: token["typed"]["domain"])
def test_the_proof_of_one_element_is_that_of_rfc_9497(token: dict[str, Any]) -> None:
    for evaluation in token["evaluations"]:
        pk = bytes.fromhex(SHARES[evaluation["index"]]["pk_hex"])
        check_proof(pk, unhex([token["blinded_element_hex"]]), evaluation)


def test_the_proof_of_a_batch_is_that_of_rfc_9497() -> None:
    assert BATCH["blinded_elements_hex"] == [token["blinded_element_hex"] for token in TOKENS]
    for evaluation in BATCH["evaluations"]:
        pk = bytes.fromhex(SHARES[evaluation["index"]]["pk_hex"])
        check_proof(pk, unhex(BATCH["blinded_elements_hex"]), evaluation)


def test_the_index_keys_are_truncated_hmacs_of_the_token() -> None:
    pepper, domains = bytes.fromhex(VECTORS["index"]["pepper_hex"]), VECTORS["index"]["domain_hex"]
    for token in TOKENS:
        element = bytes.fromhex(token["combinations"][0]["token_hex"])
        for name, key in token["index_keys_hex"].items():
            assert hmac.digest(pepper, bytes.fromhex(domains[name]) + element, hashlib.sha256)[:16].hex() == key
        assert token["typed"]["domain"] in domains


def test_the_input_of_a_token_is_the_one_of_the_identity_vectors() -> None:
    cases = json.loads((FOLDER / "identifiers.json").read_bytes())["cases"]
    [typed] = [each for each in cases if each["text"] == TOKENS[0]["typed"]["text"]]
    assert typed["oprf_input_hex"] == TOKENS[0]["oprf_input_hex"]


@pytest.mark.parametrize("case", REFUSED["elements"], ids=lambda case: case["why"])
def test_a_bad_element_is_refused_by_both(case: dict[str, Any]) -> None:
    with pytest.raises(CryptoRefusal):
        group.check_element(bytes.fromhex(case["hex"]))
    if case["why"] != "the identity":  # which is an element, only not one that is let in
        with pytest.raises(ValueError, match="not an element"):
            slow.decode(bytes.fromhex(case["hex"]))


@pytest.mark.parametrize("case", REFUSED["scalars"], ids=lambda case: case["why"])
def test_a_bad_scalar_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(CryptoRefusal):
        group.check_scalar(bytes.fromhex(case["hex"]))
    assert number(case["hex"]) in {0, *range(slow.L, slow.L + 2)}


@pytest.mark.parametrize("case", REFUSED["evaluations"], ids=lambda case: case["why"])
def test_a_bad_evaluation_is_refused(case: dict[str, Any]) -> None:
    asked, evaluated = unhex(case["blinded_elements_hex"]), unhex(case["evaluated_elements_hex"])
    with pytest.raises(CryptoRefusal):
        verify_evaluation(bytes.fromhex(case["pk_hex"]), asked, evaluated, bytes.fromhex(case["proof_hex"]))
