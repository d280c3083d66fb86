"""A custodian's tally: its one form, its bounds, and the vectors of its page."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from docs.spec.make_vectors import FOLDER
from protocol.messages.tallies import (
    MAX_CARRIERS,
    MAX_ELEMENTS,
    EvaluationTally,
    TallyCode,
    TallyInvalid,
    read_tally,
    tally_payload,
)
from tests.support.tallies import a_tally

VECTORS = json.loads((FOLDER / "tallies.json").read_bytes())


def code_of(call: Callable[..., EvaluationTally]) -> TallyCode:
    with pytest.raises(TallyInvalid) as refused:
        call()
    return refused.value.code


def test_a_tally_is_read_back_as_it_was_written() -> None:
    assert read_tally(tally_payload(a_tally())) == a_tally()
    assert a_tally().total == 402


def test_a_day_without_work_is_a_tally_of_nothing() -> None:
    assert read_tally(tally_payload(a_tally(carriers={}))).total == 0


@pytest.mark.parametrize("case", VECTORS["tallies"], ids=lambda case: str(case["claims"]["total"]))
def test_a_tally_of_the_vectors_is_read(case: dict[str, Any]) -> None:
    assert read_tally(case["payload"].encode()) == EvaluationTally.from_wire(case["claims"])


@pytest.mark.parametrize("case", VECTORS["refused_payloads"], ids=lambda case: case["why"])
def test_a_payload_of_the_vectors_is_refused_for_its_reason(case: dict[str, Any]) -> None:
    assert code_of(lambda: read_tally(case["payload"].encode())) == case["refused"]


def test_every_reason_has_a_vector() -> None:
    assert {each["refused"] for each in VECTORS["refused_payloads"]} == set(TallyCode)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"custodian": ""}, TallyCode.WRONG_CUSTODIAN),
        ({"custodian": "-a"}, TallyCode.WRONG_CUSTODIAN),
        ({"custodian": "a" * 65}, TallyCode.WRONG_CUSTODIAN),
        ({"custodian": "a\n"}, TallyCode.WRONG_CUSTODIAN),
        ({"epoch": 0}, TallyCode.WRONG_EPOCH),
        ({"epoch": 2**31}, TallyCode.WRONG_EPOCH),
        ({"epoch": True}, TallyCode.WRONG_EPOCH),
        ({"share_index": 256}, TallyCode.WRONG_SHARE_INDEX),
        ({"carriers": {"carrier-a": -1}}, TallyCode.WRONG_CARRIERS),
        ({"carriers": {"carrier-a": 1.0}}, TallyCode.WRONG_CARRIERS),
        ({"carriers": {"carrier-a": MAX_ELEMENTS + 1}}, TallyCode.WRONG_CARRIERS),
        ({"carriers": {f"c{n}": 1 for n in range(MAX_CARRIERS + 1)}}, TallyCode.WRONG_CARRIERS),
    ],
)
def test_what_is_out_of_bounds_is_not_even_made(changes: dict[str, Any], code: TallyCode) -> None:
    assert code_of(lambda: a_tally(**changes)) is code


@pytest.mark.parametrize("payload", [b"", b"[]", b"{}", b"{" * 10_000, b"1" * 20_000, b'"\xff"', b"null"])
def test_what_is_no_object_is_refused_and_never_repeated(payload: bytes) -> None:
    with pytest.raises(TallyInvalid) as refused:
        read_tally(payload)
    assert str(refused.value) in set(TallyCode)


def test_the_widest_tally_fits_its_token() -> None:
    widest = VECTORS["tallies"][2]
    assert len(widest["claims"]["carriers"]) == MAX_CARRIERS
    assert len(widest["token"]) < 16_384
