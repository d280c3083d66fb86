"""Every attack of tests/vectors/tlog_attacks.json is refused for its reason, and what it was made from is accepted."""

import json
from pathlib import Path
from typing import Any

import pytest

from crypto.errors import TlogRefused
from crypto.tlog.bundles import verify_bundle
from crypto.tlog.checkpoint import Checkpoint, open_checkpoint
from crypto.tlog.keys import parse_vkey
from crypto.tlog.merkle import verify_consistency, verify_inclusion
from crypto.tlog.proof import parse_receipt, verify_receipt
from crypto.tlog.quorum import Quorum, verify_quorum
from crypto.tlog.text import parse_decimal, parse_hash
from crypto.tlog.tiles import parse_entries_path, parse_tile_path
from crypto.tlog.witness import check_submission, parse_add_checkpoint
from tests.support.cells import every_cell

FILE = json.loads((Path(__file__).parents[1] / "vectors" / "tlog_attacks.json").read_bytes())
LOG = {"origin": FILE["origin"], "log_keys": [parse_vkey(FILE["log"])]}
QUORUM = Quorum(witnesses=tuple(map(parse_vkey, FILE["witnesses"])), threshold=FILE["threshold"], faults=FILE["faults"])
BEYOND_CODES = {"why", "read", "refused"}


def raw(case: dict[str, Any]) -> bytes:
    return bytes.fromhex(case["raw_hex"]) if "raw_hex" in case else case["text"].encode()


def numbers_and_hashes(case: dict[str, Any]) -> dict[str, Any]:
    """The members of a case that are arguments: hashes from hexadecimal, numbers as they are."""
    given = {name: value for name, value in case.items() if name not in BEYOND_CODES}
    return given | {
        name: bytes.fromhex(value) if isinstance(value, str) else [bytes.fromhex(each) for each in value]
        for name, value in given.items()
        if not isinstance(value, int)
    }


def receipt(case: dict[str, Any]) -> None:
    verify_receipt(parse_receipt(raw(case)), bytes.fromhex(case["leaf_hex"]), **LOG)


def submission(case: dict[str, Any]) -> None:
    held = case["held"]
    if held is not None:
        held = Checkpoint(origin=FILE["origin"], size=held["size"], root=bytes.fromhex(held["root_hex"]))
    check_submission(parse_add_checkpoint(raw(case)), held=held, **LOG)


def bundle(case: dict[str, Any]) -> None:
    tile = parse_entries_path(case["path"])
    verify_bundle(bytes.fromhex(case["bundle_hex"]), tile, bytes.fromhex(case["tile_hex"]))


READERS = {
    "decimal": lambda case: parse_decimal(case["text"]),
    "hash": lambda case: parse_hash(case["text"]),
    "tile-path": lambda case: parse_tile_path(case["text"]),
    "entries-path": lambda case: parse_entries_path(case["text"]),
    "vkey": lambda case: parse_vkey(case["text"]),
    "checkpoint": lambda case: open_checkpoint(raw(case), **LOG),
    "witnessed": lambda case: verify_quorum(open_checkpoint(raw(case), **LOG), QUORUM, latest=FILE["latest"]),
    "receipt": receipt,
    "add-checkpoint": submission,
    "inclusion": lambda case: verify_inclusion(**numbers_and_hashes(case)),
    "consistency": lambda case: verify_consistency(**numbers_and_hashes(case)),
    "bundle": bundle,
}


def name_of(case: dict[str, Any]) -> str:
    return f"{case['read']}: {case['why']}"


def attacks_on(reader: str) -> list[dict[str, Any]]:
    return [case for case in FILE["attacks"] if case["read"] == reader]


@pytest.mark.parametrize("case", FILE["accepted"], ids=name_of)
def test_what_the_attacks_were_made_from_is_accepted(case: dict[str, Any]) -> None:
    READERS[case["read"]](case)


@pytest.mark.parametrize("reader", READERS)
def test_the_attack_is_refused(reader: str) -> None:
    with every_cell() as table:
        for case in attacks_on(reader):
            with table.cell(name_of(case)):
                with pytest.raises(TlogRefused) as caught:
                    READERS[reader](case)
                assert caught.value.code == case["refused"]


@pytest.mark.parametrize("reader", READERS)
def test_a_refusal_does_not_repeat_its_input(reader: str) -> None:
    with every_cell() as table:
        for case in attacks_on(reader):
            with table.cell(name_of(case)):
                with pytest.raises(TlogRefused) as caught:
                    READERS[reader](case)
                assert len(case.get("text", "")) < 9 or case["text"] not in str(caught.value)


def test_every_reader_has_attacks_and_something_that_it_accepts() -> None:
    assert {case["read"] for case in FILE["attacks"]} == {case["read"] for case in FILE["accepted"]} == READERS.keys()
