"""Reads what the registry knows of applicants and their households, and locks it until their answers are kept."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from protocol.codes import ServiceClass
from protocol.context import Purpose
from protocol.grading import credit_facts
from protocol.values import quick
from registry.domain.attestations import tenure_of
from registry.domain.credit import credit_debts
from registry.domain.disassociations import outsiders, weighing
from registry.domain.disputes import by_record, marked, pauses
from registry.domain.grades import terms_for
from registry.domain.records import Record
from registry.domain.red_list import RedListEntry, effective
from registry.domain.subjects import HouseholdLink
from registry.policy.credit import Credit, credit_of, is_graded
from registry.policy.decision import InquiryFacts
from registry.usecases.act import Act
from registry.usecases.archive.shared import over_before
from registry.usecases.inquiries.quotes import Charged
from registry.usecases.pseudonyms import Names
from registry.usecases.standings import Cases, blocking_of

Links = Mapping[bytes, tuple[HouseholdLink, ...]]
"""The current links of households."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The order that somebody asks about: of which carrier, for which service and tariff, and why."""

    participant_id: str
    service_class: ServiceClass
    purpose: Purpose | None = None
    """None of an inquiry without a context, which reads no grade."""
    tariff: str | None = None


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """An applicant as the registry knows them when it decides."""

    subject_key: bytes = field(repr=False)
    facts: InquiryFacts
    red_list_entry: RedListEntry | None
    """The effective entry of the applicant itself; a household has none."""
    cases: Cases

    def charged(self, to_pay: Sequence[Record]) -> list[Charged]:
        """Pair records with the spans in which a dispute stopped their late fee."""
        return [(record, pauses(self.cases.get(record.record_id, ()), record.record_id)) for record in to_pay]


class Known:
    """The facts about a list of applicants and their households: one statement locks, and one reads.

    ``links`` are those of the households, if the transaction has read them. ``free_only``: subjects whose rows another
    transaction holds are not waited for; ``is_free`` tells.
    """

    def __init__(
        self,
        act: Act,
        names: Sequence[Names],
        wanted: Sequence[Wanted],
        links: Links | None = None,
        *,
        free_only: bool = False,
    ) -> None:
        self._key_of = act.key_of
        self._grade = act.rules.grade
        applicants = set(map(act.key_of, names))
        self._today = act.today
        households = {key for each in names for key in each.household_keys}
        self._links = act.tx.households.links(households) if links is None else links
        members = {link.subject_key for links in self._links.values() for link in links}
        held = members | applicants
        # Lock until the hits are committed: a record either changes before this answer, and is not in it, or after it,
        # and then finds the hit. Subjects without records are locked too, if they have a row: the answers take the same
        # time.
        locked = act.tx.subjects.lock_free(held) if free_only else act.tx.subjects.lock(held)
        # Only now: the statement that takes the locks may see the rows as they were before it waited. All is read for
        # everybody and not only for those in arrears, so that the answers take the same time.
        since = None if self._grade is None else act.today - dt.timedelta(days=self._grade.history_days)
        weight = act.tx.weighing.of(
            applicants,
            held,
            households,
            since=since,
            tariffs=[(each.participant_id, each.tariff) for each in wanted],
            attested=self._grade is not None and self._grade.attestations.allowed,
        )
        self._elsewhere = weight.known - locked
        self._cases = by_record(weight.cases)
        self._active = blocking_of(act, weight.active, self._cases, weight.plans)
        self._apart = outsiders(weight.rebuttals, act.today)
        self._red_list = weight.red_list
        self._markers = weight.markers
        self._ended, self._over_before = weight.ended, over_before(act)
        self._credit_terms, self._attestations = weight.credit_terms, weight.attestations

    def is_free(self, asked: Names) -> bool:
        """Tell whether this transaction holds everybody whose records weigh in an inquiry."""
        return self._elsewhere.isdisjoint(self._reach(asked))

    def records_in_reach(self, asked: Names) -> int:
        """Count the blocking records of the applicant and its households."""
        return sum(len(self._active.get(key, ())) for key in self._reach(asked))

    def _reach(self, asked: Names) -> set[bytes]:
        members = {link.subject_key for key in asked.household_keys for link in self._links.get(key, ())}
        return members | {self._key_of(asked)}

    def applicant(self, wanted: Wanted, asked: Names) -> Applicant:
        """Return the facts of one inquiry."""
        subject_key = self._key_of(asked)
        listed = self._red_list.get(subject_key, ())
        entry = next((each for each in listed if effective(each, self._today)), None)
        facts = InquiryFacts(
            service_class=wanted.service_class,
            own=tuple(self._active.get(subject_key, ())),
            household=weighing(subject_key, asked.household_keys, self._links, self._active, self._apart),
            red_listed=entry is not None,
            victim=marked(self._markers.get(subject_key, ()), self._today),
            credit=self._credit(wanted, subject_key),
        )
        return Applicant(subject_key=subject_key, facts=facts, red_list_entry=entry, cases=self._cases)

    def _credit(self, wanted: Wanted, subject_key: bytes) -> Credit | None:
        """Grade an applicant by its own records alone, for an order that reads a grade."""
        mine = self._credit_terms.get(wanted.participant_id, ())
        terms = terms_for(mine, wanted.service_class, wanted.tariff, self._today)
        if self._grade is None or not is_graded(wanted.purpose, terms):
            return None
        facts = credit_facts(
            credit_debts(
                (*self._active.get(subject_key, ()), *self._ended.get(subject_key, ())), over_before=self._over_before
            ),
            tenure=tenure_of(self._attestations.get(subject_key, ()), self._today),
            today=self._today,
            history_days=self._grade.history_days,
        )
        return credit_of(facts, self._grade, wanted.service_class, terms)
