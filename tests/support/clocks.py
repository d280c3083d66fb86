"""The clocks of a test that go apart: the registry's own, the database server's, and the steady one of the machine."""

import datetime as dt
import os
from dataclasses import dataclass, field, replace

from crypto.signing.jws import sign_compact
from protocol.clock_words import CLOCK_WORD_TYPE, ClockWord, clock_payload
from protocol.encodings import b64url_encode
from registry.policy.clock import DEFAULT_CLOCK_TERMS, ClockTerms
from registry.usecases.clock.confirm_clock import confirm_clock
from registry.usecases.clock.guard import ClockGuard, ClockSources
from tests.support.builders import NOW
from tests.support.world import Clock, World


@dataclass
class Clocks:
    """What each clock says; ``pass_`` is time that really passes, everything else is a mistake of a clock."""

    world: World
    own: Clock = field(default_factory=Clock)
    database: dt.datetime = NOW
    steady: float = 0.0
    boots: int = 1
    terms: ClockTerms = DEFAULT_CLOCK_TERMS

    def __post_init__(self) -> None:
        self.own = self.world.clock
        self.database = self.own.now
        self.process()

    def pass_(self, **delta: float) -> None:
        """So much time passes, and every clock counts it."""
        self.own.forward(**delta)
        self.database += dt.timedelta(**delta)
        self.steady += dt.timedelta(**delta).total_seconds()

    def jump(self, delta: dt.timedelta, *, database: bool) -> None:
        """The registry's clock is set; on one machine with it the database's."""
        self.own.now += delta
        self.database += delta if database else dt.timedelta()

    def process(self) -> None:
        """A new process on the same start of the machine."""
        sources = ClockSources(steady=lambda: self.steady, boot=f"boot-{self.boots}", database=lambda _: self.database)
        self.world.registry = replace(self.world.registry, guard=ClockGuard(sources, self.terms))

    def boot(self) -> None:
        """The machine starts again: its steady clock begins anew, and no process remembers anything."""
        self.boots += 1
        self.steady = 0.0
        self.process()

    def confirm(self) -> None:
        """The operator confirms the time that the registry's clock says."""
        confirm_clock(self.world.registry, a_word(self.world, self.own.now))


def a_word(world: World, moment: dt.datetime, *, signer: str = "operator", registry: str | None = None) -> str:
    """The word that it is this time now, signed by somebody."""
    url = world.registry.public_url if registry is None else registry
    word = ClockWord(registry=url, time=moment, nonce=b64url_encode(os.urandom(16)))
    key = world.signing_keys[signer]
    return sign_compact(clock_payload(word), typ=CLOCK_WORD_TYPE, key_id=f"{signer}-1", private_key=key)
