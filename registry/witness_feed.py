"""Feeds the witnesses that wait to be asked (c2sp.org/tlog-witness): each gets the candidate, its line is counted."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

import httpx

from protocol.problems import Refusal
from registry.domain.log_faults import LogFault
from registry.domain.rounds import Loop
from registry.outgoing import Caller, NotCalled
from registry.rounds import RoundBook
from registry.usecases.context import Registry
from registry.usecases.log.feed_witness import Errand, errands, held_size, submission, take_lines

INTERVAL_SECONDS: Final = 1.0
_LOG: Final = logging.getLogger("clearline.witness_feed")
_AT_ONCE: Final = 8
_MAX_ANSWER: Final = 64 * 1024
_SUCCESS: Final = 200
_CONFLICT: Final = 409
_SIZE: Final = "text/x.tlog.size"


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessFeed:
    """Rounds over all witnesses that owe a line; what each is known to hold is remembered, and learned again if not."""

    registry: Registry
    caller: Caller
    _held: dict[tuple[int, str], int] = field(default_factory=dict, repr=False)

    def round(self) -> int:
        """Ask everybody once, some at a time; returns how many lines were counted. A silent witness costs its line."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return sum(pool.map(self._cosigned, errands(self.registry)))

    def run(self, stop: threading.Event, interval: float = INTERVAL_SECONDS) -> None:
        """Round after round until ``stop`` is set; one that the database refuses is tried again at the next."""
        book = RoundBook(self.registry, Loop.WITNESS_FEED, interval)
        while not stop.wait(interval):
            try:
                self.round()
            except Refusal as refusal:
                _LOG.warning("a round of feeding witnesses was refused: %s", refusal.problem.value.name)
            else:
                book.finished()

    def _cosigned(self, errand: Errand) -> bool:
        try:
            return self._ask(errand, self._held.get((errand.year, errand.name), errand.held))
        except NotCalled as failed:
            _LOG.warning("the witness %s gave no line: %s", errand.name, failed.code)
        except Refusal as refusal:
            reason = refusal.detail or refusal.problem.value.name
            _LOG.warning("what the witness %s answered is refused: %s", errand.name, reason)
        except LogFault as fault:
            _LOG.error("the log of %d cannot be shown to the witness %s: %s", errand.year, errand.name, fault.code)
        return False

    def _ask(self, errand: Errand, old_size: int, *, again: bool = True) -> bool:
        if old_size > errand.size:
            return False  # it was fed a newer head; the next candidate reaches it
        status, kind, answer = self._post(errand, submission(self.registry, errand, old_size))
        if status == _SUCCESS:
            take_lines(self.registry, errand, answer)
            self._held[errand.year, errand.name] = errand.size
            return True
        if status != _CONFLICT or kind != _SIZE or not again:
            raise NotCalled(f"status-{status}")
        held = held_size(answer)
        self._held[errand.year, errand.name] = held
        return self._ask(errand, held, again=False)

    def _post(self, errand: Errand, body: bytes) -> tuple[int, str, bytes]:
        url = errand.url.rstrip("/") + "/add-checkpoint"
        with self.caller.post(url, body, {"Content-Type": "text/plain; charset=utf-8"}) as response:
            kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            return response.status_code, kind, _read(response)


def _read(response: httpx.Response) -> bytes:
    """The answer's body, bounded in size; the caller bounds its time."""
    answer = b""
    for part in response.iter_raw():
        answer += part
        if len(answer) > _MAX_ANSWER:
            raise NotCalled("answer-too-large")
    return answer
