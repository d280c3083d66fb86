"""The integrator: round after round it gives what waits its place, remembers the signed heads, and shows them."""

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
"""Entries in one transaction; on SQLite everybody else waits for it."""
_BATCHES_A_ROUND: Final = 16

_Fault = LogFault | TlogRefused | KeyFileBad | OSError | Refusal | StoreFailure | StaleVersion
_FAULTS: Final = (LogFault, TlogRefused, KeyFileBad, OSError, Refusal, StoreFailure, StaleVersion)
"""What stops a year's head until the next round; anything else is a mistake of ours and ends the integrator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one round did: entries that got their place, whether more wait already, and why heads stand still."""

    integrated: int
    more: bool
    faults: tuple[str, ...]


class Integrator:
    """One of any number: who is first takes the batch, and who comes second finds nothing left to do.

    Whatever fails, nothing that was acknowledged is lost: an entry waits until the very transaction that gives it its
    place. A year whose published head the database contradicts stays as it is until the process is started again.
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
        """Handle every year that has something to be done; a year that fails holds up no other."""
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
            # In every round: the witnesses get a newer head by the clock, also when nothing was added since.
            if clock is not None and clock.acts:
                propose_candidates(self._registry)
        except _FAULTS as fault:
            _note(faults, None, fault)
        self._alarms.tell(faults)
        return Round(integrated=integrated, more=more, faults=tuple(sorted({code for code, _ in faults})))

    def run(self, stop: threading.Event, interval: float = INTERVAL_SECONDS) -> None:
        """Round after round until ``stop`` is set; without a pause while there is more than one round can take."""
        book = RoundBook(self._registry, Loop.INTEGRATOR, interval)
        while not stop.is_set():
            done = self.round()
            book.finished(done.faults)
            if done.integrated:
                _LOG.debug("entries integrated: %d", done.integrated)
            if not done.more:
                stop.wait(interval)

    def _years(self, clock: Judgement) -> tuple[int, ...]:
        """The years with something to be done; with a clock in doubt no tree is begun, and those that are go on."""
        years = unfinished_years(self._registry, self._heads.peek)
        if clock.ends:
            return years
        begun = {head.shard for head in self._registry.store.read(lambda tx: tx.trees.heads())}
        return tuple(each for each in years if each in begun or each in self._heads.peek())

    def _integrate(self, year: int) -> int:
        """One year: integrate, remember, show. If we die between any two steps, the next round takes the rest."""
        if (found := self._forked.get(year)) is not None:
            # Without what it carries along: each time it is raised it would grow by another traceback.
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
                    # The entries have their places, and nobody has seen the head. Not before the disk has the note
                    # does the world see it: what was shown once, a restored database cannot contradict.
                    held.write(done.note)
                    publish(self._registry, year, done.note)
            except LogForked as fork:
                self._forked[year] = fork
                raise
        return total

    def _tell_others(self, refused: dict[int, str], faults: dict[tuple[str, int | None], Alarm]) -> None:
        """Let every process know which years refuse the database, and the outside which incarnation this is."""
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
        return  # said of a year already, which is more
    faults[code, year] = Alarm(code=code, year=year, detail=detail)


def _told(fault: _Fault) -> tuple[str, str]:
    """A stable code, and words without any input."""
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
