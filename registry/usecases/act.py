"""One use case at work: who acts, when, under which rules and in which transaction; and what it notes in the log."""

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
"""The subject key of entries that concern nobody: participants, keys, epochs."""
REGISTRY_ACTOR: Final = "registry"
"""Who acts when the clock or the registry itself takes an edge."""
DueDays: TypeAlias = Mapping[uuid.UUID, dt.date]
"""By record, the day on which an edge of the clock was due, which may be before the one on which it was taken."""
NO_DAYS: Final[DueDays] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """``actor`` is None when the registry acts by itself.

    The entry is written first: the database refuses a row that names an entry which is not in the log yet.
    """

    registry: Registry
    tx: Transaction
    actor: Actor | None
    now: dt.datetime
    book: RuleBook
    rules: Rules
    """The version in force today: it judges what begins with this act."""

    @property
    def today(self) -> dt.date:
        """The Beijing date of the act."""
        return beijing_date(self.now)

    def rules_of(self, record: Record) -> Rules:
        """The version that the record was listed under: it goes on judging what is owed on it."""
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
        """A log entry with fresh salts, for the caller to append; ``personal`` is the part that can be erased."""
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
        """The record after ``action`` and the event of it, not yet written; the clock's edges are the registry's own.

        ``actor_id`` is who said so before, where this act executes what another participant confirmed.
        Raises Refusal EDGE_NOT_ALLOWED naming the state and the edges it has, or whose edge it is; RECORD_TRANSFERRED
        to the former creditor of a debt.
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
            # The clock's own edges help nobody who asks.
            edges = [each for each in refused.allowed if EDGES[refused.state, each].parties != {Party.CLOCK}]
            allowed = ", ".join(edges) or "none"
            raise Refusal(
                Problem.EDGE_NOT_ALLOWED, detail=f"The record is {refused.state}; allowed: {allowed}."
            ) from None
        except WrongParty as refused:
            raise Refusal(Problem.EDGE_NOT_ALLOWED, detail=f"The record is {record.state}; {refused}.") from None

    def refuse_former_creditor(self, record: Record) -> None:
        """Raise Refusal RECORD_TRANSFERRED, naming who has the debt now, to the creditor that had it before."""
        if record.state is not RecordState.TRANSFERRED or record.creditor_id != self.actor_id:
            return
        of_subject = self.tx.records.of_subjects((record.subject_key,)).get(record.subject_key, ())
        raise transferred_refusal(present_creditor(record.record_id, of_subject))

    def transition_entry(self, event: RecordTransition, due_on: dt.date | None = None) -> LogEntry:
        """The log entry of one edge taken, and the day on which it was due; its id is the event's."""
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
        """Take one edge and write it: the record, its event and its log entry together."""
        (changed,) = self.move_many((record,), action, party, reason)
        return changed

    def move_many(
        self, records: Sequence[Record], action: Action, party: Party, reason: str, due: DueDays = NO_DAYS
    ) -> list[Record]:
        """As ``move`` for different records, in their order: a fixed number of statements, however many they are.

        ``due`` holds, by record, the days on which edges of the clock were due: their entries name them.
        """
        taken = [self.take_edge(each, action, party, reason) for each in records]
        self.log_edges(taken, due)
        self.tx.records.update_many(
            [(changed, before.version) for before, (changed, _) in zip(records, taken, strict=True)]
        )
        self.write_events(taken)
        return [changed for changed, _ in taken]

    def log_edges(self, taken: Sequence[tuple[Record, RecordTransition]], due: DueDays = NO_DAYS) -> None:
        """Append the entries of edges taken, before the records are written that name them."""
        self.tx.openings.append([self.transition_entry(event, due.get(event.record_id)) for _, event in taken])

    def write_events(self, taken: Sequence[tuple[Record, RecordTransition]]) -> None:
        """Write the edges taken and logged; tell the creditors and who had got a hit. Needs the locks."""
        events = [event for _, event in taken]
        self.tx.transitions.add(events)
        tell_creditors_of_edges(self, taken)
        tell_askers_of_edges(self, events)


def transferred_refusal(creditor: str | None) -> Refusal:
    """What a former creditor is told; nothing names the present one once all its records have left the list."""
    return Refusal(Problem.RECORD_TRANSFERRED, figures=None if creditor is None else {"creditor": creditor})


def act_in(registry: Registry, tx: Transaction, actor: Actor | None) -> Act:
    """An act of this moment, with the rule book as its transaction sees it; raises Refusal CLOCK_NOT_TRUSTED."""
    now = registry.clock()
    require_clock_in(registry, tx, now)
    return act_at(registry, tx, actor, now)


def act_at(registry: Registry, tx: Transaction, actor: Actor | None, now: dt.datetime) -> Act:
    """An act of a moment that the caller has judged."""
    book = book_in(registry, tx)
    return Act(registry=registry, tx=tx, actor=actor, now=now, book=book, rules=book.in_force(beijing_date(now)))
