"""Read all data held about one subject, as it is today, for the sections of its statement."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final

from protocol.messages.statements import NamedParticipant
from protocol.wire.codec import message_of
from registry.domain.disputes import Dispute, by_record
from registry.domain.records import Record, RecordTransition
from registry.domain.settlements import Settlement
from registry.domain.statements import StatementGiven
from registry.store.prepared import grouped
from registry.usecases.act import REGISTRY_ACTOR, Act
from registry.usecases.standings import standings
from registry.usecases.tidying import up_to_date

_WRITTEN: Final = 200
"""A statement writes the overdue edges of so many records only, so that its transaction is short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One subject as one transaction sees it. Records are named by their number within the statement."""

    act: Act
    subject_key: bytes = field(repr=False)
    index_key: bytes = field(repr=False)
    """Inquiries and statements from before the first listing lie under it; the same where there was no listing."""
    records: tuple[Record, ...]
    disputes: tuple[Dispute, ...]
    cases: Mapping[uuid.UUID, tuple[Dispute, ...]]
    """The same disputes by record."""
    histories: Mapping[uuid.UUID, tuple[RecordTransition, ...]]
    """The history of each record, by its id: read at once, since a firm has thousands."""
    settlements: Mapping[uuid.UUID, tuple[Settlement, ...]]
    """The settlements of each record, by its id, oldest first."""
    undone: Mapping[uuid.UUID, dt.datetime]
    """The time of each reversal, by its settlement's id."""
    numbers: Mapping[uuid.UUID, int]
    statements: tuple[StatementGiven, ...]
    """The statements that the subject was given before this one, oldest first."""
    _mentioned: set[str] = field(default_factory=set)

    def number(self, record_id: uuid.UUID) -> int | None:
        """Return the record's number in this statement, from 1; None for one that has left the list."""
        return self.numbers.get(record_id)

    def who(self, participant_id: str) -> str:
        """Return the participant's id and note it for the statement's last section, with its name and contact."""
        self._mentioned.add(participant_id)
        return participant_id

    def participants(self) -> tuple[NamedParticipant, ...]:
        """Name every participant that the sections mentioned, with its contact."""
        mentioned = (self.act.tx.participants.get(name) for name in sorted(self._mentioned - {REGISTRY_ACTOR}))
        return tuple(message_of(NamedParticipant, member) for member in mentioned if member is not None)


def hold(act: Act, subject_key: bytes, index_key: bytes) -> Holding:
    """Read all data held about a subject, as it is today; it needs the subject's lock.

    The overdue edges of the oldest records are written first, so that their history shows them; of a firm's
    thousands the others are shown by their dates.
    """
    stored = act.tx.records.of_subjects((subject_key,)).get(subject_key, ())
    stored = tuple(sorted(stored, key=lambda each: (each.received_at, each.creditor_id, each.record_id)))
    stored = (*up_to_date(act, stored[:_WRITTEN]), *stored[_WRITTEN:])
    cases = by_record(act.tx.disputes.of_subjects((subject_key,)).get(subject_key, ()))
    today = standings(act, stored, cases)
    now = {each.case.dispute_id: each.case_of_today or each.case for each in today if each.case is not None}
    disputes = tuple(now.get(each.dispute_id, each) for owned in cases.values() for each in owned)
    records = tuple(each.as_of_today for each in today)
    return Holding(
        act=act,
        subject_key=subject_key,
        index_key=index_key,
        records=records,
        disputes=tuple(sorted(disputes, key=lambda each: (each.filed_at, each.dispute_id))),
        cases=by_record(disputes),
        histories=act.tx.transitions.of_subject(subject_key),
        settlements=grouped(act.tx.settlements.of_subject(subject_key), attrgetter("record_id")),
        undone={
            each.settlement_id: each.confirmed_at
            for each in act.tx.reversals.of_subject(subject_key)
            if each.confirmed_at is not None
        },
        numbers={each.record_id: number for number, each in enumerate(records, start=1)},
        statements=act.tx.statements.of_subject({subject_key, index_key}),
    )
