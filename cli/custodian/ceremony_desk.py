"""Opens a custodian's side of ceremonies, and asks its peers one after the other."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cli.custody import open_provider
from cli.outcome import ExitCode, Failure
from cli.output import say
from crypto.signing.keys import load_private_key
from custodian import settings
from custodian.ceremonies.consent import Desk
from custodian.ceremonies.identity import identity_of
from custodian.ceremonies.peers import PeerCaller, PeerFailed
from custodian.ceremonies.store import CeremonyStore
from custodian.settings import CustodianSettings
from custodian.share import SIGNING_KEY
from custodian.share_book import open_book
from protocol.messages.ceremonies import Offered, Proposal
from serving.clock import system_clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A custodian's side of ceremonies, and the ways to its peers."""

    held: CustodianSettings
    desk: Desk
    callers: Mapping[str, PeerCaller]


@contextmanager
def opened(config: Path) -> Iterator[Opened]:
    """Read the settings and, through the provider of their custody, the signing key.

    Raises SettingsError, KeyFileBad, or the refusals of ``open_provider``.
    """
    held = settings.load(config)
    provider, peers = open_provider(held.custody), held.admission.peers
    me = identity_of(held, partial(load_private_key, provider=provider, purpose=SIGNING_KEY))
    desk = Desk(me=me, peers=peers, store=CeremonyStore(held.ceremonies, provider), book=open_book(held, provider))
    with ExitStack() as stack:
        callers = {}
        for peer in peers:
            caller = PeerCaller(peer, me.signer, clock=system_clock, monotonic=time.monotonic, random=os.urandom)
            stack.callback(caller.close)
            callers[peer.custodian] = caller
        yield Opened(held=held, desk=desk, callers=callers)


def fetched(custodian: Opened, ceremony: str) -> Proposal:
    """Ask one peer after the other for the proposal, whose digest is the id; raises Failure."""
    for name, caller in custodian.callers.items():
        try:
            minutes = caller.minutes(ceremony)
        except PeerFailed as failed:
            say(f"{name} {failed}")
            continue
        if minutes is not None:
            return minutes.proposal
    raise Failure("no peer has this ceremony: compare the id, or list offers: join without an id", ExitCode.UNAVAILABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """The answers of all peers: their offers by name, and why the others gave none."""

    offers: Mapping[str, Offered]
    silent: Mapping[str, str]

    def ahead_of(self, epoch: int, committee: int) -> list[str]:
        """Return the peers that serve a later committee."""
        return [
            name
            for name, offer in self.offers.items()
            if offer.newest is not None and (offer.newest.epoch, offer.newest.committee) > (epoch, committee)
        ]

    def later_in(self, epoch: int, committee: int) -> list[str]:
        """Return the peers that serve a later committee of that epoch."""
        return [
            name
            for name, offer in self.offers.items()
            if offer.newest is not None and offer.newest.epoch == epoch and offer.newest.committee > committee
        ]


def asked_round(custodian: Opened) -> Round:
    """Ask each peer once for its offers and its newest committee."""
    offers, silent = {}, {}
    for name, caller in custodian.callers.items():
        try:
            offers[name] = caller.offered()
        except PeerFailed as failed:
            silent[name] = str(failed)
    return Round(offers=offers, silent=silent)


def refuse_behind(custodian: Opened, proposal: Proposal) -> None:
    """Refuse a proposal while a peer serves a later committee than its former one; raises Failure.

    A silent peer is not waited for.
    """
    former = proposal.former
    ahead = [] if former is None else asked_round(custodian).later_in(former.epoch, former.committee)
    if former is not None and ahead:
        raise Failure(
            f"{', '.join(ahead)}: serves a later committee than {former.committee}, the newest one here: join its "
            "ceremony again if this custodian took part in it (see ceremony status), or let that custodian propose"
        )
