"""A carrier, three custodians and a registry that offers committees: honest parties, joined without a network."""

import dataclasses
import datetime as dt
import functools
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from auditlog.settings import LogSettings
from ceremony.entry import committee_facts
from crypto.envelope.provider import Unsealed
from crypto.oprf.canary import canary_input
from crypto.oprf.group import multiply_base
from crypto.signing.keys import public_bytes, save_private_key
from crypto.tlog.checkpoint import parse_signed_checkpoint
from crypto.tlog.cosignature import cosign
from custodian.committee_share import CommitteeShare, evaluate_canary
from custodian.ledger import Ledger
from custodian.served_shares import ServedShares
from custodian.settings import CarrierKey
from custodian.share_book import ShareBook
from gateway.gateway import Gateway
from gateway.pins.book import PinBook
from gateway.pins.check import Outcome, PinCheck
from gateway.pins.values import Pins, Taken, kept, named_in, pins_of
from gateway.settings import CustodianPeer, GatewaySettings, Limits
from gateway.wiring import build, pin_check, pin_keeper
from protocol.encodings import b64url_decode, b64url_encode, canonical_json
from protocol.log_entries import EntryKind
from protocol.messages.ceremonies import Ceremonies, Ceremony, KeptCeremony, Proposal
from protocol.wire.codec import write
from tests.support.ceremonies import Body, Held, bodies, genesis, hold, kept_ceremony, refresh, resharing
from tests.support.log_server import LOG_KEY, NAME, NOW, REGISTRY_KEY, URL, LogServer, filled
from tests.support.logs import seeded_key
from tests.support.parties import Line, a_custodian, custodian_url
from tests.support.share_books import hold as keep_share
from tests.support.world import Clock

FORMED_AT = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)


def at_our_custodians(proposal: Proposal) -> Proposal:
    """The same proposal, with the addresses of the custodians of a test."""
    return replace(proposal, members=tuple(replace(each, url=custodian_url(each.index)) for each in proposal.members))


def refreshed(held: Held, of: dict[str, Body], *names: str) -> Held:
    """The next committee of the same key (no names: with all members)."""
    return hold(refresh(held, names=names or None), of, former=held)


def pins_from(held: Held) -> Pins:
    """The pins of somebody who took a committee with its transcript."""
    return pins_of(kept(held.formed, Taken.NAMED, FORMED_AT))


@functools.cache
def _custodians() -> dict[str, Body]:
    return bodies(3)


@functools.cache
def _first() -> Held:
    """Hold one ceremony for all tests of a process."""
    return hold(at_our_custodians(genesis(_custodians(), 2)), _custodians())


@dataclass
class PinHouse:
    """``first`` is the committee of the settings, and is served; a test forms, serves and offers later ones."""

    folder: Path
    clock: Clock = field(default_factory=lambda: Clock(NOW))
    log: LogServer = field(default_factory=lambda: filled(40))
    custodians: dict[str, Body] = field(default_factory=lambda: dict(_custodians()))
    first: Held = field(default_factory=_first)
    carrier_key: Ed25519PrivateKey = field(default_factory=lambda: seeded_key("carrier-a"))
    offered: list[KeptCeremony] = field(default_factory=list)
    lines: dict[str, Line] = field(default_factory=dict)
    books: dict[int, ShareBook] = field(default_factory=dict)
    ledgers: list[Ledger] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.log.now = self.clock
        self.lines = {url: Line(httpx.WSGITransport(self.log)) for url in (URL, f"{URL}/log")}
        public_key = public_bytes(self.carrier_key)
        carrier = CarrierKey(carrier="carrier-a", key_id="carrier-a-1", public_key=public_key)
        for index in (1, 2, 3):
            self.books[index] = ShareBook(self.folder / f"shares-{index}", Unsealed())
            self.ledgers.append(Ledger(self.folder / f"ledger-{index}.db"))
            app = a_custodian(
                index,
                shares=ServedShares(self.books[index]),
                ledger=self.ledgers[-1],
                clock=self.clock,
                carriers=(carrier,),
            )
            self.lines[custodian_url(index)] = Line(httpx.WSGITransport(app))
        self.serve(self.first)
        save_private_key(self.carrier_key, self.folder / "carrier-a.pem")
        (self.folder / "account.key").touch(mode=0o600)
        (self.folder / "account.key").write_text(b64url_encode(os.urandom(32)))
        (self.folder / "policy").write_bytes(self.log.policy())

    def close(self) -> None:
        for ledger in self.ledgers:
            ledger.close()

    def custodian(self, index: int) -> Line:
        return self.lines[custodian_url(index)]

    # The custodians

    def refreshed(self, held: Held, *names: str) -> Held:
        return refreshed(held, self.custodians, *names)

    def reshared(self, held: Held, dealers: tuple[str, ...] = ("custodian-1", "custodian-2")) -> Held:
        """A new committee of all three under the same threshold, from two that deal."""
        seats = tuple(each.seat(n, custodian_url(n)) for n, each in enumerate(self.custodians.values(), start=1))
        return hold(resharing(held, seats=seats, dealers=dealers, threshold=2), self.custodians, former=held)

    def serve(self, held: Held) -> None:
        """Each member serves its share."""
        committee = held.formed.committee
        for member in committee.members:
            if member.custodian in held.shares and member.index in self.books:
                share = CommitteeShare(
                    epoch=committee.epoch,
                    committee=committee.committee,
                    threshold=committee.threshold,
                    index=member.index,
                    sk=held.shares[member.custodian],
                    pk=multiply_base(held.shares[member.custodian]),
                    joint_public_key=committee.joint_public_key,
                    ceremony=held.formed.ceremony,
                    formed_at=FORMED_AT,
                )
                keep_share(self.books[member.index], replace(share, canary=evaluate_canary(share)))

    def retire(self, held: Held) -> None:
        """Each member deletes its share."""
        for book in self.books.values():
            book.retire(held.formed.committee.epoch, held.formed.committee.committee, self.clock())
            book.expire(self.clock())

    # The registry

    def offer(
        self,
        held: Held,
        *,
        witnesses: tuple[str, ...] = ("w1", "w2"),
        facts: dict[str, str | int] | None = None,
        **changes: Any,
    ) -> KeptCeremony:
        """The registry logs a committee, has its head witnessed, and offers it; ``changes`` are a liar's."""
        formed = held.formed
        entry = self.log.log(
            EntryKind.COMMITTEE_FORMED, by="custodian-1", facts=dict(facts or committee_facts(formed)), at=FORMED_AT
        )
        self.log.publish()
        self.witness(*witnesses)
        opening = self.log.openings[-1]
        core, salt = opening["core"].encode("ascii"), b64url_decode(opening["core_salt"], length=32)
        offer = kept_ceremony(formed, entry, FORMED_AT, core=core, core_salt=salt)
        self.tell([*self.offered, replace(offer, **changes)])
        return self.offered[-1]

    def tell(self, offered: list[KeptCeremony]) -> None:
        """The registry offers these committees, and no others."""
        self.offered = offered
        members = [each.name for each in dataclasses.fields(Ceremony)]
        listed = tuple(Ceremony(**{name: getattr(each, name) for name in members}) for each in offered)
        self.log.documents = {"/v1/ceremonies": canonical_json(write(Ceremonies(ceremonies=listed)))} | {
            f"/v1/ceremonies/{each.committee.epoch}/{each.committee.committee}": canonical_json(write(each))
            for each in offered
        }

    def witness(self, *labels: str) -> None:
        """These witnesses cosign the newest head."""
        self.log.witnessed = None
        note = parse_signed_checkpoint(self.log.notes[self.log.size].encode())
        for label in labels:
            line = cosign(
                note.checkpoint,
                name=f"{label}.witness",
                private_key=seeded_key(label),
                timestamp=int(self.clock().timestamp()),
            )
            self.log._cosignatures(replace(note.note, signatures=(line,)).encode())
        if not labels:
            self.log.witnessed = note.note

    # The carrier

    def settings(self, *, names_signers: bool = True, has_log: bool = True, **changes: Any) -> GatewaySettings:
        """The settings of the carrier, which name the first committee."""
        committee = self.first.formed.committee
        log = LogSettings(
            url=f"{URL}/log",
            name=NAME,
            public_key=public_bytes(LOG_KEY),
            state=self.folder / "log-state",
            witness_key=None,
            witness_name="carrier-a.witness",
            policy=self.folder / "policy",
            faults=0,
        )
        made = GatewaySettings(
            carrier="carrier-a",
            key_id="carrier-a-1",
            signing_key=self.folder / "carrier-a.pem",
            account_key=self.folder / "account.key",
            registry_url=URL,
            registry_key_id="registry-1",
            registry_public_key=public_bytes(REGISTRY_KEY),
            epoch=committee.epoch,
            committee=committee.committee,
            threshold=committee.threshold,
            joint_public_key=committee.joint_public_key,
            custodians=tuple(
                CustodianPeer(
                    index=each.index,
                    url=custodian_url(each.index),
                    public_key=each.share_public_key,
                    custodian=each.custodian if names_signers else None,
                    key_id=each.key_id if names_signers else None,
                    signing_key=each.public_key if names_signers else None,
                )
                for each in committee.members
            ),
            pins=self.folder / "pins.json",
            listen="127.0.0.1:0",
            tokens=self.folder / "local-tokens.json",
            orders=self.folder / "orders.db",
            limits=Limits(hedge_seconds=5.0, attempts=1),
            log=log if has_log else None,
        )
        return replace(made, **changes)

    def book(self, settings: GatewaySettings | None = None) -> PinBook:
        settings = settings or self.settings()
        return PinBook(named_in(settings), settings.pins)

    @contextmanager
    def checking(self, settings: GatewaySettings | None = None) -> Iterator[PinCheck]:
        settings = settings or self.settings()
        with pin_check(settings, self.book(settings), transports=self.lines, clock=self.clock) as check:
            yield check

    def check(self, settings: GatewaySettings | None = None) -> Outcome:
        """Check the pins once, as a serving process does."""
        with self.checking(settings) as check:
            return check.run()

    @contextmanager
    def gateway(self, settings: GatewaySettings | None = None) -> Iterator[Gateway]:
        settings = settings or self.settings()
        with ExitStack() as stack:
            keeper = pin_keeper(settings, transports=self.lines, clock=self.clock)
            yield stack.enter_context(build(settings, transports=self.lines, clock=self.clock, keeper=keeper))
            # A check for which nobody waits must not outlive the parties.
            under_way = keeper.renewal._running
            if under_way is not None:
                assert under_way.wait(30)

    def token(self, held: Held) -> bytes:
        """The canary's token under a committee's shares: any token shows which key made it."""
        return held.token(canary_input(held.formed.committee.epoch), list(held.shares)[:2])
