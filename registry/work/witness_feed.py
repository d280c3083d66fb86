"""Sends the candidate checkpoint to each witness and stores its cosignature (c2sp.org/tlog-witness)."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

import httpx

from protocol.problems import Refusal
from registry.domain.log_faults import LogFault
from registry.domain.rounds import Loop
from registry.usecases.context import Registry
from registry.usecases.log.feed_witness import Errand, errands, held_size, submission, take_lines
from registry.work.lanes import LaneRules, Lanes, Turn
from registry.work.outgoing import Caller, NotCalled
from registry.work.rounds import RoundBook

INTERVAL_SECONDS: Final = 1.0
_LANES: Final = LaneRules(slow_seconds=20.0)
_ONE_ROUND: Final = LaneRules(fast_threads=8, fast_seconds=20.0, slow_threads=0)
"""A single round waits for every witness: no later round could give a slow one more time."""
_LONGEST_REST: Final = 60.0
"""The longest pause before a witness that keeps failing is asked again."""
_LONGEST_REST_OF_A_PAST_YEAR: Final = 3600.0
"""A witness that was admitted later may not know the logs of earlier years."""
_LOG: Final = logging.getLogger("clearline.witness_feed")
_MAX_ANSWER: Final = 64 * 1024
_SUCCESS: Final = 200
_CONFLICT: Final = 409
_SIZE: Final = "text/x.tlog.size"

_Key = tuple[int, str]
"""Year and name: each witness has a turn of its own for each year's log."""


@dataclass(slots=True)
class _Rest:
    """A witness's failures in a row, and the end of its pause."""

    failures: int = 0
    until: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessFeed:
    """Rounds over all witnesses that owe a cosignature; it remembers each witness's size, or asks for it again."""

    registry: Registry
    caller: Caller
    monotonic: Callable[[], float] = time.monotonic
    _held: dict[_Key, int] = field(default_factory=dict, repr=False)
    _rests: dict[_Key, _Rest] = field(default_factory=dict, repr=False)

    def round(self) -> int:
        """Ask every such witness once; returns the number of stored cosignatures. A silent witness is skipped."""
        owed = {(each.year, each.name): each for each in errands(self.registry)}
        counted: list[_Key] = []
        with self._lanes(owed, counted.append, _ONE_ROUND) as lanes:
            lanes.offer(owed)
            lanes.wait()
        return len(counted)

    def run(self, stop: threading.Event, interval: float = INTERVAL_SECONDS) -> None:
        """Ask each witness that owes a line and does not pause, until ``stop`` is set; a slow one delays no other.

        After a refusal of the database it tries again at the next interval.
        """
        owed: dict[_Key, Errand] = {}
        book = RoundBook(self.registry, Loop.WITNESS_FEED, interval)
        with self._lanes(owed, bool, _LANES) as lanes:
            while not stop.wait(interval):
                try:
                    found = errands(self.registry)
                except Refusal as refusal:
                    _LOG.warning("a round of feeding witnesses was refused: %s", refusal.problem.value.name)
                    continue
                now, busy = self.monotonic(), lanes.busy()
                due = {(each.year, each.name): each for each in found if self._is_due((each.year, each.name), now)}
                due = {key: errand for key, errand in due.items() if key not in busy}
                owed.update(due)
                lanes.offer(due)
                book.finished()

    def _lanes(self, owed: dict[_Key, Errand], on_counted: Callable[[_Key], object], rules: LaneRules) -> Lanes[_Key]:
        def take_turn(key: _Key, seconds: float) -> Turn:
            begun = self.monotonic()
            caller = replace(self.caller, whole_seconds=min(seconds, self.caller.whole_seconds))
            if self._cosigned(owed[key], caller):
                on_counted(key)
            return Turn(seconds=self.monotonic() - begun)

        return Lanes(take_turn, rules)

    def _is_due(self, key: _Key, now: float) -> bool:
        rest = self._rests.get(key)
        return rest is None or rest.until <= now

    def _rest(self, key: _Key, *, failed: bool) -> None:
        """Pause a witness that gave no line: a second, then twice as long each time."""
        if not failed:
            self._rests.pop(key, None)
            return
        rest = self._rests.setdefault(key, _Rest())
        is_over = key[0] < self.registry.clock().year
        longest = _LONGEST_REST_OF_A_PAST_YEAR if is_over else _LONGEST_REST
        rest.until = self.monotonic() + min(longest, 2.0 ** min(rest.failures, 16))
        rest.failures += 1

    def _cosigned(self, errand: Errand, caller: Caller) -> bool:
        key = (errand.year, errand.name)
        try:
            counted = self._ask(errand, self._held.get(key, errand.held), caller)
        except NotCalled as failed:
            _LOG.warning("the witness %s gave no line: %s", errand.name, failed.code)
        except Refusal as refusal:
            reason = refusal.detail or refusal.problem.value.name
            _LOG.warning("what the witness %s answered is refused: %s", errand.name, reason)
        except LogFault as fault:
            _LOG.error("the log of %d cannot be shown to the witness %s: %s", errand.year, errand.name, fault.code)
        else:
            self._rest(key, failed=False)
            return counted
        self._rest(key, failed=True)
        return False

    def _ask(self, errand: Errand, old_size: int, caller: Caller, *, again: bool = True) -> bool:
        if old_size > errand.size:
            return False  # the witness holds a newer head; it gets the next candidate
        status, kind, answer = _post(caller, errand, submission(self.registry, errand, old_size))
        if status == _SUCCESS:
            take_lines(self.registry, errand, answer)
            self._held[errand.year, errand.name] = errand.size
            return True
        if status != _CONFLICT or kind != _SIZE or not again:
            raise NotCalled(f"status-{status}")
        held = held_size(answer)
        self._held[errand.year, errand.name] = held
        return self._ask(errand, held, caller, again=False)


def _post(caller: Caller, errand: Errand, body: bytes) -> tuple[int, str, bytes]:
    url = errand.url.rstrip("/") + "/add-checkpoint"
    with caller.post(url, body, {"Content-Type": "text/plain; charset=utf-8"}) as response:
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return response.status_code, kind, _read(response)


def _read(response: httpx.Response) -> bytes:
    """Read the answer's body, bounded in size; the caller bounds its time."""
    answer = b""
    for part in response.iter_raw():
        answer += part
        if len(answer) > _MAX_ANSWER:
            raise NotCalled("answer-too-large")
    return answer
