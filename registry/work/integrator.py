"""The integrator gives waiting entries their places in the log, stores the signed checkpoint, and publishes it."""

import logging
import threading
from dataclasses import dataclass
from typing import Final

from crypto.errors import KeyFileBad, TlogRefused
from protocol.problems import Refusal
from registry.domain.log_faults import REFUSING, LogFault, LogForked
from registry.domain.rounds import Loop
from registry.policy.clock import Judgement
from registry.store.errors import StaleVersion, StoreFailure
from registry.usecases.clock.judge_clock import judge_clock
from registry.usecases.context import Registry
from registry.usecases.log.cosign import propose_candidates
from registry.usecases.log.integrate import Sign, integrate
from registry.usecases.log.publish import publish
from registry.usecases.log.refusals import note_refusals
from registry.usecases.log.unfinished import unfinished_years
from registry.usecases.restores.standing import standing
from registry.work.alarms import Alarm, Alarms
from registry.work.clock_round import clock_alarms
from registry.work.heads import LogHeads
from registry.work.rounds import RoundBook

_LOG: Final = logging.getLogger("clearline.integrator")
INTERVAL_SECONDS: Final = 0.25
BATCH: Final = 1_000
"""The most entries in one transaction; on SQLite all other writers wait for it."""
_BATCHES_A_ROUND: Final = 16

_Fault = LogFault | TlogRefused | KeyFileBad | OSError | Refusal | StoreFailure | StaleVersion
_FAULTS: Final = (LogFault, TlogRefused, KeyFileBad, OSError, Refusal, StoreFailure, StaleVersion)
"""These errors stop a year's head until the next round; any other error is a bug and ends the integrator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round's result: the number of placed entries, a flag that more wait, and the alarms of halted heads."""

    integrated: int
    more: bool
    faults: tuple[str, ...]


class Integrator:
    """Any number of integrators may run: the first takes the batch, and the second finds no work.

    No failure loses an acknowledged entry: it waits until the transaction that gives it its place. A year whose
    published head contradicts the database stays halted until the process is restarted.
    """

    def __init__(self, registry: Registry, heads: LogHeads, sign: Sign, *, batch: int = BATCH) -> None:
        self._registry = registry
        self._heads = heads
        self._sign = sign
        self._batch = batch
        self._alarms = Alarms(registry.clock)
        self._forked: dict[int, LogForked] = {}
        self._remembered: int | None = None
        self._refused: dict[int, str] | None = None

    def round(self) -> Round:
        """Handle every year with work; a year that fails does not stop the others."""
        faults: dict[tuple[str, int | None], Alarm] = {}
        integrated, more = 0, False
        clock: Judgement | None = None
        years: tuple[int, ...] = ()
        try:
            clock = judge_clock(self._registry)
            faults |= clock_alarms(clock)
            years = self._years(clock)
        except _FAULTS as fault:
            _note(faults, None, fault)
        for year in sorted({*years, *self._forked}):
            try:
                count = self._integrate(year)
            except _FAULTS as fault:
                _note(faults, year, fault)
            else:
                integrated += count
                more = more or count == self._batch * _BATCHES_A_ROUND
        self._tell_others({year: code for code, year in faults if year is not None and code in REFUSING}, faults)
        try:
            # Do this in every round: witnesses get a newer head by the clock, even if no entry was added.
            if clock is not None and clock.acts:
                propose_candidates(self._registry)
        except _FAULTS as fault:
            _note(faults, None, fault)
        self._alarms.tell(faults)
        return Round(integrated=integrated, more=more, faults=tuple(sorted({code for code, _ in faults})))

    def run(self, stop: threading.Event, interval: float = INTERVAL_SECONDS) -> None:
        """Run rounds until ``stop`` is set, without a pause while more waits than one round can take."""
        book = RoundBook(self._registry, Loop.INTEGRATOR, interval)
        while not stop.is_set():
            done = self.round()
            book.finished(done.faults)
            if done.integrated:
                _LOG.debug("entries integrated: %d", done.integrated)
            if not done.more:
                stop.wait(interval)

    def _years(self, clock: Judgement) -> tuple[int, ...]:
        """List the years with work; with a clock in doubt no new tree begins, and begun trees go on."""
        years = unfinished_years(self._registry, self._heads.peek)
        if clock.ends:
            return years
        begun = {head.shard for head in self._registry.store.read(lambda tx: tx.trees.heads())}
        return tuple(each for each in years if each in begun or each in self._heads.peek())

    def _integrate(self, year: int) -> int:
        """Integrate one year, store its head, publish it. After a crash between two steps the next round goes on."""
        if (found := self._forked.get(year)) is not None:
            # Raise it without its traceback, which would grow each time.
            raise found.with_traceback(None)
        with self._heads.held(year) as held:
            known = held.read()
            try:
                done = integrate(self._registry, year, known, self._sign, self._batch)
                total = done.count
                while done.count == self._batch and total < self._batch * _BATCHES_A_ROUND:
                    done = integrate(self._registry, year, known, self._sign, self._batch)
                    total += done.count
                if done.note is not None:
                    # The entries have their places, and the head is not published. Put the note on disk before
                    # publishing it, so that a restored database cannot contradict a published head unnoticed.
                    held.write(done.note)
                    publish(self._registry, year, done.note)
            except LogForked as fork:
                self._forked[year] = fork
                raise
        return total

    def _tell_others(self, refused: dict[int, str], faults: dict[tuple[str, int | None], Alarm]) -> None:
        """Store the years whose logs refuse the database for all processes, and the incarnation outside of it."""
        try:
            if refused != self._refused:
                note_refusals(self._registry, refused)
                self._refused = refused
            number = standing(self._registry).incarnation
            if number != self._remembered:
                self._registry.watch.remember(number)
                self._remembered = number
        except _FAULTS as fault:
            _note(faults, None, fault)


def _note(faults: dict[tuple[str, int | None], Alarm], year: int | None, fault: _Fault) -> None:
    code, detail = _told(fault)
    if year is None and any(known == code for known, _ in faults):
        return  # an alarm of one year already says so, and says more
    faults[code, year] = Alarm(code=code, year=year, detail=detail)


def _told(fault: _Fault) -> tuple[str, str]:
    """Return a stable code, and words without any input."""
    match fault:
        case LogFault():
            return fault.code, str(fault)
        case TlogRefused():
            return "note-wrong", f"a note that is kept is refused: {fault.code}"
        case KeyFileBad():
            return "log-key-unusable", str(fault)
        case OSError():
            return "heads-unwritable", fault.strerror or type(fault).__name__
        case Refusal():
            return "database-unavailable", fault.problem.value.name
        case StoreFailure():
            return "database-refused", str(fault)
        case _:
            return "batch-moved", "what waited was moved again and again while it was read"
