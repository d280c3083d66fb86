"""The vectors are what the script writes, and the pages say of codes and bounds what the code does."""

import gzip
import json
import re

import pytest

from crypto.oprf.threshold import verify_evaluation
from custodian.app import MAX_BODY
from docs.spec import evaluation_vectors, make_vectors, signature_vectors
from protocol.encodings import b64url_decode
from protocol.messages.evaluations import MAX_ELEMENTS
from protocol.problems import Problem

SPEC = make_vectors.FOLDER.parent
EXCHANGES = json.loads((make_vectors.FOLDER / "evaluation.json").read_bytes())
COMMITTEES = json.loads((make_vectors.FOLDER / "committees.json").read_bytes())
ROW = re.compile(r"^\| (\d{3}) \| `([a-z-]+)` \|", re.MULTILINE)


def page(name: str) -> str:
    return (SPEC / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name",
    [
        "activations.json",
        "attestations.json",
        "tokens.json",
        "signatures.json",
        "statements.json",
        "tallies.json",
        "evidence.json",
        "evaluation.json",
        "committees.json",
        "grade-reviews.json",
        "listing.json",
        "record-batches.json",
        "transparency-log.json",
        "openings.json",
    ],
)
def test_the_committed_vectors_are_what_the_script_writes(name: str) -> None:
    assert (make_vectors.FOLDER / name).read_bytes() == make_vectors.files()[name]


def test_the_index_names_every_page_and_every_vector_file() -> None:
    index = page("README.md")
    for name in [*(each.name for each in SPEC.glob("*.md") if each.name != "README.md"), *make_vectors.files()]:
        assert name in index, name


def test_the_page_of_evaluations_names_every_problem_of_the_vectors_and_only_real_ones() -> None:
    named = {(int(status), name) for status, name in ROW.findall(page("evaluation.md"))}
    exchanges = EXCHANGES["exchanges"] + COMMITTEES["custodian"]["exchanges"]
    problems = [each["problem"] for each in exchanges if "problem" in each]
    assert {(each["status"], each["type"].removeprefix("urn:clearline:problem:")) for each in problems} <= named
    assert named <= {(each.value.status, each.value.name) for each in Problem}


def test_the_page_of_evaluations_states_the_bounds_of_the_code() -> None:
    assert f"1 to {MAX_ELEMENTS:,} elements" in page("evaluation.md")
    assert f"{MAX_BODY:,} bytes" in page("evaluation.md")


def test_the_evaluation_of_the_vectors_carries_its_proof() -> None:
    good = EXCHANGES["exchanges"][0]
    asked = json.loads(good["request"]["body"])["blinded_elements"]
    verify_evaluation(
        bytes.fromhex(EXCHANGES["custodian"]["public_key_hex"]),
        [b64url_decode(each, length=32) for each in asked],
        [b64url_decode(each, length=32) for each in good["answer"]["evaluated_elements"]],
        b64url_decode(good["answer"]["proof"], length=64),
    )


def test_the_compressed_body_of_the_vectors_is_the_body() -> None:
    assert gzip.decompress(signature_vectors.GZIPPED) == signature_vectors.BODY


def test_the_custodian_of_the_vectors_answers_the_same_again() -> None:
    assert evaluation_vectors.content() == EXCHANGES
