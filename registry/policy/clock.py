"""Judges the registry's clock by the other readings at hand: trusted, back after an outage, or contradicted."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from registry.domain.clock import KnownTimes

_SLEW_PPM: Final = 500
"""A clock that is steered gains or loses as much without being wrong (the kernel's own limit)."""
CONFIRMED_FOR: Final = dt.timedelta(hours=24)
"""How long a confirmation lets rounds be larger than the bound."""


class ClockState(StrEnum):
    """What may be done by the clock."""

    TRUSTED = "trusted"
    OUTAGE = "outage"
    """A long gap: requests are served, and what cannot be taken back waits for a person."""
    DIFFERS = "differs"
    """Two readings contradict one another: nothing is dated until they agree or a person confirms."""


class Reference(StrEnum):
    """What the clock is compared with."""

    DATABASE = "database-clock"
    STEADY = "steady-clock"
    NEWEST = "newest-time"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockTerms:
    """The bounds: how far readings may lie apart, from when a gap is long, how much one round may do."""

    bound: dt.timedelta = dt.timedelta(minutes=5)
    outage: dt.timedelta = dt.timedelta(days=7)
    round_count: int = 1_000
    round_percent: int = 10


DEFAULT_CLOCK_TERMS: Final = ClockTerms()


@dataclass(frozen=True, slots=True, kw_only=True)
class Elapsed:
    """A trusted moment, and how much the steady clock has counted since."""

    since: dt.datetime
    passed: dt.timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """``ahead`` is by how much the clock is ahead of the reference that decided; negative when it is behind."""

    state: ClockState
    reference: Reference | None = None
    ahead: dt.timedelta = dt.timedelta()
    begins_year: bool = False
    """After an outage: an entry of now would lie in a later year than the newest time, and begin a tree."""
    is_new: bool = False
    """An outage that is not remembered yet."""

    @property
    def ends(self) -> bool:
        """Whether the clock may list, end, erase and begin anything."""
        return self.state is ClockState.TRUSTED

    @property
    def acts(self) -> bool:
        """Whether an act may be dated with the clock; the beginning of a year's tree cannot be taken back."""
        return self.state is ClockState.TRUSTED or (self.state is ClockState.OUTAGE and not self.begins_year)


TRUSTED: Final = Judgement(state=ClockState.TRUSTED)


def agrees(now: dt.datetime, elapsed: Elapsed, terms: ClockTerms) -> bool:
    """Whether the clock went on as the steady clock did."""
    slack = terms.bound + abs(elapsed.passed) * _SLEW_PPM / 1_000_000
    return abs(now - (elapsed.since + elapsed.passed)) <= slack


def measure_of(known: KnownTimes) -> dt.datetime | None:
    """The newest time that is known to have been: of readings and entries, or what was confirmed in their place."""
    times = [known.newest_reading_at]
    if known.confirmation is None:
        times.append(known.newest_entry_at)
    else:
        times.append(known.confirmation.confirmed_at)
        if known.newest_entry_at != known.confirmation.newest_entry_at:
            # An entry from before the confirmation that was dated ahead hides all that follow it: readings tell then.
            times.append(known.newest_entry_at)
    return max((each for each in times if each is not None), default=None)


def judge(
    now: dt.datetime, *, database: dt.datetime, elapsed: Elapsed | None, known: KnownTimes, terms: ClockTerms
) -> Judgement:
    """Compare the registry's clock with everything else; the first contradiction decides.

    A gap is an outage only where no steady clock counted it: a process that lived through it knows how long it was.
    """
    ahead = now - database
    accepted = 0 if known.confirmation is None else known.confirmation.database_ahead_ms
    if min(abs(ahead), abs(ahead + dt.timedelta(milliseconds=accepted))) > terms.bound:
        return Judgement(state=ClockState.DIFFERS, reference=Reference.DATABASE, ahead=ahead)
    if elapsed is not None and not agrees(now, elapsed, terms):
        off = now - (elapsed.since + elapsed.passed)
        return Judgement(state=ClockState.DIFFERS, reference=Reference.STEADY, ahead=off)
    measure = measure_of(known)
    gap = dt.timedelta() if measure is None else now - measure
    if -gap > terms.bound:
        return Judgement(state=ClockState.DIFFERS, reference=Reference.NEWEST, ahead=gap)
    found = elapsed is None and gap > terms.outage
    # A clock that was put back to before an outage was found has taken the outage back with it.
    stands = known.outage_since is not None and now >= known.outage_since - terms.bound
    if found or stands:
        later = measure is not None and now.astimezone(dt.UTC).year > measure.astimezone(dt.UTC).year
        return Judgement(
            state=ClockState.OUTAGE, reference=Reference.NEWEST, ahead=gap, begins_year=later, is_new=not stands
        )
    return TRUSTED


def is_too_much(count: int, total: int, terms: ClockTerms) -> bool:
    """Whether one round would do so much that a person has to see it: more than the number, and than the share."""
    return count > terms.round_count and count * 100 > total * terms.round_percent


def is_confirmed(known: KnownTimes, now: dt.datetime, terms: ClockTerms) -> bool:
    """Whether a person confirmed the time a short while ago, and with it what a round would do."""
    confirmation = known.confirmation
    return confirmation is not None and -terms.bound <= now - confirmation.confirmed_at <= CONFIRMED_FOR


def words(judgement: Judgement) -> str:
    """One sentence for the alarm, and for whoever is refused."""
    if judgement.state is ClockState.TRUSTED:
        return "the clock is trusted"
    seconds = abs(judgement.ahead) // dt.timedelta(seconds=1)
    if judgement.state is ClockState.OUTAGE:
        return f"nothing was done for {seconds} s: what cannot be taken back waits for `registry clock confirm`"
    side = "ahead of" if judgement.ahead >= dt.timedelta() else "behind"
    named: Mapping[Reference, str] = {
        Reference.DATABASE: "the database server's clock",
        Reference.STEADY: "what the machine's steady clock counted",
        Reference.NEWEST: "the newest time that the registry knows",
    }
    reference = judgement.reference or Reference.NEWEST
    return f"the registry's clock is {seconds} s {side} {named[reference]}: put it right, or confirm it"
