"""Takes one party through a ceremony: makes its secrets, and says at each board which step it owes.

A caller writes the secrets down before the JOIN that rests on them leaves, and the share before the CONFIRM: a party
that dies at any moment goes on from what is written, and never deals twice.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from ceremony.board import Board
from ceremony.canary import evaluate_canary
from ceremony.committee import committee_of, is_zero_sharing, share_of
from ceremony.complaints import check_part
from ceremony.errors import CeremonyRefused, RefusalCode
from ceremony.judge import deals_of, judge, prover_of
from ceremony.standing import Standing, Waiting
from ceremony.steps import PartySigner, commitments_digest, part_digest, sign_step
from ceremony.terms import ceremony_id, committee_digest, former_seat
from crypto.dkg.polynomial import ZERO, Polynomial, random_polynomial
from crypto.dkg.possession import prove
from crypto.dkg.sealing import Route, SealingKey, make_sealing_key, seal_part
from crypto.errors import BadScalar, CryptoRefusal, ShareRefused
from crypto.oprf.group import multiply_base
from protocol.messages.ceremonies import (
    CeremonyKind,
    Complaint,
    Confirm,
    Deal,
    Echo,
    Join,
    Proposal,
    Seat,
    SignedStep,
    Step,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartySecrets:
    """The secrets of one party in one ceremony; they are deleted when the ceremony is over.

    ``sealing_keys`` are those that a member made, one for each dealer in the proposal's order; ``polynomial`` is a
    dealer's.
    """

    ceremony: str
    party: str
    polynomial: Polynomial | None = field(repr=False)
    sealing_keys: tuple[SealingKey, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """A member's share, to be written down before the step leaves; a party that only deals has no share."""

    share: bytes | None = field(repr=False)
    evaluated_canary: bytes | None
    step: SignedStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A party with everything that its steps need; ``former_share`` is its share of the former committee, if any."""

    secrets: PartySecrets
    signer: PartySigner
    former_share: bytes | None = field(repr=False)
    random: Callable[[int], bytes] = field(repr=False)
    seal: Callable[[bytes, bytes, Route], bytes] = field(default=seal_part, repr=False)
    """Seals a part under a receiver's key; the vectors pass one whose ephemeral keys are fixed."""

    def due_step(self, board: Board) -> SignedStep | Confirmation | None:
        """Return the step that this party owes now, or None while others are due, or the ceremony is over."""
        return self.step_at(board, judge(board))

    def step_at(self, board: Board, standing: Standing) -> SignedStep | Confirmation | None:
        """Do as `due_step`, for a board that has been judged."""
        party = self.secrets.party
        if not isinstance(standing, Waiting) or party not in standing.parties:
            return None
        match standing.step:
            case Step.JOIN:
                return self._sign(self._join(board))
            case Step.DEAL:
                return self._deal(board)
            case Step.ECHO:
                echo = Echo(ceremony=board.ceremony, party=party, deals=board.digest_of(Step.DEAL))
                return self._sign(echo)
            case _:
                return self._confirm(board)

    def _join(self, board: Board) -> Join:
        polynomial, digest = self.secrets.polynomial, None
        if polynomial is not None:
            digest = commitments_digest(board.ceremony, self.secrets.party, polynomial.commitments())
        return Join(
            ceremony=board.ceremony,
            party=self.secrets.party,
            commitments_digest=digest,
            sealing_keys=tuple(each.public_key for each in self.secrets.sealing_keys),
        )

    def _deal(self, board: Board) -> SignedStep:
        """Reveal the commitments, and seal a part for each member under the key that it named for this dealer."""
        polynomial, proposal, party = self.secrets.polynomial, board.proposal, self.secrets.party
        if polynomial is None:
            raise BadScalar("a party that does not deal has no polynomial")
        sealed = tuple(self._seal(board, polynomial, member) for member in proposal.members)
        proof = None
        if not is_zero_sharing(proposal):
            prover = prover_of(proposal, board.ceremony, party)
            proof = prove(polynomial.coefficients[0], prover, self.random)
        deal = Deal(
            ceremony=board.ceremony,
            party=party,
            joins=board.digest_of(Step.JOIN),
            commitments=polynomial.commitments(),
            proof=proof,
            sealed=tuple(part_digest(part) for part in sealed),
        )
        return self._sign(deal, sealed=sealed)

    def _seal(self, board: Board, polynomial: Polynomial, member: Seat) -> bytes:
        party = self.secrets.party
        join = cast("Join", board.steps[Step.JOIN, member.custodian].message)
        key = join.sealing_keys[board.proposal.dealers.index(party)]
        route = Route(ceremony=bytes.fromhex(board.ceremony), dealer=party, receiver=member.custodian)
        return self.seal(polynomial.at(member.index), key, route)

    def _confirm(self, board: Board) -> SignedStep | Confirmation:
        """Check every part: complain about the first bad one, or add them up and show that the share works."""
        proposal, party = board.proposal, self.secrets.party
        committee = committee_of(proposal, {name: deal.commitments for name, deal in deals_of(board).items()})
        place = next((n for n, each in enumerate(proposal.members) if each.custodian == party), None)
        confirm = Confirm(ceremony=board.ceremony, party=party, committee=committee_digest(committee))
        if place is None:
            return Confirmation(share=None, evaluated_canary=None, step=self._sign(confirm))
        parts = {}
        for dealer, key in zip(proposal.dealers, self.secrets.sealing_keys, strict=True):
            try:
                parts[dealer] = check_part(
                    board, board.steps[Step.DEAL, dealer], proposal.members[place], place, key.private_key
                )
            except ShareRefused:
                return self._sign(
                    Complaint(ceremony=board.ceremony, party=party, against=dealer, sealing_key=key.private_key)
                )
        share = share_of(proposal, parts, former_share=self.former_share)
        evaluated, proof = evaluate_canary(proposal.epoch, share, self.random)
        confirm = Confirm(
            ceremony=board.ceremony,
            party=party,
            committee=committee_digest(committee),
            evaluated_canary=evaluated,
            proof=proof,
        )
        return Confirmation(share=share, evaluated_canary=evaluated, step=self._sign(confirm))

    def _sign(self, message: Join | Deal | Echo | Confirm | Complaint, sealed: tuple[bytes, ...] = ()) -> SignedStep:
        return sign_step(message, self.signer, sealed=sealed)


def make_secrets(
    proposal: Proposal, party: str, *, former_share: bytes | None, random: Callable[[int], bytes]
) -> PartySecrets:
    """Make a party's secrets for one ceremony: they belong to its id and are used in no other.

    Raises CeremonyRefused OWN_SHARE_WRONG for a party whose former share would put it at fault.
    """
    _check_own_share(proposal, party, former_share)
    polynomial = None
    if party in proposal.dealers:
        constant = None
        if proposal.kind is CeremonyKind.REFRESH:
            constant = ZERO
        elif proposal.kind is CeremonyKind.RESHARING:
            constant = former_share
        polynomial = random_polynomial(proposal.threshold, random, constant=constant)
    keys = tuple(make_sealing_key(random) for _ in proposal.dealers)
    is_member = any(each.custodian == party for each in proposal.members)
    return PartySecrets(
        ceremony=ceremony_id(proposal),
        party=party,
        polynomial=polynomial,
        sealing_keys=keys if is_member else (),
    )


def _check_own_share(proposal: Proposal, party: str, former_share: bytes | None) -> None:
    """A dealer of a resharing, and every member of a refresh, need the share that the former committee names."""
    seat = former_seat(proposal, party)
    if seat is None or party not in proposal.dealers:
        return
    try:
        agrees = former_share is not None and multiply_base(former_share) == seat.share_public_key
    except CryptoRefusal:
        agrees = False
    if not agrees:
        raise CeremonyRefused(
            RefusalCode.OWN_SHARE_WRONG, "this custodian's share is missing, or not the one of the former committee"
        )
