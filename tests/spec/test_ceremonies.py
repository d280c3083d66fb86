"""The vectors of ceremonies, checked by the second verifier and slow arithmetic; and the page against the code."""

import itertools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ceremony.errors import FaultCode, RefusalCode
from crypto.oprf.group import scalar_from_int
from crypto.oprf.threshold import combine
from docs.spec.make_vectors import FOLDER
from protocol.messages.ceremonies import (
    MAX_KEEP_DAYS,
    MAX_MEMBERS,
    MAX_PEER_URL,
    MAX_STEP,
    MAX_TRANSCRIPT,
    STEP_TYPES,
    CeremonyKind,
    Step,
)
from tests.spec import slow_ristretto
from tests.support.root import ROOT

PAGE = (FOLDER.parent / "ceremonies.md").read_text(encoding="utf-8")
VECTORS = json.loads((FOLDER / "ceremonies.json").read_bytes())
SCRIPT = ROOT / "examples" / "verify_transcript.py"


def verified(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = folder / "transcript.json"
    path.write_text(text, encoding="ascii")
    return subprocess.run([sys.executable, str(SCRIPT), str(path)], capture_output=True, text=True, check=False)


def share_of(case: dict[str, Any], name: str) -> int:
    return int.from_bytes(bytes.fromhex(case["shares_hex"][name]), "little")


@pytest.mark.parametrize("case", VECTORS["ceremonies"], ids=lambda case: str(case["kind"]))
def test_a_transcript_proves_its_committee_to_a_stranger(case: dict[str, Any], tmp_path: Path) -> None:
    done = verified(case["transcript"], tmp_path)
    assert (done.returncode, json.loads(done.stdout or "null")) == (0, case["committee"]), done.stderr


@pytest.mark.parametrize("case", VECTORS["refused_transcripts"], ids=lambda case: str(case["why"]))
def test_a_stranger_refuses_what_has_to_be_refused(case: dict[str, Any], tmp_path: Path) -> None:
    # A stranger does not check that the terms make sense, only that the parties signed what they make.
    assert verified(case["transcript"], tmp_path).returncode != 0


@pytest.mark.parametrize("case", VECTORS["ceremonies"], ids=lambda case: str(case["kind"]))
def test_any_quorum_of_the_shares_gives_the_canary_s_token(case: dict[str, Any]) -> None:
    canary = VECTORS["canaries"][0]
    element = slow_ristretto.hash_to_group(bytes.fromhex(canary["input_hex"]))
    assert slow_ristretto.encode(element).hex() == canary["element_hex"]
    index_of = {each["custodian"]: each["index"] for each in case["committee"]["members"]}
    threshold = case["committee"]["threshold"]
    for quorum in itertools.combinations(sorted(index_of), threshold):
        evaluated = {
            index_of[name]: slow_ristretto.encode(slow_ristretto.multiply(share_of(case, name), element))
            for name in quorum
        }
        assert combine(scalar_from_int(1), evaluated, threshold=threshold).hex() == case["canary_hex"]


def test_the_page_names_every_code_step_and_bound() -> None:
    for word in (*FaultCode, *RefusalCode, *CeremonyKind):
        assert f"`{word}`" in PAGE or f"`{word}`," in PAGE, word
    for step in Step:
        assert step in PAGE
    assert f"`{STEP_TYPES[Step.JOIN]}`" in PAGE
    assert f"2 to {MAX_MEMBERS} seats" in PAGE
    assert f"0 to {MAX_KEEP_DAYS}: days" in PAGE
    assert f"at most {MAX_PEER_URL} characters" in PAGE
    assert f"at most {MAX_STEP:,} characters" in PAGE
    assert f"at most {MAX_TRANSCRIPT:,} bytes" in PAGE
