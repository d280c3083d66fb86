"""Compute the grade of each inquiry again: its letter from its inputs, its inputs from the person's other entries."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final
from uuid import UUID

from auditlog.audit.attested import Attested
from auditlog.audit.debts import SLACK, Debts, Gap, Memory
from auditlog.audit.entry_filter import SUBJECT, Entry
from protocol.beijing import beijing_date
from protocol.grades import Tenure
from protocol.grading import CreditFacts, TextMalformed, credit_facts, graded, read_text, text_of
from protocol.log_entries import EntryKind
from protocol.messages.grades import GradeTerms
from protocol.messages.rules import Rules

CREDIT: Final = "credit"
"""The member of an inquiry's personal part that holds inputs and letter."""
ASKING: Final = frozenset({EntryKind.INQUIRY, EntryKind.INQUIRY_RECHECKED})
"""The kinds of entries that may hold a grade."""
FindRules = Callable[[str], Rules | None]
"""Gives a version of the rules by its name, proved by the log, or None."""


class Outcome(StrEnum):
    """The result for one inquiry. The last four are faults."""

    HOLDS = "holds"
    NOT_GRADED = "not-graded"
    """The rules of its day graded nobody, or the asker told no circumstances."""
    ERASED = "erased"
    WITHDRAWN = "attestation-withdrawn"
    """The letter holds; one attestation that it may rest on was erased with its consent."""
    NOT_TOLD = "not-told"
    """The letter holds; the inputs cannot be rebuilt, since entries do not tell enough."""
    RULES_UNPROVED = "grade-rules-unproved"
    """The log approved no such version, or the registry shows another one, or one that grades nobody."""
    TEXT_MALFORMED = "grade-text-malformed"
    LETTER_DIFFERS = "grade-letter-differs"
    INPUTS_DIFFER = "grade-inputs-differ"


FAULTS: Final = frozenset(
    {Outcome.RULES_UNPROVED, Outcome.TEXT_MALFORMED, Outcome.LETTER_DIFFERS, Outcome.INPUTS_DIFFER}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeCheck:
    """The result for one inquiry: the text that it holds, the one that was rebuilt, and the gaps between the two."""

    entry_id: UUID
    index: int
    rules: str
    outcome: Outcome
    told: str | None = field(default=None, repr=False)
    rebuilt: str | None = field(default=None, repr=False)
    gaps: frozenset[Gap] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    entry_id: UUID
    index: int
    at: dt.datetime
    subject: str | None
    rules: str
    told: str | None
    is_erased: bool


@dataclass(frozen=True, slots=True)
class _Inputs:
    """The inputs as other entries tell them, and the gaps that leave a doubt."""

    facts: CreditFacts
    gaps: frozenset[Gap]


class GradeAudit:
    """Collects proved entries, and judges the inquiries among them when all were given."""

    def __init__(self, *, only: UUID | None = None, slack: dt.timedelta = SLACK) -> None:
        self._only = only
        self._debts = Debts(slack)
        self._attested = Attested()
        self._asked: list[_Asked] = []
        self.approved: dict[str, str] = {}
        """The digests of approved versions of the rules, by name, as the log tells them."""

    def take(self, entry: Entry) -> None:
        """Take an entry, in any order; raises KeyError, TypeError or ValueError where it lacks a fact of its kind."""
        if entry.kind in ASKING:
            if self._only in {None, entry.entry_id}:
                self._asked.append(_read_inquiry(entry))
        elif entry.kind == EntryKind.RULES_APPROVED:
            self.approved[entry.facts["version"]] = entry.facts["sha256"]
        else:
            self._debts.take(entry)
            self._attested.take(entry)

    def forget_inquiries(self) -> None:
        """Judge none of those that were taken so far: they are of an earlier year, and its debts alone count."""
        self._asked.clear()

    def checks(self, rules_of: FindRules) -> Iterator[GradeCheck]:
        """Judge each inquiry, in the order of the log."""
        known: dict[str, Rules | None] = {}
        for asked in self._asked:
            if asked.told is None:
                outcome = Outcome.ERASED if asked.is_erased else Outcome.NOT_GRADED
                yield _check(asked, outcome)
                continue
            if asked.rules not in known:
                known[asked.rules] = rules_of(asked.rules)
            rules = known[asked.rules]
            if rules is None or rules.grade is None or asked.subject is None:
                yield _check(asked, Outcome.RULES_UNPROVED)
            else:
                yield self._judge(asked, asked.subject, rules, rules.grade)

    def _judge(self, asked: _Asked, subject: str, rules: Rules, terms: GradeTerms) -> GradeCheck:
        try:
            told, letter = read_text(asked.told or "")
        except TextMalformed:
            return _check(asked, Outcome.TEXT_MALFORMED)
        if graded(told, terms).grade is not letter:
            return _check(asked, Outcome.LETTER_DIFFERS, rebuilt=_text(told, terms))
        memory = Memory(
            today=beijing_date(asked.at),
            history_days=terms.history_days,
            record_years=rules.retention.record_years,
        )
        moments = self._debts.moments(subject, asked.at)
        rebuilt = [self._rebuilt(subject, seen, memory, terms) for seen in moments]
        if any(each.facts == told for each in rebuilt):
            return _check(asked, Outcome.HOLDS, rebuilt=asked.told)
        return self._differing(asked, told, rebuilt[0], memory, terms)

    def _rebuilt(self, subject: str, seen: dt.datetime, memory: Memory, terms: GradeTerms) -> _Inputs:
        rebuilt = self._debts.of(subject, seen, memory)
        tenure = self._attested.band(subject, seen) if terms.attestations.allowed else Tenure.NONE
        facts = credit_facts(rebuilt.debts, tenure=tenure, today=memory.today, history_days=memory.history_days)
        return _Inputs(facts, rebuilt.gaps)

    def _differing(
        self, asked: _Asked, told: CreditFacts, rebuilt: _Inputs, memory: Memory, terms: GradeTerms
    ) -> GradeCheck:
        """Say why the rebuilt inputs are others: the entries of a day may not tell all, or the inquiry is wrong."""
        facts, gaps = rebuilt.facts, rebuilt.gaps
        text = _text(facts, terms)
        if replace(told, tenure=facts.tenure) != facts:
            if not gaps and self._debts.erased(asked.at, memory):
                gaps = frozenset({Gap.ERASED})
            outcome = Outcome.NOT_TOLD if gaps else Outcome.INPUTS_DIFFER
            return _check(asked, outcome, rebuilt=text, gaps=gaps)
        # Only the band differs: an attestation that was withdrawn since is nobody's any more.
        was_higher = told.tenure > facts.tenure
        outcome = Outcome.WITHDRAWN if was_higher and self._attested.erased(asked.at) else Outcome.INPUTS_DIFFER
        return _check(asked, outcome, rebuilt=text)


def _read_inquiry(entry: Entry) -> _Asked:
    return _Asked(
        entry_id=entry.entry_id,
        index=entry.index,
        at=entry.at,
        subject=entry.personal.get(SUBJECT),
        rules=entry.facts["rules"],
        told=entry.personal.get(CREDIT),
        is_erased=entry.is_erased,
    )


def _check(
    asked: _Asked, outcome: Outcome, *, rebuilt: str | None = None, gaps: frozenset[Gap] = frozenset()
) -> GradeCheck:
    return GradeCheck(
        entry_id=asked.entry_id,
        index=asked.index,
        rules=asked.rules,
        outcome=outcome,
        told=asked.told,
        rebuilt=rebuilt,
        gaps=gaps,
    )


def _text(facts: CreditFacts, terms: GradeTerms) -> str:
    return text_of(facts, graded(facts, terms).grade)
