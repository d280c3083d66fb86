"""An act is one use case at work: its actor, time, rules and transaction; it appends to the log and moves records."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

from protocol.beijing import beijing_date
from protocol.encodings import canonical_json
from protocol.log_entries import SALT_BYTES, EntryKind, Facts, core_json, personal_digest
from protocol.messages.rules import Rules
from protocol.problems import Problem, Refusal
from protocol.states import Action, Party, RecordState
from registry.domain.ids import uuid7
from registry.domain.life import EDGES, EdgeNotAllowed, WrongParty
from registry.domain.log import LogEntry
from registry.domain.participants import Actor
from registry.domain.records import Record, RecordTransition, take_edge
from registry.domain.transfers import present_creditor
from registry.policy.rules import RuleBook
from registry.store.transactions import Transaction
from registry.usecases.clock.judge_clock import require_clock_in
from registry.usecases.context import Registry
from registry.usecases.notify import tell_askers_of_edges, tell_creditors_of_edges
from registry.usecases.rules.shared import book_in

NO_SUBJECT: Final = bytes(16)
"""The subject key of entries about no subject: participants, keys, epochs."""
REGISTRY_ACTOR: Final = "registry"
"""The actor's id when the scheduler or the registry itself takes an edge."""
DueDays: TypeAlias = Mapping[uuid.UUID, dt.date]
"""By record, the due day of a scheduler's edge, which may be taken on a later day."""
NO_DAYS: Final[DueDays] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """``actor`` is None when the registry acts by itself.

    Write the log entry first: the database refuses a row that names an entry which is not in the log yet.
    """

    registry: Registry
    tx: Transaction
    actor: Actor | None
    now: dt.datetime
    book: RuleBook
    rules: Rules
    """The version in force today, which judges the things that begin with this act."""

    @property
    def today(self) -> dt.date:
        """Return the Beijing date of the act."""
        return beijing_date(self.now)

    def rules_of(self, record: Record) -> Rules:
        """Return the version that the record was listed under, which judges its debt for its whole life."""
        return self.book.version(record.rules_version)

    @property
    def actor_id(self) -> str:
        return REGISTRY_ACTOR if self.actor is None else self.actor.participant_id

    def new_id(self) -> uuid.UUID:
        return uuid7(self.now, self.registry.random)

    def entry(
        self,
        kind: EntryKind,
        entry_id: uuid.UUID,
        facts: Facts,
        *,
        subject_key: bytes = NO_SUBJECT,
        personal: Facts | None = None,
    ) -> LogEntry:
        """Make a log entry with fresh salts, for the caller to append; ``personal`` is the erasable part."""
        part = None if personal is None else canonical_json(dict(personal))
        part_salt = None if part is None else self.registry.random(SALT_BYTES)
        core = core_json(
            kind=kind,
            entry_id=entry_id,
            at=self.now,
            participant=self.actor_id,
            request_digest=None if self.actor is None else self.actor.request_digest,
            personal=None if part is None or part_salt is None else personal_digest(part, part_salt),
            facts=facts,
        )
        return LogEntry(
            subject_key=subject_key,
            entry_id=entry_id,
            kind=kind.value,
            at=self.now,
            participant_id=self.actor_id,
            request_id=None if self.actor is None else self.actor.request_id,
            core=core,
            core_salt=self.registry.random(SALT_BYTES),
            personal=part,
            personal_salt=part_salt,
        )

    def log(
        self,
        kind: EntryKind,
        entry_id: uuid.UUID,
        facts: Facts,
        *,
        subject_key: bytes = NO_SUBJECT,
        personal: Facts | None = None,
    ) -> None:
        """Append one entry in this act's own transaction."""
        self.tx.openings.append((self.entry(kind, entry_id, facts, subject_key=subject_key, personal=personal),))

    def take_edge(
        self, record: Record, action: Action, party: Party, reason: str, *, actor_id: str | None = None
    ) -> tuple[Record, RecordTransition]:
        """Return the record after ``action`` and its transition, both not yet written; the registry may take any edge.

        ``actor_id`` is the participant that confirmed the action before, if this act executes it later.
        Raises Refusal EDGE_NOT_ALLOWED with the state and its edges, or with the parties of the edge;
        RECORD_TRANSFERRED to the former creditor of a debt.
        """
        try:
            return take_edge(
                record,
                action,
                party,
                actor_id=REGISTRY_ACTOR if party is Party.CLOCK else actor_id or self.actor_id,
                reason=reason,
                at=self.now,
                rules_version=self.rules.version,
                event_id=self.new_id(),
            )
        except EdgeNotAllowed as refused:
            self.refuse_former_creditor(record)
            # Do not list transitions that only the scheduler may take.
            edges = [each for each in refused.allowed if EDGES[refused.state, each].parties != {Party.CLOCK}]
            allowed = ", ".join(edges) or "none"
            raise Refusal(
                Problem.EDGE_NOT_ALLOWED, detail=f"The record is {refused.state}; allowed: {allowed}."
            ) from None
        except WrongParty as refused:
            raise Refusal(Problem.EDGE_NOT_ALLOWED, detail=f"The record is {record.state}; {refused}.") from None

    def refuse_former_creditor(self, record: Record) -> None:
        """Raise Refusal RECORD_TRANSFERRED, with the present creditor's id, to the former creditor."""
        if record.state is not RecordState.TRANSFERRED or record.creditor_id != self.actor_id:
            return
        of_subject = self.tx.records.of_subjects((record.subject_key,)).get(record.subject_key, ())
        raise transferred_refusal(present_creditor(record.record_id, of_subject))

    def transition_entry(self, event: RecordTransition, due_on: dt.date | None = None) -> LogEntry:
        """Make the log entry of a transition, with its due day; the entry has the transition's id."""
        facts: dict[str, str | int] = {
            "record": str(event.record_id),
            "edge": f"{event.source}>{event.target}",
            "party": event.party.value,
            "reason": event.reason,
            "rules": event.rules_version,
        }
        if due_on is not None:
            facts["due"] = due_on.isoformat()
        return self.entry(
            EntryKind.RECORD_TRANSITION,
            event.event_id,
            facts,
            subject_key=event.subject_key,
            personal={"subject": event.subject_key.hex()},
        )

    def move(self, record: Record, action: Action, party: Party, reason: str) -> Record:
        """Take one edge and write it: the record, its transition and its log entry together."""
        (changed,) = self.move_many((record,), action, party, reason)
        return changed

    def move_many(
        self, records: Sequence[Record], action: Action, party: Party, reason: str, due: DueDays = NO_DAYS
    ) -> list[Record]:
        """Do as ``move`` for different records, in order, with a fixed number of SQL statements.

        ``due`` holds, by record, the due days of scheduled edges: their entries name them.
        """
        taken = [self.take_edge(each, action, party, reason) for each in records]
        self.log_edges(taken, due)
        self.tx.records.update_many(
            [(changed, before.version) for before, (changed, _) in zip(records, taken, strict=True)]
        )
        self.write_events(taken)
        return [changed for changed, _ in taken]

    def log_edges(self, taken: Sequence[tuple[Record, RecordTransition]], due: DueDays = NO_DAYS) -> None:
        """Append the entries of transitions, before their records are written, which name them."""
        self.tx.openings.append([self.transition_entry(event, due.get(event.record_id)) for _, event in taken])

    def write_events(self, taken: Sequence[tuple[Record, RecordTransition]]) -> None:
        """Write logged transitions; tell the creditors and the carriers with a hit. The caller holds the locks."""
        events = [event for _, event in taken]
        self.tx.transitions.add(events)
        tell_creditors_of_edges(self, taken)
        tell_askers_of_edges(self, events)


def transferred_refusal(creditor: str | None) -> Refusal:
    """Write a former creditor's refusal; the present creditor is unknown once all its records have left the list."""
    return Refusal(Problem.RECORD_TRANSFERRED, figures=None if creditor is None else {"creditor": creditor})


def act_in(registry: Registry, tx: Transaction, actor: Actor | None) -> Act:
    """Begin an act now, with the rule book as its transaction sees it; raises Refusal CLOCK_NOT_TRUSTED."""
    now = registry.clock()
    require_clock_in(registry, tx, now)
    return act_at(registry, tx, actor, now)


def act_at(registry: Registry, tx: Transaction, actor: Actor | None, now: dt.datetime) -> Act:
    """Begin an act at a moment for which the caller has judged the clock."""
    book = book_in(registry, tx)
    return Act(registry=registry, tx=tx, actor=actor, now=now, book=book, rules=book.in_force(beijing_date(now)))
