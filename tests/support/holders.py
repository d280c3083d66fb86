"""Custodians that hold ceremonies in one process: real applications, folders and drivers, joined without a network."""

import datetime as dt
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from ceremony.board import Board
from ceremony.party import Participant
from ceremony.standing import Formed
from ceremony.steps import StepReader
from ceremony.terms import ceremony_id
from crypto.dkg.polynomial import ZERO
from crypto.envelope.provider import UNSEALED, KeyProvider
from crypto.oprf.client import blind
from crypto.oprf.group import multiply_base
from crypto.oprf.server import blind_evaluate_unverifiable
from crypto.oprf.threshold import combine
from crypto.signing.keys import public_bytes
from custodian.app import create_app
from custodian.authn import Door
from custodian.ceremonies.consent import Desk, check_terms
from custodian.ceremonies.driver import Driver, Outcome
from custodian.ceremonies.folder import End, EndState
from custodian.ceremonies.identity import Identity
from custodian.ceremonies.peers import PeerCaller, Peers
from custodian.ceremonies.proposing import Wish, propose
from custodian.ceremonies.sitting import Surroundings
from custodian.ceremonies.store import CeremonyStore
from custodian.committee_share import CommitteeShare, ShareState
from custodian.ledger import Ledger
from custodian.served_shares import ServedShares
from custodian.settings import Admission, CarrierKey, Peer
from custodian.share_book import ShareBook
from protocol.encodings import b64url_encode
from protocol.messages.ceremonies import CeremonyKind, Proposal, SignedStep
from tests.support.ceremonies import Body, Held, bodies
from tests.support.dying import Killed
from tests.support.world import Clock

Change = Callable[[str, str, int, bytes], tuple[int, bytes]]
"""(who asks, the path, the status, the content) -> what arrives; it may raise an error of httpx."""


Cheat = Callable[[Participant, Board], SignedStep]


def url_of(name: str) -> str:
    return f"https://{name}.test"


@dataclass
class Listening:
    """Seals as another provider does, and remembers every secret of a ceremony, in the spelling of its file."""

    inner: KeyProvider = UNSEALED
    secrets: dict[str, set[str]] = field(default_factory=dict)

    def seal(self, secret: bytes, *, purpose: str) -> bytes:
        if purpose.startswith("ceremony-secrets "):
            document = json.loads(secret)
            made = self.secrets.setdefault(document["ceremony"], set())
            made |= {*document["coefficients"], *document["sealing_keys"]}
        return self.inner.seal(secret, purpose=purpose)

    def open(self, sealed: bytes, *, purpose: str) -> bytes:
        return self.inner.open(sealed, purpose=purpose)


@dataclass
class Line(httpx.BaseTransport):
    """The way from one custodian to another, which a test may tap."""

    asker: str
    to: "Holder"

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = httpx.WSGITransport(self.to.app).handle_request(request)
        status, content = answer.status_code, answer.read()
        if self.to.change is not None:
            status, content = self.to.change(self.asker, request.url.path, status, content)
        self.to.shown.append(content)
        return httpx.Response(status, headers=answer.headers, stream=httpx.ByteStream(content))


@dataclass
class Holder:
    """One custodian with a folder of its own. Nothing of it lives in memory between two drives."""

    body: Body
    folder: Path
    clock: Clock
    provider: "Listening"
    ledger: Ledger
    peers: list[Peer] = field(default_factory=list)
    carriers: list[CarrierKey] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    shown: list[bytes] = field(default_factory=list)
    change: Change | None = None
    revealed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        door = Door(public_url=url_of(self.name), admission=self.admission, ledger=self.ledger, clock=self.clock)
        self.app = create_app(
            shares=ServedShares(self.book),
            door=door,
            ledger=self.ledger,
            clock=self.clock,
            random=os.urandom,
            ceremonies=self.store,
        )

    def admission(self) -> Admission:
        return Admission(carriers=tuple(self.carriers), daily_quota=1, peers=tuple(self.peers))

    @property
    def name(self) -> str:
        return self.body.name

    @property
    def store(self) -> CeremonyStore:
        return CeremonyStore(self.folder / "ceremonies", self.provider)

    @property
    def book(self) -> ShareBook:
        return ShareBook(self.folder / "shares", self.provider)

    @property
    def identity(self) -> Identity:
        return Identity(participant=self.name, url=url_of(self.name), signer=self.body.signer)

    @property
    def desk(self) -> Desk:
        return Desk(me=self.identity, peers=tuple(self.peers), store=self.store, book=self.book)

    def pin(self) -> Peer:
        signer = self.body.signer
        return Peer(
            custodian=self.name,
            url=url_of(self.name),
            key_id=signer.key_id,
            public_key=public_bytes(signer.private_key),
        )

    def consent(self, proposal: Proposal, *, despite_later: bool = False) -> tuple[str, ...]:
        notes = check_terms(proposal, self.desk, self.clock(), despite_later=despite_later)
        self.store.accept(proposal, self.clock())
        return notes

    def keep(self, held: Held) -> None:
        """Hold the outcome of a ceremony that was held elsewhere."""
        folder = self.store.accept(held.formed.proposal, self.clock())
        folder.close(End(state=EndState.FORMED), transcript=held.formed.transcript)
        made = held.formed.committee
        sk = held.shares[self.name]
        share = CommitteeShare(
            epoch=made.epoch,
            committee=made.committee,
            threshold=made.threshold,
            index=next(each.index for each in made.members if each.custodian == self.name),
            sk=sk,
            pk=multiply_base(sk),
            joint_public_key=made.joint_public_key,
            ceremony=held.formed.ceremony,
            formed_at=self.clock(),
        )
        self.book.add_pending(share)
        self.book.promote(held.formed.ceremony)

    def lose_folder(self) -> None:
        """Lose everything of ceremonies and shares."""
        for name in ("ceremonies", "shares"):
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def has_no_secrets(self, *pending: CommitteeShare, still_in: str = "") -> None:
        assert self.secrets_on_disk(*pending, still_in=still_in) == []

    def secrets_on_disk(self, *pending: CommitteeShare, still_in: str = "") -> list[str]:
        """The polynomials and sealing keys that a file shows, but for shares that are kept and a revealed key."""
        on_disk = b"".join(path.read_bytes() for path in sorted(self.folder.rglob("*")) if path.is_file())
        shares = {b64url_encode(each.sk) for each in (*self.book.held(self.clock()), *pending)}
        assert self.provider.secrets
        over = [made for ceremony, made in self.provider.secrets.items() if ceremony != still_in]
        left = set[str]().union(*over) - shares - self.revealed - {b64url_encode(ZERO)}
        return [each for each in left if each.encode() in on_disk]


@dataclass
class Hall:
    """Custodians that have pinned one another."""

    holders: dict[str, Holder]
    clock: Clock

    def __getitem__(self, number: int) -> Holder:
        return self.holders[f"custodian-{number}"]

    def propose(self, proposer: int, kind: CeremonyKind, **wish: object) -> Proposal:
        """Write a proposal and let its parties consent."""
        given = {"members": {}, "keep_days": 7, "ends_at": self.clock() + dt.timedelta(hours=1), "epoch": 1} | wish
        return propose(Wish(kind=kind, **given), self[proposer].desk, random=os.urandom)  # type: ignore[arg-type]

    def genesis(self, *members: int, threshold: int = 2, **wish: object) -> Proposal:
        indices = {f"custodian-{n}": n for n in members}
        return self.propose(members[0], CeremonyKind.GENESIS, members=indices, threshold=threshold, **wish)

    def consent(self, proposal: Proposal, *numbers: int) -> str:
        for number in numbers:
            self[number].consent(proposal)
        return ceremony_id(proposal)

    def callers(self, number: int) -> dict[str, PeerCaller]:
        """A custodian's ways to the others."""
        holder = self[number]
        return {
            peer.custodian: PeerCaller(
                peer,
                holder.body.signer,
                clock=self.clock,
                monotonic=time.monotonic,
                random=os.urandom,
                transport=Line(holder.name, self.holders[peer.custodian]),
            )
            for peer in holder.peers
        }

    @contextmanager
    def driver(self, number: int, root: str) -> Iterator[Driver]:
        """A driver as a process has it, that begins with what is on the disk."""
        holder = self[number]
        peers = Peers(self.callers(number), monotonic=time.monotonic)
        around = Surroundings(
            me=holder.identity, book=holder.book, clock=self.clock, random=os.urandom, tell=holder.lines.append
        )
        try:
            yield Driver(root, holder.store, peers, around)
        finally:
            peers.close()

    def tick(self, number: int, root: str) -> Outcome | None:
        """Let one custodian take one step in a process of its own."""
        with self.driver(number, root) as driver:
            return driver.tick()[1]

    def hold(
        self, root: str, *numbers: int, rounds: int = 30, surviving: type[BaseException] = Killed
    ) -> dict[int, Outcome]:
        """Let these custodians take turns until each has an outcome, or for so many rounds; a failed one comes back."""
        outcomes: dict[int, Outcome] = {}
        for _ in range(rounds):
            for number in (each for each in numbers if each not in outcomes):
                with suppress(surviving):
                    outcome = self.tick(number, root)
                    if outcome is not None:
                        outcomes[number] = outcome
            if len(outcomes) == len(numbers):
                break
        return outcomes

    def form(self, proposal: Proposal, *numbers: int) -> Formed:
        """Hold a ceremony to its end with all of its parties."""
        return self.agreed(self.hold(self.consent(proposal, *numbers), *numbers), *numbers)

    def agreed(self, outcomes: Mapping[int, Outcome], *numbers: int, still_in: str = "") -> Formed:
        """All of them have formed one committee, the same to the byte, and keep no secret of any ceremony but one."""
        assert sorted(outcomes) == sorted(numbers), {n: self[n].lines for n in numbers}
        standings = [each.standing for each in outcomes.values()]
        formed = [each for each in standings if isinstance(each, Formed)]
        assert len(formed) == len(standings), standings
        assert len({each.transcript for each in formed}) == 1
        for number in numbers:
            share = self[number].book.of_ceremony(formed[0].ceremony)
            seats = [each for each in formed[0].committee.members if each.custodian == self[number].name]
            assert [each.share_public_key for each in seats] == ([] if share is None else [share.pk])
            assert share is None or share.state is ShareState.HELD
            self[number].has_no_secrets(still_in=still_in)
        return formed[0]

    def cheats(self, number: int, root: str, cheat: Cheat) -> SignedStep:
        """Let a custodian take the step that it owes as it likes; returns the one that it shows."""
        holder = self[number]
        folder = holder.store.get(root)
        assert folder is not None
        secrets, board = folder.secrets(holder.name), folder.board()
        assert secrets is not None
        participant = Participant(secrets=secrets, signer=holder.body.signer, former_share=None, random=os.urandom)
        shown = cheat(participant, board)
        folder.publish(StepReader(board.proposal).read(shown))
        return shown

    def token(self, committee: int, *numbers: int, epoch: int = 1) -> bytes:
        """The token of one input under the shares that these custodians hold."""
        blinded = blind(b"somebody", os.urandom)
        shares = [self[number].book.get(epoch, committee, self.clock()) for number in numbers]
        held = [each for each in shares if each is not None]
        evaluated = {each.index: blind_evaluate_unverifiable(each.sk, [blinded.blinded_element])[0] for each in held}
        return combine(blinded.blind, evaluated, threshold=held[0].threshold)


@contextmanager
def hall(folder: Path, count: int, *, of: Mapping[str, Body] | None = None) -> Iterator[Hall]:
    """Custodians custodian-1 and so on; ``of``: these."""
    clock = Clock()
    holders = {}
    for name, each in (of or bodies(count)).items():
        home = folder / name
        home.mkdir()
        holders[name] = Holder(each, home, clock, Listening(), Ledger(home / "ledger.db"))
    pin_all(holders.values())
    yield Hall(holders, clock)
    for holder in holders.values():
        holder.ledger.close()


def pin_all(holders: Iterable[Holder]) -> None:
    everybody = list(holders)
    for holder in everybody:
        holder.peers = [each.pin() for each in everybody if each is not holder]
