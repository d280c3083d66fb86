"""Checks a transcript from nothing but its bytes, as each party, the registry, auditors and gateways do."""

from ceremony.board import Board
from ceremony.canonical import read_canonical
from ceremony.errors import CeremonyRefused, RefusalCode
from ceremony.judge import judge
from ceremony.standing import Ended, Formed
from ceremony.steps import StepReader
from ceremony.terms import check_proposal
from ceremony.transcript import places
from protocol.messages.ceremonies import MAX_TRANSCRIPT, SignedStep, Transcript


def verify_transcript(raw: bytes) -> Formed:
    """Return the committee that a transcript proves; raises CeremonyRefused.

    Its parties' keys are those of the proposal: compare them with keys known from elsewhere before you believe it.
    """
    transcript = read_canonical(Transcript, raw, max_bytes=MAX_TRANSCRIPT)
    check_proposal(transcript.proposal)
    board = Board(proposal=transcript.proposal)
    expected = places(board)
    if len(expected) != len(transcript.steps):
        raise CeremonyRefused(RefusalCode.INCOMPLETE, "a transcript has each step of each party once")
    reader = StepReader(transcript.proposal)
    for (step, party), jws in zip(expected, transcript.steps, strict=True):
        read = reader.read(SignedStep(step=step, jws=jws), with_parts=False)
        if read.party != party:
            raise CeremonyRefused(RefusalCode.INCOMPLETE, "a step stands out of its place")
        board = board.adding(read)
    standing = judge(board)
    if isinstance(standing, Ended):
        raise CeremonyRefused(RefusalCode.FAULTY, f"the transcript proves a fault: {standing.fault}")
    if not isinstance(standing, Formed):
        raise CeremonyRefused(RefusalCode.INCOMPLETE, "the parties do not agree on the steps")
    return standing
