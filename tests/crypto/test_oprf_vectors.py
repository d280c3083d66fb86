"""Every vector of RFC 9497, appendix A.1.1 and A.1.2, through the functions that the product calls."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crypto.oprf.client import Blinded, blind, finalize, finalize_verifiable
from crypto.oprf.dleq import generate_proof
from crypto.oprf.group import GENERATOR, multiply_base
from crypto.oprf.server import blind_evaluate, blind_evaluate_unverifiable
from crypto.oprf.suite import Mode, derive_key_pair, hash_to_group

FILE = Path(__file__).parents[1] / "vectors" / "rfc9497_ristretto255_vectors.json"
SUITES = {suite["mode"]: suite for suite in json.loads(FILE.read_text())["suites"]}
VECTORS = [(mode, vector) for mode, suite in SUITES.items() for vector in suite["vectors"]]
NAMES = [f"{SUITES[mode]['mode_name']}-{n}" for n, (mode, _vector) in enumerate(VECTORS)]
each_vector = pytest.mark.parametrize(("mode", "vector"), VECTORS, ids=NAMES)


def unhex(values: list[str]) -> list[bytes]:
    return [bytes.fromhex(value) for value in values]


def giving(scalar: bytes) -> Callable[..., bytes]:
    """A source of randomness from which random_scalar makes `scalar`: a reduced value survives the wide reduction."""
    return lambda size: scalar.ljust(size, b"\x00")


def keys(mode: Mode) -> tuple[bytes, bytes]:
    suite = SUITES[mode]
    return derive_key_pair(bytes.fromhex(suite["seed"]), bytes.fromhex(suite["keyInfo"]), Mode(mode))


@pytest.mark.parametrize("mode", sorted(SUITES))
def test_derive_key_pair_gives_the_private_key_of_the_page(mode: Mode) -> None:
    skS, pkS = keys(mode)
    assert skS.hex() == SUITES[mode]["skSm"]
    assert pkS == multiply_base(skS)


def test_derive_key_pair_gives_the_public_key_of_the_page() -> None:
    assert keys(Mode.VOPRF)[1].hex() == SUITES[Mode.VOPRF]["pkSm"]


@pytest.mark.parametrize("mode", sorted(SUITES))
def test_the_context_string_makes_the_group_tag_of_the_page(mode: Mode) -> None:
    assert (b"HashToGroup-" + Mode(mode).context_string).hex() == SUITES[mode]["groupDST"]


@each_vector
def test_blind_gives_the_blinded_elements_of_the_page(mode: Mode, vector: dict[str, Any]) -> None:
    for text, scalar, expected in zip(
        unhex(vector["input"]), unhex(vector["blind"]), vector["blindedElement"], strict=True
    ):
        blinded = blind(text, giving(scalar), mode=Mode(mode))
        assert blinded.blind == scalar
        assert blinded.blinded_element.hex() == expected


@each_vector
def test_evaluation_gives_the_elements_of_the_page(mode: Mode, vector: dict[str, Any]) -> None:
    evaluated = blind_evaluate_unverifiable(keys(mode)[0], unhex(vector["blindedElement"]))
    assert [element.hex() for element in evaluated] == vector["evaluationElement"]


@each_vector
def test_finalize_gives_the_outputs_of_the_page(mode: Mode, vector: dict[str, Any]) -> None:
    outputs = [
        finalize(*parts).hex()
        for parts in zip(
            unhex(vector["input"]), unhex(vector["blind"]), unhex(vector["evaluationElement"]), strict=True
        )
    ]
    assert outputs == vector["output"]


VERIFIABLE = [pytest.param(vector, id=name) for (mode, vector), name in zip(VECTORS, NAMES, strict=True) if mode == 1]


@pytest.mark.parametrize("vector", VERIFIABLE)
def test_the_server_gives_the_elements_and_the_proof_of_the_page(vector: dict[str, Any]) -> None:
    skS, pkS = keys(Mode.VOPRF)
    random = giving(bytes.fromhex(vector["proofRandomScalar"]))
    evaluated, proof = blind_evaluate(skS, pkS, unhex(vector["blindedElement"]), random)
    assert [element.hex() for element in evaluated] == vector["evaluationElement"]
    assert proof.hex() == vector["proof"]


@pytest.mark.parametrize("vector", VERIFIABLE)
def test_generate_proof_gives_the_proof_of_the_page(vector: dict[str, Any]) -> None:
    skS, pkS = keys(Mode.VOPRF)
    C, D = unhex(vector["blindedElement"]), unhex(vector["evaluationElement"])
    proof = generate_proof(skS, GENERATOR, pkS, C, D, r=bytes.fromhex(vector["proofRandomScalar"]))
    assert proof.hex() == vector["proof"]


@pytest.mark.parametrize("vector", VERIFIABLE)
def test_the_client_verifies_the_proof_of_the_page_and_gives_its_outputs(vector: dict[str, Any]) -> None:
    blinded = [
        Blinded(blind=scalar, blinded_element=element)
        for scalar, element in zip(unhex(vector["blind"]), unhex(vector["blindedElement"]), strict=True)
    ]
    outputs = finalize_verifiable(
        unhex(vector["input"]),
        blinded,
        unhex(vector["evaluationElement"]),
        bytes.fromhex(SUITES[Mode.VOPRF]["pkSm"]),
        bytes.fromhex(vector["proof"]),
    )
    assert [output.hex() for output in outputs] == vector["output"]


def test_the_two_modes_hash_one_input_to_different_elements() -> None:
    assert hash_to_group(b"x", Mode.OPRF) != hash_to_group(b"x", Mode.VOPRF)
