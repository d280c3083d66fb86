"""Rebuild the debts of people on a day from proved entries of the log, and from nothing else.

An entry that does not say all that a rebuild needs leaves a gap: entries of earlier releases do, and erased ones.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from auditlog.audit.entry_filter import SUBJECT, Entry
from protocol.beijing import beijing_date
from protocol.encodings import parse_time
from protocol.grading import CreditDebt
from protocol.log_entries import EntryKind
from protocol.states import RecordState
from protocol.values import quick
from protocol.years import years_on

SLACK: Final = dt.timedelta(minutes=1)
"""An inquiry may have seen an act that began a moment after it, while it waited for the same person's lock."""
_WEIGHING: Final = frozenset({RecordState.ACTIVE, RecordState.ARRANGED, RecordState.CLEARED})
_EDGE: Final = ">"


class Gap(StrEnum):
    """The reasons for which entries do not tell all of a debt."""

    NO_PAYMENT_DAY = "no-payment-day"
    """A settlement of an earlier release does not tell the day of the payment."""
    OLDER_ENTRY = "older-entry"
    """A listing or transfer of an earlier release does not tell the dates of its record."""
    ENTRIES_MISSING = "entries-missing"
    """The log that was read begins in the middle of a record's life."""
    ERASED = "entries-erased"
    """Debts that weighed then are nobody's any more: their entries lost their personal parts."""


class _Act(IntEnum):
    """The kinds of steps, in the order in which one act takes them."""

    LISTS = 0
    DATES = 1
    PAYS = 2
    MOVES = 3


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """The part of an entry that counts in a grade."""

    act: _Act
    at: dt.datetime
    by: str
    source: RecordState | None = None
    target: RecordState | None = None
    due: dt.date | None = None
    enforceable_from: dt.date | None = None
    listed_on: dt.date | None = None
    paid_on: dt.date | None = None
    origin: str | None = None
    creditor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """A record as far as entries tell of it."""

    creditor: str = ""
    state: RecordState | None = None
    listed_on: dt.date | None = None
    enforceable_from: dt.date | None = None
    settled_on: dt.date | None = None
    paid_on: dt.date | None = None
    """The day of the latest payment, which ends the debt if the next edge does."""
    plan_breaks: int = 0
    last_break_on: dt.date | None = None
    gaps: frozenset[Gap] = frozenset()

    def weighs(self, today: dt.date, history_days: int) -> bool:
        """Tell whether a grade of a day would count anything of it."""
        days = (self.settled_on, self.last_break_on)
        return self.state in {RecordState.ACTIVE, RecordState.ARRANGED} or (
            self.state is RecordState.CLEARED
            and (days == (None, None) or any(day is not None and (today - day).days <= history_days for day in days))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """The debts of a person on a day that may weigh, and the gaps that leave a doubt in them."""

    debts: tuple[CreditDebt, ...]
    gaps: frozenset[Gap]


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """The day of a grade, and the terms that limit how far back it looks."""

    today: dt.date
    history_days: int
    record_years: int


class Debts:
    """Collects the steps of all records, by person; give it entries in any order, and ask when all were given."""

    def __init__(self, slack: dt.timedelta = SLACK) -> None:
        self._slack = slack
        self._steps: dict[str, list[_Step]] = defaultdict(list)
        self._records: dict[str, set[str]] = defaultdict(set)
        self._owned: set[str] = set()

    def take(self, entry: Entry) -> None:
        """Take an entry; raises KeyError or ValueError where it lacks a fact that each release writes."""
        read = _READERS.get(entry.kind)
        if read is None:
            return
        record = str(entry.facts["record"])
        self._steps[record].append(read(entry))
        subject = entry.personal.get(SUBJECT)
        if isinstance(subject, str):
            self._records[subject].add(record)
            self._owned.add(record)

    def moments(self, subject: str, at: dt.datetime) -> list[dt.datetime]:
        """List the moments up to which an act at ``at`` may have seen this person's steps, the likeliest first."""
        near = {
            step.at
            for record in self._records.get(subject, ())
            for step in self._steps[record]
            if abs(step.at - at) <= self._slack
        }
        return [at, *sorted(near - {at} | ({at - self._slack} if near else set()))]

    def of(self, subject: str, seen: dt.datetime, memory: Memory) -> Rebuilt:
        """Rebuild the debts of a person by the steps up to a moment, and by the deadlines of the day."""
        known = [self._known(record, seen, memory.today) for record in sorted(self._records.get(subject, ()))]
        weighing = [each for each in known if self._counts(each, memory)]
        return Rebuilt(
            debts=tuple(_debt(each) for each in weighing),
            gaps=frozenset(gap for each in weighing for gap in each.gaps),
        )

    def erased(self, seen: dt.datetime, memory: Memory) -> bool:
        """Tell whether a debt that weighed at a moment is nobody's any more."""
        orphans = (record for record in self._steps if record not in self._owned)
        return any(self._counts(self._known(record, seen, memory.today), memory) for record in orphans)

    def _counts(self, known: _Known, memory: Memory) -> bool:
        if not known.weighs(memory.today, memory.history_days):
            return False
        # A record whose years are over has left the list, whether the clock wrote that or not.
        return known.listed_on is None or years_on(known.listed_on, memory.record_years) > memory.today

    def _known(self, record: str, seen: dt.datetime, today: dt.date, trail: frozenset[str] = frozenset()) -> _Known:
        """Take the steps of a record up to a moment; ``trail`` are the records that continue it."""
        known = _Known()
        later: list[_Step] = []
        for at, together in groupby(sorted(self._steps[record], key=attrgetter("at")), key=attrgetter("at")):
            for step in _in_order(known.state, together):
                if at > seen:
                    later.append(step)
                elif step.origin is not None:
                    known = self._continued(step, today, trail | {record})
                else:
                    known = _after(known, step)
        for step in later:
            # A deadline that was over on the day counts, though the clock wrote it later; but no plan breaks so.
            if step.due is None or step.due > today or step.target is RecordState.ACTIVE:
                break
            known = _after(known, step)
        return known

    def _continued(self, step: _Step, today: dt.date, trail: frozenset[str]) -> _Known:
        """Begin a buyer's record with all that is known of the seller's."""
        creditor = step.creditor or step.by
        if step.origin is None or step.origin in trail or step.origin not in self._steps:
            return _Known(creditor=creditor, state=step.target, gaps=frozenset({Gap.ENTRIES_MISSING}))
        former = self._known(step.origin, step.at, today, trail)
        return replace(former, creditor=creditor, state=step.target, paid_on=None)


def _in_order(state: RecordState | None, together: Iterable[_Step]) -> Iterator[_Step]:
    """Order the steps of one act: the log may have them in any order, but each edge begins where the last one ended."""
    waiting = sorted(together, key=attrgetter("act"))
    while waiting:
        fits = (each for each in waiting if each.act is not _Act.MOVES or each.source in {state, RecordState.RECEIVED})
        step = next(fits, waiting[0])
        waiting.remove(step)
        state = step.target or state
        yield step


def _after(known: _Known, step: _Step) -> _Known:
    match step.act:
        case _Act.LISTS:
            return _listed(step)
        case _Act.DATES:
            return replace(known, enforceable_from=step.enforceable_from or known.enforceable_from)
        case _Act.PAYS:
            return replace(known, paid_on=step.paid_on)
        case _Act.MOVES:
            return _moved(known, step)


def _listed(step: _Step) -> _Known:
    is_old = step.enforceable_from is None
    return _Known(
        creditor=step.by,
        state=step.target,
        listed_on=step.listed_on or beijing_date(step.at),
        enforceable_from=step.enforceable_from,
        gaps=frozenset({Gap.OLDER_ENTRY} if is_old else ()),
    )


def _moved(known: _Known, step: _Step) -> _Known:
    day, source, target = beijing_date(step.at), step.source, step.target
    if source is RecordState.RECEIVED:
        # A transfer of an earlier release: it does not say which record goes on here.
        return _Known(creditor=step.by, state=target, gaps=frozenset({Gap.OLDER_ENTRY}))
    gaps = known.gaps if known.state is source else known.gaps | {Gap.ENTRIES_MISSING}
    known = replace(known, state=target, gaps=gaps)
    if target is RecordState.ARRANGED:
        return replace(known, settled_on=day)
    if target is RecordState.CLEARED:
        ends = [each for each in (known.paid_on, known.settled_on) if each is not None]
        return replace(known, settled_on=min(ends, default=None), gaps=gaps if ends else gaps | {Gap.NO_PAYMENT_DAY})
    if source is RecordState.ARRANGED and target is RecordState.ACTIVE:
        return replace(known, settled_on=None, plan_breaks=known.plan_breaks + 1, last_break_on=step.due or day)
    if source is RecordState.CLEARED:
        return replace(known, settled_on=None, paid_on=None, gaps=gaps - {Gap.NO_PAYMENT_DAY})
    return known


def _debt(known: _Known) -> CreditDebt:
    days = [day for day in (known.enforceable_from, known.listed_on) if day is not None]
    return CreditDebt(
        creditor_id=known.creditor,
        state=known.state or RecordState.ACTIVE,
        blocking_from=max(days, default=dt.date.max),
        settled_on=known.settled_on,
        plan_breaks=known.plan_breaks,
        last_break_on=known.last_break_on,
    )


def _read_listing(entry: Entry) -> _Step:
    facts = entry.facts
    return _Step(
        act=_Act.LISTS,
        at=entry.at,
        by=entry.by,
        target=RecordState(facts["edges"].rpartition(_EDGE)[2]),
        enforceable_from=_day(facts, "enforceable_from"),
        listed_on=_day(facts, "listed_on"),
    )


def _read_update(entry: Entry) -> _Step:
    return _Step(act=_Act.DATES, at=entry.at, by=entry.by, enforceable_from=_day(entry.facts, "enforceable_from"))


def _read_payment(entry: Entry) -> _Step:
    settled_at = entry.facts.get("settled_at")
    # As the registry does: a clock that is ahead does not bring a payment into the future.
    paid_on = None if settled_at is None else beijing_date(min(parse_time(settled_at), entry.at))
    return _Step(act=_Act.PAYS, at=entry.at, by=entry.by, paid_on=paid_on)


def _read_edge(entry: Entry) -> _Step:
    facts = entry.facts
    source, _, target = facts["edge"].partition(_EDGE)
    return _Step(
        act=_Act.MOVES,
        at=entry.at,
        by=entry.by,
        source=RecordState(source),
        target=RecordState(target),
        due=_day(facts, "due"),
        origin=facts.get("origin"),
        creditor=facts.get("creditor"),
    )


def _day(facts: Mapping[str, Any], name: str) -> dt.date | None:
    return dt.date.fromisoformat(facts[name]) if name in facts else None


_READERS: Final[Mapping[str, Callable[[Entry], _Step]]] = {
    EntryKind.REPORT_LISTED: _read_listing,
    EntryKind.RECORD_UPDATED: _read_update,
    EntryKind.SETTLEMENT: _read_payment,
    EntryKind.RECORD_TRANSITION: _read_edge,
}
