"""Judges the registry's clock by other readings: it is trusted, back after an outage, or contradicted."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from registry.domain.clock import KnownTimes

_SLEW_PPM: Final = 500
"""A right clock that NTP steers may gain or lose this much (the kernel's own limit)."""
CONFIRMED_FOR: Final = dt.timedelta(hours=24)
"""For this long after a confirmation rounds may exceed the bound."""


class ClockState(StrEnum):
    """A state of the clock limits the acts and steps that use it."""

    TRUSTED = "trusted"
    OUTAGE = "outage"
    """After a long gap requests are served, and steps that cannot be undone wait for a person."""
    DIFFERS = "differs"
    """Two readings contradict one another: the registry dates nothing until they agree or a person confirms."""


class Reference(StrEnum):
    """A reading with which the clock is compared."""

    DATABASE = "database-clock"
    STEADY = "steady-clock"
    NEWEST = "newest-time"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockTerms:
    """The bounds: the largest difference of readings, the shortest long gap, the most work of one round."""

    bound: dt.timedelta = dt.timedelta(minutes=5)
    outage: dt.timedelta = dt.timedelta(days=7)
    round_count: int = 1_000
    round_percent: int = 10


DEFAULT_CLOCK_TERMS: Final = ClockTerms()


@dataclass(frozen=True, slots=True, kw_only=True)
class Elapsed:
    """A trusted moment, and the time that the steady clock has counted since."""

    since: dt.datetime
    passed: dt.timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """``ahead`` is the clock's lead over the reference that decided; negative when it is behind."""

    state: ClockState
    reference: Reference | None = None
    ahead: dt.timedelta = dt.timedelta()
    begins_year: bool = False
    """After an outage, an entry dated now would lie in a later year than the newest time, and begin a tree."""
    is_new: bool = False
    """The outage is not stored yet."""

    @property
    def ends(self) -> bool:
        """Tell whether the registry may list, end, erase and begin anything by the clock."""
        return self.state is ClockState.TRUSTED

    @property
    def acts(self) -> bool:
        """Tell whether an act may be dated with the clock; the beginning of a year's tree cannot be undone."""
        return self.state is ClockState.TRUSTED or (self.state is ClockState.OUTAGE and not self.begins_year)


TRUSTED: Final = Judgement(state=ClockState.TRUSTED)


def agrees(now: dt.datetime, elapsed: Elapsed, terms: ClockTerms) -> bool:
    """Tell whether the clock advanced as the steady clock did."""
    slack = terms.bound + abs(elapsed.passed) * _SLEW_PPM / 1_000_000
    return abs(now - (elapsed.since + elapsed.passed)) <= slack


def measure_of(known: KnownTimes) -> dt.datetime | None:
    """Return the newest time that surely has passed: of readings and entries, or the confirmed time in their place."""
    times = [known.newest_reading_at]
    if known.confirmation is None:
        times.append(known.newest_entry_at)
    else:
        times.append(known.confirmation.confirmed_at)
        if known.newest_entry_at != known.confirmation.newest_entry_at:
            # An entry before the confirmation that was dated ahead hides all later ones: use the readings then.
            times.append(known.newest_entry_at)
    return max((each for each in times if each is not None), default=None)


def judge(
    now: dt.datetime, *, database: dt.datetime, elapsed: Elapsed | None, known: KnownTimes, terms: ClockTerms
) -> Judgement:
    """Compare the registry's clock with every other reading; the first contradiction decides.

    A gap is an outage only if no steady clock counted it: a process that ran through it knows its length.
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
    # If the clock was put back to before the outage was found, the outage no longer counts.
    stands = known.outage_since is not None and now >= known.outage_since - terms.bound
    if found or stands:
        later = measure is not None and now.astimezone(dt.UTC).year > measure.astimezone(dt.UTC).year
        return Judgement(
            state=ClockState.OUTAGE, reference=Reference.NEWEST, ahead=gap, begins_year=later, is_new=not stands
        )
    return TRUSTED


def is_too_much(count: int, total: int, terms: ClockTerms) -> bool:
    """Tell whether one round would do so much that a person must confirm it: more than the number and the share."""
    return count > terms.round_count and count * 100 > total * terms.round_percent


def is_confirmed(known: KnownTimes, now: dt.datetime, terms: ClockTerms) -> bool:
    """Tell whether a person confirmed the time, and the round's work with it, a short while ago."""
    confirmation = known.confirmation
    return confirmation is not None and -terms.bound <= now - confirmation.confirmed_at <= CONFIRMED_FOR


def words(judgement: Judgement) -> str:
    """Write one sentence for the alarm and for the refused caller."""
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
