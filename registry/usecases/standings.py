"""Reads the states of records today, even if the scheduler is late: for answers that change nothing."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from protocol.messages.rules import RetentionTerms
from protocol.states import OPEN_STATES, PlanState, RecordState
from registry.domain.confirmations import lapse_day
from registry.domain.disputes import Dispute, by_record, open_case
from registry.domain.plans import Plan
from registry.domain.records import Record
from registry.domain.retention import expires_on
from registry.domain.standing import (
    HEARD_STATES,
    SILENT_STATES,
    Bounds,
    DueEdge,
    case_standing,
    due_edges,
    standing,
)
from registry.policy.retention import start_of
from registry.usecases.act import Act
from registry.usecases.archive.shared import listed_on, terms_of

Cases = Mapping[uuid.UUID, Sequence[Dispute]]
"""Cases by their records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A record as it is stored, its open case and running plan, and its due edges of today."""

    record: Record
    case: Dispute | None
    plan: Plan | None
    edges: tuple[DueEdge, ...]

    @property
    def as_of_today(self) -> Record:
        """Return the record with its state of today, since the day on which that began."""
        state = standing(self.record.state, self.edges)
        if state is self.record.state:
            return self.record
        since = next(each.due_on for each in self.edges if each.target is state)
        return replace(self.record, state=state, state_since=start_of(since))

    @property
    def case_of_today(self) -> Dispute | None:
        """Return the open case as it is today, which may be closed."""
        return None if self.case is None else case_standing(self.case, self.edges)


def standings(
    act: Act, records: Iterable[Record], cases: Cases | None = None, plans: Iterable[Plan] | None = None
) -> list[Standing]:
    """Return each record's standing, in order; it reads the cases and plans that are not given.

    At most one SQL statement for cases, and two for plans.
    """
    records = list(records)
    if cases is None:
        keys = {each.subject_key for each in records if each.state in HEARD_STATES | SILENT_STATES}
        found = act.tx.disputes.of_subjects(keys) if keys else {}
        cases = by_record(case for owned in found.values() for case in owned)
    if plans is None:
        arranged = {each.subject_key for each in records if each.state is RecordState.ARRANGED}
        plans = act.tx.plans.of_subjects(arranged) if arranged else ()
    running = {each.record_id: each for each in plans if each.state is PlanState.RUNNING}
    terms = terms_of(act)
    return [
        _standing(
            act, terms, each, open_case(cases.get(each.record_id, ()), each.record_id), running.get(each.record_id)
        )
        for each in records
    ]


def as_of_today(
    act: Act, records: Iterable[Record], cases: Cases | None = None, plans: Iterable[Plan] | None = None
) -> list[Record]:
    """Return the records with their states of today."""
    return [each.as_of_today for each in standings(act, records, cases, plans)]


def blocking(act: Act, subjects: Collection[bytes], cases: Cases | None = None) -> dict[bytes, tuple[Record, ...]]:
    """Read the records that block today, by subject; subjects without one are left out."""
    active = act.tx.records.active_of_subjects(subjects)
    return blocking_of(act, (record for owned in active.values() for record in owned), cases)


def blocking_of(
    act: Act, active: Iterable[Record], cases: Cases | None = None, plans: Iterable[Plan] | None = None
) -> dict[bytes, tuple[Record, ...]]:
    """Return those of these records that block today, by subject; subjects without one are left out."""
    found: dict[bytes, list[Record]] = {}
    for each in as_of_today(act, active, cases, plans):
        if each.blocks:
            found.setdefault(each.subject_key, []).append(each)
    return {key: tuple(owned) for key, owned in found.items()}


def _standing(act: Act, terms: RetentionTerms, record: Record, case: Dispute | None, plan: Plan | None) -> Standing:
    if record.state not in OPEN_STATES:
        return Standing(record=record, case=None, plan=None, edges=())
    waits = record.state is RecordState.PENDING
    bounds = Bounds(
        expires_on=expires_on(listed_on(record), terms),
        lapses_on=lapse_day(record, act.rules_of(record).confirmation) if waits else None,
        case=case,
        plan=plan,
    )
    return Standing(record=record, case=case, plan=plan, edges=due_edges(record.state, bounds, act.today))
