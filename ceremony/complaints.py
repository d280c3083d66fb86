"""Decides a complaint by the one part that it reveals: names the dealer who sent a bad part, or the false accuser."""

from typing import cast

from ceremony.board import Board
from ceremony.committee import is_zero_sharing
from ceremony.errors import FaultCode
from ceremony.standing import Ended
from ceremony.steps import ReadStep
from crypto.dkg.polynomial import verify_part
from crypto.dkg.sealing import Route, open_part, public_half
from crypto.errors import BadKey, ShareRefused
from protocol.messages.ceremonies import Complaint, Deal, Join, Seat, Step


def decide(board: Board, step: ReadStep) -> Ended:
    """Name the party at fault. The board has every DEAL with its sealed parts."""
    complaint = cast("Complaint", step.message)
    if _is_upheld(board, complaint):
        return Ended(fault=FaultCode.BAD_PART, party=complaint.against)
    return Ended(fault=FaultCode.FALSE_COMPLAINT, party=complaint.party)


def _is_upheld(board: Board, complaint: Complaint) -> bool:
    proposal = board.proposal
    place = next((n for n, each in enumerate(proposal.members) if each.custodian == complaint.party), None)
    deal, join = board.of(Step.DEAL, complaint.against), board.of(Step.JOIN, complaint.party)
    if place is None or deal is None or join is None:
        return False
    key = cast("Join", join.message).sealing_keys[proposal.dealers.index(complaint.against)]
    if not _is_pair(complaint.sealing_key, key):
        return False
    try:
        check_part(board, deal, proposal.members[place], place, complaint.sealing_key)
    except ShareRefused:
        return True
    return False


def check_part(board: Board, deal: ReadStep, member: Seat, place: int, sealing_key: bytes) -> bytes:
    """Open a dealer's part for the member at this place, and check it; raises ShareRefused."""
    route = Route(ceremony=bytes.fromhex(board.ceremony), dealer=deal.party, receiver=member.custodian)
    part = open_part(deal.sealed[place], sealing_key, route)
    commitments = cast("Deal", deal.message).commitments
    verify_part(part, commitments, member.index, is_zero_sharing=is_zero_sharing(board.proposal))
    return part


def _is_pair(private_key: bytes, public_key: bytes) -> bool:
    try:
        return public_half(private_key) == public_key
    except BadKey:
        return False
