"""Judges a board: says whose step is due, names the party at fault, or returns the committee that was formed.

It is a function of the board alone, so that all parties, and any outsider with the steps, come to the same result.
"""

import hashlib
from collections.abc import Mapping
from typing import cast

from ceremony.board import Board
from ceremony.canary import check_canary, combined_canary
from ceremony.committee import committee_of, is_zero_sharing
from ceremony.complaints import decide
from ceremony.errors import FaultCode
from ceremony.standing import Disagreeing, Ended, Formed, Standing, Waiting
from ceremony.steps import commitments_digest
from ceremony.terms import committee_digest, former_seat
from ceremony.transcript import transcript_of
from crypto.dkg.polynomial import check_commitments
from crypto.dkg.possession import Prover, verify
from crypto.dkg.sealing import check_sealing_key
from crypto.errors import BadKey, CryptoRefusal, PossessionUnproven
from protocol.messages.ceremonies import CeremonyKind, Committee, Confirm, Deal, Echo, Join, Proposal, Step


def judge(board: Board) -> Standing:
    """Return the state of a ceremony.

    A complete set of steps stands whatever else arrives: no party can take its confirmation back.
    """
    standing = _progress(board)
    if isinstance(standing, Formed) or not board.contradictions:
        return standing
    return Ended(fault=FaultCode.EQUIVOCATION, party=min(party for _, party in board.contradictions))


def deals_of(board: Board) -> dict[str, Deal]:
    """Return the DEAL of each dealer that has dealt, by name."""
    return {each.party: cast("Deal", each.message) for each in board.all_of(Step.DEAL)}


def _progress(board: Board) -> Standing:
    early = _joined(board) or _dealt(board)
    if early is not None:
        return early
    commitments = {dealer: deal.commitments for dealer, deal in deals_of(board).items()}
    try:
        committee = committee_of(board.proposal, commitments)
    except CryptoRefusal:
        return Ended(fault=FaultCode.NO_KEY, party=None)
    return _echoed(board) or _complained(board) or _confirmed(board, committee, commitments)


def _joined(board: Board) -> Standing | None:
    """Check all JOIN steps; None once they are complete and in order."""
    members = {each.custodian for each in board.proposal.members}
    dealers = board.proposal.dealers
    for each in board.all_of(Step.JOIN):
        join = cast("Join", each.message)
        keys = len(dealers) if each.party in members else 0
        if len(join.sealing_keys) != keys or (join.commitments_digest is not None) != (each.party in dealers):
            return Ended(fault=FaultCode.BAD_JOIN, party=each.party)
        try:
            for key in join.sealing_keys:
                check_sealing_key(key)
        except BadKey:
            return Ended(fault=FaultCode.BAD_JOIN, party=each.party)
    return _waiting(board, Step.JOIN)


def _dealt(board: Board) -> Standing | None:
    joins, others = board.digest_of(Step.JOIN), list[str]()
    for dealer, deal in deals_of(board).items():
        if deal.joins != joins:
            others.append(dealer)
            continue
        fault = _fault_of(board, deal)
        if fault is not None:
            return Ended(fault=fault, party=dealer)
    if others:
        return Disagreeing(step=Step.JOIN, parties=tuple(others))
    return _waiting(board, Step.DEAL)


def _fault_of(board: Board, deal: Deal) -> FaultCode | None:
    """Return the fault of a DEAL, if it has one."""
    proposal, join = board.proposal, board.of(Step.JOIN, deal.party)
    revealed = commitments_digest(board.ceremony, deal.party, deal.commitments)
    if join is None or cast("Join", join.message).commitments_digest != revealed:
        return FaultCode.COMMITMENTS_CHANGED
    try:
        check_commitments(deal.commitments, proposal.threshold, is_zero_sharing=is_zero_sharing(proposal))
    except CryptoRefusal:
        return FaultCode.BAD_COMMITMENTS
    if len(deal.sealed) != len(proposal.members):
        return FaultCode.BAD_DEAL
    seat = former_seat(proposal, deal.party)
    if proposal.kind is CeremonyKind.RESHARING and (seat is None or deal.commitments[0] != seat.share_public_key):
        return FaultCode.OTHER_CONSTANT
    try:
        _check_possession(board, deal)
    except PossessionUnproven:
        return FaultCode.POSSESSION_UNPROVEN
    return None


def _check_possession(board: Board, deal: Deal) -> None:
    if is_zero_sharing(board.proposal):
        if deal.proof is not None:
            raise PossessionUnproven("a zero sharing has no constant to prove")
        return
    verify(deal.commitments[0], deal.proof or b"", prover_of(board.proposal, board.ceremony, deal.party))


def prover_of(proposal: Proposal, ceremony: str, dealer: str) -> Prover:
    """Return the context of a dealer's proof of possession."""
    return Prover(
        ceremony=bytes.fromhex(ceremony), custodian=dealer, epoch=proposal.epoch, threshold=proposal.threshold
    )


def _echoed(board: Board) -> Standing | None:
    deals = board.digest_of(Step.DEAL)
    others = tuple(each.party for each in board.all_of(Step.ECHO) if cast("Echo", each.message).deals != deals)
    if others:
        return Disagreeing(step=Step.DEAL, parties=others)
    return _waiting(board, Step.ECHO)


def _complained(board: Board) -> Standing | None:
    for complaint in board.all_of(Step.COMPLAINT):
        return decide(board, complaint)
    return None


def _confirmed(board: Board, committee: Committee, commitments: Mapping[str, tuple[bytes, ...]]) -> Standing:
    confirmed = {each.party: cast("Confirm", each.message) for each in board.all_of(Step.CONFIRM)}
    digest = committee_digest(committee)
    for party, confirm in confirmed.items():
        if confirm.committee != digest:
            return Ended(fault=FaultCode.FALSE_CONFIRMATION, party=party)
        if not _canary_holds(committee, party, confirm):
            return Ended(fault=FaultCode.BAD_CANARY, party=party)
    waiting = _waiting(board, Step.CONFIRM)
    if waiting is not None:
        return waiting
    canary = combined_canary(committee, confirmed)
    if board.proposal.former_canary not in {None, canary}:
        return Ended(fault=FaultCode.CANARY_CHANGED, party=None)
    return _formed(board, committee, commitments, canary)


def _canary_holds(committee: Committee, party: str, confirm: Confirm) -> bool:
    member = next((each for each in committee.members if each.custodian == party), None)
    if member is None:
        return confirm.evaluated_canary is None and confirm.proof is None
    if confirm.evaluated_canary is None or confirm.proof is None:
        return False
    try:
        check_canary(committee.epoch, member.share_public_key, confirm.evaluated_canary, confirm.proof)
    except CryptoRefusal:
        return False
    return True


def _formed(board: Board, committee: Committee, commitments: Mapping[str, tuple[bytes, ...]], canary: bytes) -> Formed:
    former, transcript = board.proposal.former, transcript_of(board)
    return Formed(
        ceremony=board.ceremony,
        proposal=board.proposal,
        committee=committee,
        committee_digest=committee_digest(committee),
        former_digest=None if former is None else committee_digest(former),
        canary=canary,
        commitments=commitments,
        transcript=transcript,
        transcript_digest=hashlib.sha256(transcript).hexdigest(),
    )


def _waiting(board: Board, step: Step) -> Waiting | None:
    missing = board.missing(step)
    return Waiting(step=step, parties=missing) if missing else None
