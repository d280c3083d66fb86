"""Judges the clock by every other reading at hand, and spares the database while the steady clock agrees."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from registry.domain.clock import ClockReading, KnownTimes
from registry.policy.clock import TRUSTED, ClockTerms, Elapsed, Judgement, agrees, judge
from registry.store.transactions import Transaction

_LOOKED_FOR: Final = 10.0
"""Seconds for which a look at the database and the steady clock are enough."""
_LONG_AGO: Final = float("-inf")
_KEPT_EVERY: Final = 60.0
"""Seconds between two readings that a process keeps in the database."""
_ANCHOR_DAYS: Final = 1
"""How long readings are compared with one trusted moment: a clock that creeps is not followed step by step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSources:
    """Readings beside the registry's own clock."""

    steady: Callable[[], float]
    """Seconds that nobody sets; they count on while the machine sleeps."""
    boot: str
    """Which start of which machine ``steady`` counts from: another process of the same start goes on from there."""
    database: Callable[[Transaction], dt.datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Anchor:
    """A trusted moment of this process or of this start of the machine."""

    at: dt.datetime
    steady: float
    looked: float
    confirmed: int
    """The number of the last confirmation that was known: a newer one makes the moment worthless."""


class ClockGuard:
    """One for each process, shared by its threads; a look only reads."""

    __slots__ = ("_anchor", "_given", "_sources", "terms")

    def __init__(self, sources: ClockSources, terms: ClockTerms) -> None:
        self._sources = sources
        self._anchor: _Anchor | None = None
        self._given = _LONG_AGO
        self.terms: Final = terms

    def glance(self, now: dt.datetime) -> Judgement | None:
        """TRUSTED without asking the database, where that was done a moment ago; None where it has to be asked."""
        anchor, steady = self._anchor, self._sources.steady()
        if anchor is None or not 0 <= steady - anchor.looked < _LOOKED_FOR:
            return None
        return TRUSTED if agrees(now, _elapsed(anchor, steady), self.terms) else None

    def look(self, tx: Transaction, now: dt.datetime) -> Judgement:
        """The judgement by all readings, those in the database included."""
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
            # Kept to compare with, if it still counts; and until readings agree, each act asks the database.
            self._anchor = None if anchor is None else replace(anchor, looked=_LONG_AGO)
        return found

    @property
    def confirmed(self) -> int:
        """The number of the last confirmation that this process knows."""
        return 0 if self._anchor is None else self._anchor.confirmed

    def known(self, tx: Transaction, now: dt.datetime) -> KnownTimes:
        """What the database knows of earlier times."""
        return tx.clock.known(self._sources.boot, now)

    def database_now(self, tx: Transaction) -> dt.datetime:
        """What the database's own clock says."""
        return self._sources.database(tx)

    def reading_to_keep(self, now: dt.datetime) -> ClockReading | None:
        """The reading of a trusted moment, to be kept for other processes; None where one was given a moment ago."""
        steady = self._sources.steady()
        if 0 <= steady - self._given < _KEPT_EVERY:
            return None
        self._given = steady
        return self.reading(now)

    def reading(self, now: dt.datetime) -> ClockReading:
        """The reading of a moment that is trusted."""
        return ClockReading(boot=self._sources.boot, at=now, steady_ms=round(self._sources.steady() * 1000))


def _elapsed(anchor: _Anchor, steady: float) -> Elapsed:
    return Elapsed(since=anchor.at, passed=dt.timedelta(seconds=steady - anchor.steady))


def _anchored(reading: ClockReading | None, steady: float, confirmed: int) -> _Anchor | None:
    """The moment that another process of this start of the machine trusted."""
    if reading is None or reading.steady_ms / 1000 > steady:
        return None  # a steady clock that goes back is another one
    return _Anchor(at=reading.at, steady=reading.steady_ms / 1000, looked=_LONG_AGO, confirmed=confirmed)
