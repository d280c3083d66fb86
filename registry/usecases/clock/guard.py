"""Judges the clock by every other reading, and spares the database while the steady clock agrees."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from registry.domain.clock import ClockReading, KnownTimes
from registry.policy.clock import TRUSTED, ClockTerms, Elapsed, Judgement, agrees, judge
from registry.store.transactions import Transaction

_LOOKED_FOR: Final = 10.0
"""For so many seconds after a look at the database the steady clock is enough."""
_LONG_AGO: Final = float("-inf")
_KEPT_EVERY: Final = 60.0
"""Seconds between two readings that a process keeps in the database."""
_ANCHOR_DAYS: Final = 1
"""Readings are compared with one trusted moment for this long, so that a creeping clock is noticed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSources:
    """The readings other than the registry's own clock."""

    steady: Callable[[], float]
    """The seconds of a clock that cannot be set and that counts on while the machine sleeps."""
    boot: str
    """The machine and its boot from which ``steady`` counts: other processes of this boot share the readings."""
    database: Callable[[Transaction], dt.datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Anchor:
    """A trusted moment of this process or of this boot of the machine."""

    at: dt.datetime
    steady: float
    looked: float
    confirmed: int
    """The number of the last known confirmation: a newer one invalidates the moment."""


class ClockGuard:
    """One for each process, shared by its threads; a look only reads."""

    __slots__ = ("_anchor", "_given", "_sources", "terms")

    def __init__(self, sources: ClockSources, terms: ClockTerms) -> None:
        self._sources = sources
        self._anchor: _Anchor | None = None
        self._given = _LONG_AGO
        self.terms: Final = terms

    def glance(self, now: dt.datetime) -> Judgement | None:
        """Return TRUSTED without asking the database, if it was asked a moment ago; None if it must be asked."""
        anchor, steady = self._anchor, self._sources.steady()
        if anchor is None or not 0 <= steady - anchor.looked < _LOOKED_FOR:
            return None
        return TRUSTED if agrees(now, _elapsed(anchor, steady), self.terms) else None

    def look(self, tx: Transaction, now: dt.datetime) -> Judgement:
        """Judge by all readings, those in the database included."""
        known, steady = self.known(tx, now), self._sources.steady()
        confirmed = 0 if known.confirmation is None else known.confirmation.number
        anchor = self._anchor
        if anchor is None or anchor.confirmed != confirmed:
            anchor = _anchored(known.reading, steady, confirmed)
        found = judge(
            now,
            database=self._sources.database(tx),
            elapsed=None if anchor is None else _elapsed(anchor, steady),
            known=known,
            terms=self.terms,
        )
        if found == TRUSTED:
            if anchor is None or abs(now - anchor.at) >= dt.timedelta(days=_ANCHOR_DAYS):
                anchor = _Anchor(at=now, steady=steady, looked=steady, confirmed=confirmed)
            self._anchor = replace(anchor, looked=steady)
        else:
            # Keep the moment for comparison if it still counts; until readings agree, each act asks the database.
            self._anchor = None if anchor is None else replace(anchor, looked=_LONG_AGO)
        return found

    @property
    def confirmed(self) -> int:
        """Return the number of the last confirmation that this process knows."""
        return 0 if self._anchor is None else self._anchor.confirmed

    def known(self, tx: Transaction, now: dt.datetime) -> KnownTimes:
        """Read the earlier times that the database knows."""
        return tx.clock.known(self._sources.boot, now)

    def database_now(self, tx: Transaction) -> dt.datetime:
        """Read the database's own clock."""
        return self._sources.database(tx)

    def reading_to_keep(self, now: dt.datetime) -> ClockReading | None:
        """Return the reading to store for other processes; None if one was returned a moment ago."""
        steady = self._sources.steady()
        if 0 <= steady - self._given < _KEPT_EVERY:
            return None
        self._given = steady
        return self.reading(now)

    def reading(self, now: dt.datetime) -> ClockReading:
        """Return the reading of a trusted moment."""
        return ClockReading(boot=self._sources.boot, at=now, steady_ms=round(self._sources.steady() * 1000))


def _elapsed(anchor: _Anchor, steady: float) -> Elapsed:
    return Elapsed(since=anchor.at, passed=dt.timedelta(seconds=steady - anchor.steady))


def _anchored(reading: ClockReading | None, steady: float, confirmed: int) -> _Anchor | None:
    """Return the moment that another process of this boot trusted."""
    if reading is None or reading.steady_ms / 1000 > steady:
        return None  # a steady clock that went back is another boot's
    return _Anchor(at=reading.at, steady=reading.steady_ms / 1000, looked=_LONG_AGO, confirmed=confirmed)
