"""Read in one statement all that weighs in inquiries about applicants and their households."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from registry.domain.attestations import Attestation
from registry.domain.credit import EndedDebt
from registry.domain.disassociations import Rebuttal
from registry.domain.disputes import Dispute, VictimMarker
from registry.domain.grades import DEFAULT_TARIFF, CreditTerms
from registry.domain.plans import Plan
from registry.domain.records import Record
from registry.domain.red_list import RedListEntry
from registry.store import (
    attestations,
    credit_terms,
    disassociations,
    disputes,
    plans,
    records,
    red_list,
    subjects,
    victim_markers,
)
from registry.store.gathered import Gathered
from registry.store.prepared import grouped
from registry.store.repository import Repository, values_of

_WEIGH: Final = Gathered(
    known=subjects.KNOWN,
    disputes=disputes.OF_SUBJECTS,
    active=records.ACTIVE,
    attestations=attestations.OF_SUBJECTS,
    credit_terms=credit_terms.OF_TARIFFS,
    ended=records.WEIGHING,
    plans=plans.OF_SUBJECTS,
    instalments=plans.INSTALMENTS,
    rebuttals=disassociations.OF_HOUSEHOLDS,
    red_list=red_list.OF_SUBJECTS,
    markers=victim_markers.OF_SUBJECTS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """The rows of the applicants, of all whose records may weigh, and of the households."""

    known: frozenset[bytes]
    """The subjects that have a row, and so can be held by another transaction."""
    cases: tuple[Dispute, ...]
    active: tuple[Record, ...]
    attestations: Mapping[bytes, tuple[Attestation, ...]]
    """Of the applicants; those over already may be among them until the clock has run."""
    ended: Mapping[bytes, tuple[EndedDebt, ...]]
    """The debts that weigh in the applicants' grades beside those in ``active``, as they are stored."""
    credit_terms: Mapping[str, tuple[CreditTerms, ...]]
    """By their carriers."""
    plans: tuple[Plan, ...]
    rebuttals: tuple[Rebuttal, ...]
    red_list: Mapping[bytes, tuple[RedListEntry, ...]]
    markers: Mapping[bytes, tuple[VictimMarker, ...]]


class Weighing(Repository):
    """Distribution keys: those of the tables that are read."""

    def of(
        self,
        applicants: Collection[bytes],
        held: Collection[bytes],
        households: Collection[bytes],
        *,
        since: dt.date | None = None,
        tariffs: Collection[tuple[str, str | None]] = (),
        attested: bool = False,
    ) -> Weight:
        """Read them: ``held`` are the applicants and the members of their households. Lock ``held`` before.

        ``since`` is the first day that a grade remembers; without one nobody is graded, and no ended debt is read.
        ``tariffs`` are the carriers that ask, each with the tariff of an order. ``attested``: attestations weigh.
        """
        graded = () if since is None else tariffs
        rows = _WEIGH.rows(
            self._connection,
            known=(held,),
            disputes=(held,),
            active=(held,),
            attestations=(applicants if attested else (),),
            credit_terms=(
                {carrier for carrier, _ in graded},
                {DEFAULT_TARIFF, *(tariff for _, tariff in graded if tariff is not None)} if graded else (),
            ),
            ended=(() if since is None else applicants,),
            plans=(held,),
            instalments=(held,),
            rebuttals=(households,),
            red_list=(applicants,),
            markers=(applicants,),
        )
        # Closed records stay for some days longer than a grade remembers them.
        ended = (
            each
            for each in values_of(EndedDebt, records.WEIGHING, rows["ended"])
            if since is not None and each.weighs_since(since)
        )
        attested_by = values_of(Attestation, attestations.OF_SUBJECTS, rows["attestations"])
        terms = values_of(CreditTerms, credit_terms.OF_TARIFFS, rows["credit_terms"])
        markers = values_of(VictimMarker, victim_markers.OF_SUBJECTS, rows["markers"])
        return Weight(
            known=frozenset(row[0] for row in rows["known"]),
            cases=tuple(values_of(Dispute, disputes.OF_SUBJECTS, rows["disputes"])),
            active=tuple(values_of(Record, records.ACTIVE, rows["active"])),
            attestations=grouped(attested_by, attrgetter("subject_key")),
            ended=grouped(ended, attrgetter("subject_key")),
            credit_terms=grouped(terms, attrgetter("participant_id")),
            plans=plans.plans_of(rows["plans"], rows["instalments"]),
            rebuttals=tuple(values_of(Rebuttal, disassociations.OF_HOUSEHOLDS, rows["rebuttals"])),
            red_list=grouped(red_list.entries_of(rows["red_list"]), attrgetter("subject_key")),
            markers=grouped(markers, attrgetter("subject_key")),
        )
