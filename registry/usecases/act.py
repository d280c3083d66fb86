"""An act is one use case at work: its actor, time, rules and transaction; it appends to the log and moves records."""

import datetime as dt
import uuid
from dataclasses import dataclass, field, replace
from typing import Final

from protocol.beijing import beijing_date
from protocol.encodings import canonical_json
from protocol.log_entries import SALT_BYTES, EntryKind, Facts, core_json, personal_digest
from protocol.messages.rules import Rules
from registry.domain.ids import uuid7
from registry.domain.log import LogEntry
from registry.domain.participants import Actor
from registry.domain.records import Record
from registry.domain.subjects import PersonKeys
from registry.policy.rules import RuleBook
from registry.store.rules import Approvals
from registry.store.transactions import Transaction
from registry.usecases.clock.judge_clock import require_clock_in
from registry.usecases.context import Registry
from registry.usecases.pseudonyms import Names
from registry.usecases.rules.shared import book_in

NAMES_NOBODY: Final = PersonKeys(by_index={})
"""The look-up of an act that computes no pseudonym from tokens."""
REGISTRY_ACTOR: Final = "registry"
"""The actor's id when the scheduler or the registry itself takes an edge."""


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
    today: dt.date
    """The Beijing date of the act."""
    people: PersonKeys = field(default=NAMES_NOBODY, repr=False)
    """The keys of the people that the request names, as the transaction found them when it began."""

    def rules_of(self, record: Record) -> Rules:
        """Return the version that the record was listed under, which judges its debt for its whole life."""
        return self.book.version(record.rules_version)

    def key_of(self, names: Names) -> bytes:
        """Return the key under which a person is filed; raises KeyError for one that the transaction did not look up.

        One that another transaction lists for the first time meanwhile is still on no list for this act, as if it had
        come before.
        """
        return self.people.key_of(names.index_key)

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
        subject_key: bytes | None = None,
        personal: Facts | None = None,
    ) -> LogEntry:
        """Make a log entry with fresh salts, for the caller to append; ``personal`` is the erasable part.

        An entry about no subject (a participant, a key, an epoch) has no key and no erasable part, except a reading by
        an office that names a member of its staff.
        """
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
        subject_key: bytes | None = None,
        personal: Facts | None = None,
    ) -> None:
        """Append one entry in this act's own transaction."""
        self.tx.openings.append((self.entry(kind, entry_id, facts, subject_key=subject_key, personal=personal),))


def act_in(
    registry: Registry,
    tx: Transaction,
    actor: Actor | None,
    *,
    approvals: Approvals | None = None,
    people: PersonKeys = NAMES_NOBODY,
) -> Act:
    """Begin an act now, with the rule book as its transaction sees it; raises Refusal CLOCK_NOT_TRUSTED.

    ``approvals`` are the approved versions, and ``people`` the keys of named people, if the transaction has read them.
    """
    now = registry.clock()
    require_clock_in(registry, tx, now)
    return replace(act_at(registry, tx, actor, now, approvals=approvals), people=people)


def act_at(
    registry: Registry, tx: Transaction, actor: Actor | None, now: dt.datetime, *, approvals: Approvals | None = None
) -> Act:
    """Begin an act at a moment for which the caller has judged the clock."""
    book = book_in(registry, tx, approvals)
    today = beijing_date(now)
    return Act(registry=registry, tx=tx, actor=actor, now=now, book=book, rules=book.in_force(today), today=today)
