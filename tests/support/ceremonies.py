"""Hold ceremonies in memory: custodians with keys, and all of their steps in a row."""

import datetime as dt
import functools
import os
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ceremony.board import Board
from ceremony.judge import judge
from ceremony.party import Confirmation, Participant, PartySecrets, make_secrets
from ceremony.standing import Formed, Standing
from ceremony.steps import PartySigner, StepReader
from ceremony.terms import parties
from crypto.oprf.client import blind
from crypto.oprf.server import blind_evaluate_unverifiable
from crypto.oprf.threshold import combine
from crypto.signing.keys import public_bytes
from protocol.messages.ceremonies import CeremonyKind, KeptCeremony, Proposal, Seat, SignedStep
from protocol.wire.codec import message_of

ENDS_AT = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
Random = Callable[[int], bytes]
Tamper = Callable[[str, SignedStep], SignedStep | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A custodian outside of any process."""

    name: str
    signer: PartySigner = field(repr=False)

    def seat(self, index: int, url: str = "") -> Seat:
        """Return its seat under an index."""
        return Seat(
            index=index,
            custodian=self.name,
            url=url or f"http://{self.name}:9101",
            key_id=self.signer.key_id,
            public_key=public_bytes(self.signer.private_key),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The outcome of a ceremony: what was formed, and each member's share by name."""

    formed: Formed
    shares: Mapping[str, bytes] = field(repr=False)

    def token(self, private_input: bytes, members: Iterable[str]) -> bytes:
        """Compute the token of an input with these members."""
        index_of = {each.custodian: each.index for each in self.formed.committee.members}
        blinded = blind(private_input, os.urandom)
        evaluated = {
            index_of[name]: blind_evaluate_unverifiable(self.shares[name], [blinded.blinded_element])[0]
            for name in members
        }
        return combine(blinded.blind, evaluated, threshold=self.formed.committee.threshold)


def body(name: str) -> Body:
    """Make a custodian with a key of its own."""
    return Body(name=name, signer=PartySigner(key_id=f"{name}-1", private_key=Ed25519PrivateKey.generate()))


def bodies(count: int) -> dict[str, Body]:
    """Make custodians named custodian-1 and so on."""
    return {name: body(name) for name in (f"custodian-{n}" for n in range(1, count + 1))}


@functools.cache
def first_custodians() -> dict[str, Body]:
    """The custodians of each registry that this process founds."""
    return bodies(3)


@functools.cache
def first_held() -> Held:
    """The ceremony of their key: two of three."""
    return hold(genesis(first_custodians(), 2), first_custodians())


def genesis(of: Mapping[str, Body], threshold: int, *, epoch: int = 1, committee: int = 1) -> Proposal:
    """Propose a new key among these custodians, whose indices are 1 and so on."""
    seats = tuple(each.seat(index) for index, each in enumerate(of.values(), start=1))
    return Proposal(
        kind=CeremonyKind.GENESIS,
        epoch=epoch,
        committee=committee,
        threshold=threshold,
        least=threshold,
        members=seats,
        dealers=tuple(sorted(of)),
        keep_days=7,
        ends_at=ENDS_AT,
        nonce=os.urandom(16),
    )


def refresh(held: Held, *, names: Iterable[str] | None = None) -> Proposal:
    """Propose new shares of the same key for these members (None: all)."""
    former = held.formed.committee
    members = tuple(each for each in former.members if names is None or each.custodian in set(names))
    return _succeeding(held, CeremonyKind.REFRESH, former.threshold, members, (each.custodian for each in members))


def resharing(held: Held, *, seats: Iterable[Seat], dealers: Iterable[str], threshold: int) -> Proposal:
    """Propose new shares of the same key for these seats."""
    return _succeeding(held, CeremonyKind.RESHARING, threshold, seats, dealers)


def hold(
    proposal: Proposal,
    of: Mapping[str, Body],
    *,
    former: Held | None = None,
    random: Random = os.urandom,
    tamper: Tamper | None = None,
) -> Held:
    """Hold a ceremony to its end; raises AssertionError where it forms nothing."""
    standing, shares, _ = play(proposal, of, former=former, random=random, tamper=tamper)
    assert isinstance(standing, Formed), standing
    return Held(formed=standing, shares=shares)


def play(
    proposal: Proposal,
    of: Mapping[str, Body],
    *,
    former: Held | None = None,
    random: Random = os.urandom,
    tamper: Tamper | None = None,
    secrets: Mapping[str, PartySecrets] | None = None,
) -> tuple[Standing, dict[str, bytes], Board]:
    """Let each party take its steps in turn until nobody owes one.

    ``tamper`` changes steps or (None) drops them; ``secrets`` stand in place of those that a party would make.
    """
    old, given = {} if former is None else former.shares, secrets or {}
    board, shares, reader = Board(proposal=proposal), dict[str, bytes](), StepReader(proposal)
    participants = {
        name: Participant(
            secrets=given.get(name) or make_secrets(proposal, name, former_share=old.get(name), random=random),
            signer=of[name].signer,
            former_share=old.get(name),
            random=random,
        )
        for name in parties(proposal)
    }
    standing, moved = judge(board), True
    while moved:
        moved = False
        for name, participant in participants.items():
            due = participant.step_at(board, standing)
            if due is None:
                continue
            step = due.step if isinstance(due, Confirmation) else due
            if isinstance(due, Confirmation) and due.share is not None:
                shares[name] = due.share
            sent = step if tamper is None else tamper(name, step)
            if sent is not None:
                board, moved = board.adding(reader.read(sent)), True
                standing = judge(board)
    return standing, shares, board


def _succeeding(
    held: Held, kind: CeremonyKind, threshold: int, members: Iterable[Seat], dealers: Iterable[str]
) -> Proposal:
    former = held.formed.committee
    seats = tuple(message_of(Seat, each) for each in sorted(members, key=lambda each: each.index))
    return replace(
        held.formed.proposal,
        kind=kind,
        committee=former.committee + 1,
        threshold=threshold,
        least=threshold,
        members=seats,
        dealers=tuple(sorted(dealers)),
        former=former,
        former_canary=held.formed.canary,
        nonce=os.urandom(16),
        follows=None,
        without=None,
    )


def kept_ceremony(
    formed: Formed, entry_id: uuid.UUID, at: dt.datetime, *, core: bytes, core_salt: bytes
) -> KeptCeremony:
    """Return the registry's answer about a committee whose entry has this opening."""
    return KeptCeremony(
        ceremony=formed.ceremony,
        kind=formed.proposal.kind,
        committee=formed.committee,
        committee_digest=formed.committee_digest,
        canary=formed.canary,
        transcript_digest=formed.transcript_digest,
        keep_days=formed.proposal.keep_days,
        formed_at=at,
        log_entry_id=entry_id,
        transcript=formed.transcript.decode("ascii"),
        core=core.decode("ascii"),
        core_salt=core_salt,
    )
