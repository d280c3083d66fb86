"""Checks the pins once: looks for proven successors, takes the last one that serves, and stops at a contradiction."""

import datetime as dt
import logging
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Final

from auditlog.party import LogParty
from ceremony.standing import Formed
from client.errors import ClientError
from client.registry import RegistryClient
from gateway.errors import CustodiansUnavailable
from gateway.identity.custodians import CustodianPool
from gateway.pins.book import PinBook
from gateway.pins.canary import compare_keys, run_canary
from gateway.pins.codes import FOR_A_PERSON, STOPPING, UNPROVEN, CommitteeRefused, KeyChanged, PinCode
from gateway.pins.logged import prove_logged
from gateway.pins.offers import Refused, Walk, walk
from gateway.pins.values import Doubt, KeptPins, KnownCanary, LogPlace, PinFile, Pins, Taken, kept, pins_of
from protocol.messages.ceremonies import KeptCeremony
from serving.settings import SettingsError

GRACE: Final = dt.timedelta(days=3)
"""So long may the registry offer a committee without a witnessed entry."""
_log = logging.getLogger("clearline.gateway")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of a check: the pins after it, whether they changed, and the obstacles to a later committee."""

    pins: Pins
    is_taken: bool = False
    refused: Refused | None = None
    """The offer that was not taken."""
    stopped: PinCode | None = None
    silent: ClientError | None = None
    """The registry, or so many custodians that no canary came, gave no answer: nothing is known of them."""

    @property
    def is_well(self) -> bool:
        """Tell whether everything was checked and found well; a committee may wait for a person."""
        waits = self.refused is None or self.refused.code in FOR_A_PERSON
        return self.stopped is None and self.silent is None and waits


@dataclass(frozen=True, slots=True, kw_only=True)
class PinCheck:
    """The tools of a check. ``make_pool`` makes pools for candidates, which are closed after it."""

    book: PinBook
    registry: RegistryClient
    party: LogParty | None
    """None where the settings pin no log."""
    make_pool: Callable[[Pins], CustodianPool]
    clock: Callable[[], dt.datetime]
    random: Callable[[int], bytes] = field(repr=False)

    def is_due_soon(self) -> bool:
        """Check once, as a serving process does; True where the next check should be soon."""
        if self.book.read().stopped is not None:
            return False  # only a person ends a stop
        return not self.run().is_well

    def run(self) -> Outcome:
        """Check once; raises KeyChanged where nothing usable is pinned, or OSError where the pins are not kept."""
        found, silent = self._walk()
        is_taken, unserved = self._try(found.proven[-1]) if found.proven else (False, None)
        # A contradiction counts for more than a committee that does not serve yet.
        refused = found.refused if unserved is None or _stops(found.refused) else unserved
        if refused is not None and _stops(refused):
            return self._stopped(refused.code, refused)
        stopped, mute = self._check_canary(self.book.pins())
        if stopped is not None:
            return self._stopped(stopped, refused)
        if silent is None:
            stopped = self._note(refused)
        return Outcome(
            pins=self.book.pins(), is_taken=is_taken, refused=refused, stopped=stopped, silent=silent or mute
        )

    def look(self) -> Walk:
        """Judge what the registry offers, and change nothing; raises ClientError."""
        return walk(self.book.pins(), self.registry, self._prove, self._keep)

    def end_stop(self, known: Doubt) -> None:
        """End the stop that a person knows of, once a check found all well; a later one stays."""
        self.book.change(lambda content: replace(content, stopped=None) if content.stopped == known else content)

    def _walk(self) -> tuple[Walk, ClientError | None]:
        """Return what the registry offers, or the reason why nothing is known of it."""
        try:
            return self.look(), None
        except KeyChanged:
            raise
        except ClientError as trouble:
            return Walk(), trouble

    def _prove(self, kept_there: KeptCeremony, formed: Formed) -> LogPlace:
        if self.party is None:
            raise CommitteeRefused(PinCode.LOG_NOT_PINNED, "the settings pin no log")
        return prove_logged(self.party, kept_there, formed)

    def _keep(self, formed: Formed, place: LogPlace) -> KeptPins:
        return kept(formed, Taken.LOGGED, self.clock(), place)

    def _try(self, candidate: KeptPins) -> tuple[bool, Refused | None]:
        """Take a proven committee once its members serve it: until then the former one does."""
        pins = pins_of(candidate)
        code, text = PinCode.NOT_SERVED, ""
        try:
            with closing(self.make_pool(pins)) as pool:
                run_canary(pool, pins, self.random)
        except (CustodiansUnavailable, SettingsError) as trouble:  # the latter for an address that is none
            text = str(trouble)
        except CommitteeRefused as refused:
            code, text = refused.code, str(refused)
        else:
            self.book.change(lambda content: replace(content, pins=candidate, doubt=None))
            _log.warning("committee taken epoch=%d committee=%d", pins.epoch, pins.committee)
            return True, None
        return False, Refused(code=code, digest=pins.digest or "", text=text)

    def _check_canary(self, pins: Pins) -> tuple[PinCode | None, ClientError | None]:
        """Return the code that stops, or the reason why no canary came."""
        try:
            with closing(self.make_pool(pins)) as pool:
                compare_keys(pool, pins)
                token = run_canary(pool, pins, self.random)
        except CustodiansUnavailable as silent:
            return None, silent
        except CommitteeRefused as refused:
            return refused.code, None
        known = KnownCanary(epoch=pins.epoch, joint_public_key=pins.joint_public_key, token=token)
        self.book.change(lambda content: replace(content, canary=known))
        return None, None

    def _note(self, refused: Refused | None) -> PinCode | None:
        """Keep the refusal of an offer, and stop once an unproven one stood for too long."""
        now = self.clock()

        def noted(content: PinFile) -> PinFile:
            doubt = None
            if refused is not None:
                before = content.doubt
                # Another offer every day does not begin the time anew.
                goes_on = before is not None and {before.code, refused.code} <= UNPROVEN
                since = before.since if before is not None and goes_on else now
                doubt = Doubt(code=refused.code, since=since, digest=refused.digest)
            return replace(content, doubt=doubt, checked_at=now)

        doubt = self.book.change(noted).doubt
        if doubt is None or doubt.code not in UNPROVEN or now - doubt.since < GRACE:
            return None
        self.book.stop(Doubt(code=PinCode.UNLOGGED, since=now, digest=doubt.digest))
        return PinCode.UNLOGGED

    def _stopped(self, code: PinCode, refused: Refused | None) -> Outcome:
        digest = None if refused is None else refused.digest
        self.book.stop(Doubt(code=code, since=self.clock(), digest=digest))
        return Outcome(pins=self.book.pins(), refused=refused, stopped=code)


def _stops(refused: Refused | None) -> bool:
    return refused is not None and refused.code in STOPPING
