"""Logs alarms for the operator: at once, at most once a minute while they last, and once more when they end."""

import datetime as dt
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

_LOG: Final = logging.getLogger("clearline.alarm")
_AGAIN: Final = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A stable code, the year of the halted log (None: all years), and words that are safe to log."""

    code: str
    year: int | None
    detail: str


class Alarms:
    """Remembers when each alarm was logged; ``clock`` gives aware times."""

    __slots__ = ("_clock", "_said")

    def __init__(self, clock: Callable[[], dt.datetime]) -> None:
        self._clock = clock
        self._said: dict[tuple[str, int | None], dt.datetime] = {}

    def tell(self, lasting: Mapping[tuple[str, int | None], Alarm]) -> None:
        """Log the alarms that are new, have lasted another minute, or have ended."""
        now = self._clock()
        for place, alarm in lasting.items():
            said = self._said.get(place)
            if said is None or abs(now - said) >= _AGAIN:
                self._said[place] = now
                line = {"alarm": alarm.code, "year": alarm.year, "state": "lasts" if said else "begins"}
                _LOG.critical(json.dumps(line | {"detail": alarm.detail}))
        for code, year in [place for place in self._said if place not in lasting]:
            del self._said[code, year]
            _LOG.warning(json.dumps({"alarm": code, "year": year, "state": "over"}))
