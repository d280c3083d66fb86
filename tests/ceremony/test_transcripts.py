"""A transcript proves its committee to anybody, and a changed one proves nothing."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ceremony.canonical import canonical_bytes
from ceremony.errors import CeremonyRefused, RefusalCode
from ceremony.judge import judge
from ceremony.standing import Formed
from ceremony.steps import StepReader, sign_step
from ceremony.verify import verify_transcript
from protocol.encodings import canonical_json
from protocol.messages.ceremonies import SignedStep, Step, Transcript
from protocol.wire.codec import read
from tests.support.ceremonies import bodies, genesis, hold, play, refresh, resharing

BODIES = bodies(4)
FIRST = {name: BODIES[name] for name in ("custodian-1", "custodian-2", "custodian-3")}
BEFORE = hold(genesis(FIRST, 2), BODIES)
OTHER = hold(genesis(FIRST, 2), BODIES)
REFRESHED = hold(refresh(BEFORE), BODIES, former=BEFORE)
RESHARED = hold(
    resharing(
        BEFORE,
        seats=[BODIES["custodian-4"].seat(1), BODIES["custodian-2"].seat(5)],
        dealers=["custodian-1", "custodian-3"],
        threshold=2,
    ),
    BODIES,
    former=BEFORE,
)


def transcript(raw: bytes) -> Transcript:
    return read(Transcript, json.loads(raw))


def refusal(raw: bytes) -> RefusalCode:
    with pytest.raises(CeremonyRefused) as refused:
        verify_transcript(raw)
    return refused.value.code


@pytest.mark.parametrize("held", [BEFORE, REFRESHED, RESHARED], ids=lambda held: held.formed.proposal.kind)
def test_a_transcript_proves_its_committee_from_its_bytes_alone(held: Any) -> None:
    assert verify_transcript(held.formed.transcript) == held.formed


def test_a_transcript_holds_no_sealed_part_and_no_secret() -> None:
    _, shares, board = play(genesis(FIRST, 2), BODIES)
    formed = judge(board)
    assert isinstance(formed, Formed)
    text = formed.transcript
    for sealed in (part for deal in board.all_of(Step.DEAL) for part in deal.sealed):
        assert sealed not in text
        assert sealed.hex().encode() not in text
    assert all(share.hex().encode() not in text for share in shares.values())


FOREIGN = transcript(OTHER.formed.transcript).steps[0]


def terms(changed: Transcript, **members: Any) -> Transcript:
    return replace(changed, proposal=replace(changed.proposal, **members))


def stranger_in_a_seat(changed: Transcript) -> Transcript:
    first, *others = changed.proposal.members
    return terms(changed, members=(replace(first, key_id="stranger"), *others))


CHANGES: list[tuple[str, Callable[[Transcript], Transcript], RefusalCode]] = [
    ("a step left out", lambda t: replace(t, steps=t.steps[1:]), RefusalCode.INCOMPLETE),
    ("a step twice", lambda t: replace(t, steps=(*t.steps, t.steps[-1])), RefusalCode.INCOMPLETE),
    ("steps out of order", lambda t: replace(t, steps=(t.steps[1], t.steps[0], *t.steps[2:])), RefusalCode.INCOMPLETE),
    ("a step in another's place", lambda t: replace(t, steps=(t.steps[1], *t.steps[1:])), RefusalCode.INCOMPLETE),
    ("a step of another kind", lambda t: replace(t, steps=(t.steps[-1], *t.steps[1:])), RefusalCode.SIGNATURE_INVALID),
    ("a step of another ceremony", lambda t: replace(t, steps=(FOREIGN, *t.steps[1:])), RefusalCode.OTHER_CEREMONY),
    (
        "a changed signature",
        lambda t: replace(t, steps=(t.steps[0][:-4] + "AAAA", *t.steps[1:])),
        RefusalCode.SIGNATURE_INVALID,
    ),
    ("other terms", lambda t: terms(t, keep_days=8), RefusalCode.OTHER_CEREMONY),
    ("another threshold", lambda t: terms(t, threshold=3, least=3), RefusalCode.OTHER_CEREMONY),
    ("a stranger in a seat", stranger_in_a_seat, RefusalCode.NOT_A_PARTY),
    ("terms that contradict themselves", lambda t: terms(t, dealers=t.proposal.dealers[:2]), RefusalCode.INVALID_TERMS),
]


@pytest.mark.parametrize(("why", "change", "code"), CHANGES, ids=[why for why, _, _ in CHANGES])
def test_a_changed_transcript_is_refused(
    why: str, change: Callable[[Transcript], Transcript], code: RefusalCode
) -> None:
    assert why
    assert refusal(canonical_bytes(change(transcript(BEFORE.formed.transcript)))) is code


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        b"{" * 100_000,
        b"\xff\xfe",
        b'{"proposal":null,"steps":[]}',
        BEFORE.formed.transcript + b"\n",
        BEFORE.formed.transcript.replace(b'{"proposal"', b'{ "proposal"', 1),
        b"x" * (1024 * 1024 + 1),
        BEFORE.formed.transcript.replace(b'"keep_days":7', b'"keep_days":7,"keep_days":7'),
        BEFORE.formed.transcript.replace(b'"keep_days":7', b'"keep_days":7.0'),
        BEFORE.formed.transcript.replace(b'"index":1', b'"index":0', 1),
        BEFORE.formed.transcript.replace(b'"index":1', b'"index":256', 1),
        BEFORE.formed.transcript.replace(b'"threshold":2', b'"threshold":1', 1),
    ],
)
def test_bytes_in_any_other_spelling_are_no_transcript(raw: bytes) -> None:
    assert refusal(raw) is RefusalCode.NOT_CANONICAL


def test_steps_of_a_party_under_the_key_of_another_are_refused() -> None:
    proposal = genesis(FIRST, 2)
    _, _, board = play(proposal, BODIES)
    mine = board.of(Step.JOIN, "custodian-1")
    assert mine is not None
    borrowed = sign_step(mine.message, BODIES["custodian-2"].signer)
    stranger = sign_step(mine.message, BODIES["custodian-4"].signer)
    for signed in (borrowed, stranger):
        with pytest.raises(CeremonyRefused) as refused:
            StepReader(proposal).read(signed)
        assert refused.value.code is RefusalCode.NOT_A_PARTY


@pytest.mark.parametrize(
    "sealed", [(), (os.urandom(80),), (os.urandom(80),) * 3], ids=["none", "another number", "others"]
)
def test_a_deal_without_exactly_its_sealed_parts_is_not_taken(sealed: tuple[bytes, ...]) -> None:
    proposal = genesis(FIRST, 2)
    _, _, board = play(proposal, BODIES)
    deal = board.of(Step.DEAL, "custodian-1")
    assert deal is not None
    with pytest.raises(CeremonyRefused) as refused:
        StepReader(proposal).read(SignedStep(step=Step.DEAL, jws=deal.jws, sealed=sealed))
    assert refused.value.code is RefusalCode.PARTS_MISSING


def test_a_refusal_repeats_nothing_of_its_input() -> None:
    marker = "PLANTED-MARKER"
    document = json.loads(BEFORE.formed.transcript)
    document["proposal"]["members"][0]["custodian"] = marker
    with pytest.raises(CeremonyRefused) as refused:
        verify_transcript(canonical_json(document))
    assert marker not in str(refused.value)
