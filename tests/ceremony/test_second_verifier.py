"""A second verifier, with no code of ours, comes to the committee that ours comes to."""

import ast
import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ceremony.canonical import canonical_bytes
from ceremony.steps import sign_step
from protocol.encodings import canonical_json
from protocol.messages.ceremonies import Confirm, Deal, Echo, Transcript
from protocol.wire.codec import read, write
from tests.support.ceremonies import Held, bodies, genesis, hold, refresh, resharing
from tests.support.root import ROOT

SCRIPT = ROOT / "examples" / "verify_transcript.py"
BODIES = bodies(4)
FIRST = {name: BODIES[name] for name in ("custodian-1", "custodian-2", "custodian-3")}
BEFORE = hold(genesis(FIRST, 2), BODIES)
REFRESHED = hold(refresh(BEFORE), BODIES, former=BEFORE)
RESHARED = hold(
    resharing(
        BEFORE,
        seats=[BODIES["custodian-4"].seat(1), BODIES["custodian-2"].seat(5), BODIES["custodian-3"].seat(6)],
        dealers=["custodian-1", "custodian-3"],
        threshold=3,
    ),
    BODIES,
    former=BEFORE,
)
CHEAT = "custodian-2"
_FIRST_DEAL = 3
"""The place of the first DEAL: after three JOINs."""


def verified(raw: bytes, folder: Path) -> subprocess.CompletedProcess[str]:
    path = folder / "transcript.json"
    path.write_bytes(raw)
    return subprocess.run(
        [sys.executable, str(SCRIPT), str(path)], capture_output=True, text=True, check=False, cwd=folder, env={}
    )


def payload_of(jws: str) -> dict[str, object]:
    segment = jws.split(".")[1]
    document: dict[str, object] = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    return document


def resigned(place: int, message: type[Deal | Echo | Confirm], **changes: object) -> bytes:
    """Return the first transcript with a step of the cheat changed and signed again."""
    whole = read(Transcript, json.loads(BEFORE.formed.transcript))
    step = replace(read(message, payload_of(whole.steps[place])), **changes)  # type: ignore[arg-type]
    steps = list(whole.steps)
    steps[place] = sign_step(step, BODIES[CHEAT].signer).jws
    return canonical_bytes(replace(whole, steps=tuple(steps)))


def deal_of(held: Held, place: int) -> Deal:
    return read(Deal, payload_of(read(Transcript, json.loads(held.formed.transcript)).steps[place]))


@pytest.mark.parametrize("held", [BEFORE, REFRESHED, RESHARED], ids=lambda held: held.formed.proposal.kind)
def test_it_comes_to_the_same_committee(held: Held, tmp_path: Path) -> None:
    done = verified(held.formed.transcript, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert canonical_json(json.loads(done.stdout)) == canonical_json(write(held.formed.committee))


CHANGED: list[tuple[str, Callable[[], bytes]]] = [
    ("a byte", lambda: BEFORE.formed.transcript.replace(b'"threshold":2', b'"threshold":3', 1)),
    ("not canonical", lambda: BEFORE.formed.transcript + b" "),
    ("another echo", lambda: resigned(7, Echo, deals="0" * 64)),
    ("another committee", lambda: resigned(10, Confirm, committee="0" * 64)),
    ("other commitments", lambda: resigned(4, Deal, commitments=deal_of(BEFORE, _FIRST_DEAL).commitments)),
    ("another proof", lambda: resigned(4, Deal, proof=deal_of(BEFORE, _FIRST_DEAL).proof)),
    ("other joins", lambda: resigned(4, Deal, joins="0" * 64)),
    ("a stranger's step", lambda: BEFORE.formed.transcript.replace(b'"url":"http://custodian-1', b'"url":"http://evil-1')),
]  # fmt: skip


@pytest.mark.parametrize(("why", "changed"), CHANGED, ids=[why for why, _ in CHANGED])
def test_it_refuses_what_ours_refuses(why: str, changed: Callable[[], bytes], tmp_path: Path) -> None:
    assert why
    assert verified(changed(), tmp_path).returncode != 0


def test_it_imports_nothing_of_ours() -> None:
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"))
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}
    assert os.access(SCRIPT, os.R_OK)
