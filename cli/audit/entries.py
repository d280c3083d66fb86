"""Answer `clearline audit entries`: choose where to read, prove each entry, write those asked for, say how much."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from auditlog.audit.entries import signed_tiles
from auditlog.audit.entry_filter import EntryFilter, Match, entry_of
from auditlog.audit.erasures import Erasures
from auditlog.audit.findings import Findings
from auditlog.audit.openings import OpeningAudit
from auditlog.audit.places import Places
from auditlog.audit.proving import Judged, Prover
from auditlog.audit.requests import KeyBook
from auditlog.audit.select import STRETCH, Enough, read_range
from auditlog.audit.state import AuditState, load_state
from auditlog.errors import LogRefused
from auditlog.names import year_of_origin
from auditlog.openings import each_opening
from auditlog.reader import LogReader
from cli.audit.access import OpeningsAccess, open_registry, take_other_years
from cli.audit.entry_lines import WriteLine
from cli.audit.filters import Asked, limited_to
from cli.outcome import Failure
from cli.output import OnProgress, say
from client.registry import RegistryClient
from client.resources import log
from crypto.signing.keys import load_private_key, public_bytes
from crypto.tlog.authentic import AuthenticTiles
from crypto.tlog.checkpoint import Checkpoint
from crypto.tlog.keys import VerifierKey
from protocol.receipts import Grade

_SHOWN: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """A participant that is shown its own entries only, and the keys that it signed with, by their ids."""

    participant: str
    keys: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The question, the log that answers it, and the place of the answer."""

    key: VerifierKey
    url: str
    access: OpeningsAccess
    asked: Asked
    limit: int | None
    saved: Path | None
    own: Own | None
    stretch: int = STRETCH


@dataclass(slots=True, kw_only=True)
class _Answer:
    """Writes the entries that match, and counts those that match and those that were erased."""

    conditions: EntryFilter
    write: WriteLine
    limit: int | None
    matched: int = 0
    erased: int = 0
    inherited: int = 0
    last: int | None = None

    def take(self, judged: Judged) -> None:
        entry = entry_of(judged)
        match = self.conditions.match(entry)
        self.erased += match is Match.ERASED
        self.inherited += match is Match.INHERITED
        if match is not Match.YES:
            return
        self.matched, self.last = self.matched + 1, entry.index
        self.write(entry)
        if self.matched == self.limit:
            raise Enough


@dataclass(slots=True, kw_only=True)
class _Reading:
    """One run: the head, what the saved audit knew, and what was found."""

    question: Question
    checkpoint: Checkpoint
    reader: LogReader
    registry: RegistryClient
    state: AuditState
    tiles: AuthenticTiles
    findings: Findings = field(default_factory=Findings)

    def places(self) -> Places:
        year = year_of_origin(self.question.key.name)
        return Places(
            year=year,
            size=self.checkpoint.size,
            tiles=self.tiles,
            openings=lambda start, limit: log.openings(self.registry, year, start, limit),
            receipt=lambda entry_id: log.receipt(self.registry, year, entry_id, Grade.INTEGRATED, 0),
        )


def answer(
    question: Question, checkpoint: Checkpoint, *, reader: LogReader, write: WriteLine, on_progress: OnProgress
) -> Failure | None:
    """Print the answer up to a verified head; returns the Failure of a run that read an entry which does not hold."""
    with _opened(question, checkpoint, reader) as reading:
        places, since = reading.places(), question.asked.conditions.since
        subjects = places.subjects_of(question.asked.like)
        own = None if question.own is None else question.own.participant
        lines = _Answer(
            conditions=limited_to(question.asked, subjects=subjects, own=own), write=write, limit=question.limit
        )
        audited = reading.state.frontier.size
        start = places.first_since(since, audited) if since is not None and audited else 0
        openings = _openings(reading, start, lines)
        try:
            end = read_range(
                checkpoint,
                start,
                reader=reader,
                tiles=reading.tiles,
                openings=openings,
                findings=reading.findings,
                until=question.asked.conditions.until,
                audited=audited,
                on_progress=on_progress,
                stretch=question.stretch,
            )
        except Enough:
            end = None
    return _tell(reading, lines, openings, start=start, end=end)


@contextmanager
def _opened(question: Question, checkpoint: Checkpoint, reader: LogReader) -> Iterator[_Reading]:
    key, access = question.key, question.access
    state = _saved(question)
    tiles = signed_tiles(checkpoint, reader, state.frontier)
    with open_registry(access, question.url, year_of_origin(key.name)) as registry:
        yield _Reading(
            question=question, checkpoint=checkpoint, reader=reader, registry=registry, state=state, tiles=tiles
        )


def _saved(question: Question) -> AuditState:
    """Return what an earlier audit of the same log knew: its keys, and how far entries were audited."""
    fresh = AuditState(origin=question.key.name, with_openings=True)
    if question.saved is None:
        return fresh
    state = load_state(question.saved)
    if state is None or state.origin != question.key.name or not state.with_openings:
        raise LogRefused("state-foreign", f"{question.saved}: is no audit of this log's openings")
    return state


def _openings(reading: _Reading, start: int, lines: _Answer) -> OpeningAudit:
    question, year = reading.question, year_of_origin(reading.question.key.name)
    # The saved audit compared its erasures; those of this run are its own.
    book, erasures = KeyBook(reading.state.book.keys), Erasures()
    take_other_years(question.access.also, question.key, book=book, erasures=erasures)
    if question.own is not None:
        own_key = public_bytes(load_private_key(question.access.key))
        for key_id, public_key in {question.access.key_id: own_key, **question.own.keys}.items():
            book.add(key_id, question.own.participant, public_key)
    return OpeningAudit(
        each_opening(lambda at, limit: log.openings(reading.registry, year, at, limit), start),
        Prover(year=year, book=book, erasures=erasures),
        findings=reading.findings,
        on_proved=lines.take,
        has_gaps=question.own is not None,
    )


def _tell(reading: _Reading, lines: _Answer, openings: OpeningAudit, *, start: int, end: int | None) -> Failure | None:
    """Say what was proved and what was not, apart from the lines."""
    size, findings = reading.checkpoint.size, reading.findings
    if start == 0 and end == size and reading.question.own is None:
        openings.prover.erasures.check(openings.prover.year, findings, judged_to=size)
    _tell_of_other_years(openings.prover.year, lines.conditions)
    if not lines.matched:
        say("no entry matches")
    if lines.erased:
        say(
            f"erased: {lines.erased} entries within the other filters lost their personal part by age or by right: "
            "whether they match cannot be known"
        )
    if lines.inherited:
        say(
            f"inherited: {lines.inherited} activations within the other filters name no such place or clerk of their "
            "own: it is that of the inquiry which each of them names (--kind activation shows them)"
        )
    if findings.count or (end is not None and openings.proved != openings.count):
        return _failure(findings, seen=openings.count, proved=openings.proved)
    say(_coverage(reading, lines, start=start, end=end))
    return None


def _tell_of_other_years(year: int, conditions: EntryFilter) -> None:
    begins, ends = (dt.datetime(each, 1, 1, tzinfo=dt.UTC) for each in (year, year + 1))
    since, until = conditions.since or begins, conditions.until or ends
    if since < begins or until > ends:
        say(f"this log has the entries of {year} in UTC; the rest of that time is in other years' logs")


def _coverage(reading: _Reading, lines: _Answer, *, start: int, end: int | None) -> str:
    size, audited = reading.checkpoint.size, reading.state.frontier.size
    if end is None:
        return f"stopped at --limit: each line is proved; entries behind {lines.last} were not read"
    if reading.question.own is not None:
        return (
            f"each line is proved under the signed head of {size} entries; that the registry kept none of "
            f"{reading.question.own.participant}'s entries back is not: only an auditor is shown all"
        )
    if not size:
        return "complete: the signed head has no entry"
    told = f"complete: entries {start} to {end - 1} under the signed head of {size} were all opened and proved"
    if end == start:
        told = f"complete: no entry under the signed head of {size} had to be read"
    if start:
        told += "; by the saved audit those before are older"
    if end < size:
        told += f"; by the saved audit those up to {audited - 1} are younger"
        if audited < size:
            told += f", and from {audited} on nothing was read (`audit verify --since-saved` finds one dated back)"
    return told


def _failure(findings: Findings, *, seen: int, proved: int) -> Failure:
    for each in findings.kept[:_SHOWN]:
        say(f"  {each.code} at entry {each.index}")
    if findings.count > _SHOWN:
        say(f"  and {findings.count - _SHOWN} more")
    codes, hint = {each.code for each in findings.kept}, ""
    if "request-key-unknown" in codes:
        hint += "; the keys may be of an earlier year's log: give its audit with --also"
    if "opening-missing" in codes and not proved:
        hint += "; a reader that is no auditor and no regulator is shown its own entries only: --own"
    return Failure(
        f"not-proved: {findings.count} findings: {seen - proved} of {seen} opened entries do not hold and were not "
        f"printed; the lines that were printed are proved, and others may be missing{hint}"
    )
