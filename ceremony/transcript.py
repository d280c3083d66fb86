"""Writes the transcript of a complete board."""

from ceremony.board import Board
from ceremony.canonical import canonical_bytes
from protocol.messages.ceremonies import Step, Transcript

ORDER = (Step.JOIN, Step.DEAL, Step.ECHO, Step.CONFIRM)


def transcript_of(board: Board) -> bytes:
    """Write the canonical JSON of the proposal and of all steps in their order; sealed parts are no part of it."""
    steps = tuple(each.jws for step in ORDER for each in board.all_of(step))
    return canonical_bytes(Transcript(proposal=board.proposal, steps=steps))


def places(board: Board) -> list[tuple[Step, str]]:
    """Return the places of a transcript's steps, in their order."""
    return [(step, party) for step in ORDER for party in board.expected(step)]
