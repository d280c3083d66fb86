"""The life of a record of arrears: its states, the edges between them and who may take each."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from protocol.codes import Category, NoticeChannel, ServiceClass


class RecordState(StrEnum):
    """All states of the wire format; those without an edge below are reserved for later rules."""

    RECEIVED = "RECEIVED"
    REJECTED = "REJECTED"
    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    CLEARED = "CLEARED"
    WITHDRAWN = "WITHDRAWN"
    CANCELLED = "CANCELLED"
    DISPUTED = "DISPUTED"
    SUSPENDED = "SUSPENDED"
    ARRANGED = "ARRANGED"
    VOID_IDENTITY_THEFT = "VOID_IDENTITY_THEFT"
    DISCHARGED = "DISCHARGED"
    TRANSFERRED = "TRANSFERRED"
    FROZEN = "FROZEN"
    EXPIRED = "EXPIRED"
    PURGED = "PURGED"


class Action(StrEnum):
    """What is done to a record; each edge of the table is one action."""

    REJECT = "REJECT"
    ACCEPT = "ACCEPT"
    ENFORCE = "ENFORCE"
    CLEAR = "CLEAR"
    WITHDRAW = "WITHDRAW"


class Party(StrEnum):
    """Who takes an edge."""

    CREDITOR = "CREDITOR"
    CLOCK = "CLOCK"
    REGISTRY = "REGISTRY"


@dataclass(frozen=True, slots=True)
class Edge:
    """One permitted change of state and the party that may take it."""

    target: RecordState
    party: Party


EDGES: Final[Mapping[tuple[RecordState, Action], Edge]] = MappingProxyType(
    {
        (RecordState.RECEIVED, Action.REJECT): Edge(RecordState.REJECTED, Party.REGISTRY),
        (RecordState.RECEIVED, Action.ACCEPT): Edge(RecordState.PENDING, Party.REGISTRY),
        (RecordState.PENDING, Action.ENFORCE): Edge(RecordState.ACTIVE, Party.CLOCK),
        (RecordState.PENDING, Action.CLEAR): Edge(RecordState.CANCELLED, Party.CREDITOR),
        (RecordState.PENDING, Action.WITHDRAW): Edge(RecordState.CANCELLED, Party.CREDITOR),
        (RecordState.ACTIVE, Action.CLEAR): Edge(RecordState.CLEARED, Party.CREDITOR),
        (RecordState.ACTIVE, Action.WITHDRAW): Edge(RecordState.WITHDRAWN, Party.CREDITOR),
    }
)
"""The whole table. There is no other edit and no hard delete."""

OPEN_STATES: Final = frozenset({RecordState.PENDING, RecordState.ACTIVE})
"""States in which the debt is still owed here: at most one such record per subject, creditor and account."""


class EdgeNotAllowed(Exception):
    """The table has no such edge; ``allowed`` are the actions that the state does have."""

    def __init__(self, state: RecordState, action: Action) -> None:
        super().__init__(f"{state} has no edge {action}")
        self.state = state
        self.action = action
        self.allowed = tuple(each for source, each in EDGES if source is state)


class WrongParty(Exception):
    """The edge exists, but another party takes it."""


def next_state(state: RecordState, action: Action, party: Party) -> RecordState:
    """The state after ``action``; raises EdgeNotAllowed or WrongParty."""
    edge = EDGES.get((state, action))
    if edge is None:
        raise EdgeNotAllowed(state, action)
    if edge.party is not party:
        raise WrongParty(f"{action} is taken by {edge.party}")
    return edge.target


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One listed debt of one subject to one creditor. Money in fen, dates Beijing, times UTC.

    ``subject_key`` is the 16-byte pseudonym, ``account_ref`` the creditor's own 32-byte keyed reference.
    """

    subject_key: bytes = field(repr=False)
    record_id: uuid.UUID
    creditor_id: str
    account_ref: bytes = field(repr=False)
    state: RecordState
    service_class: ServiceClass
    category: Category
    principal_fen: int
    paid_fen: int
    due_date: dt.date
    suspended_on: dt.date | None
    ended_on: dt.date | None
    notice_date: dt.date
    notice_channel: NoticeChannel | None
    enforceable_from: dt.date
    dealer: str | None
    rules_version: str
    version: int
    received_at: dt.datetime
    state_since: dt.datetime
    log_entry_id: uuid.UUID
    """The entry of the access log that tells of the record's latest change."""

    @property
    def blocks(self) -> bool:
        """Only ACTIVE blocks."""
        return self.state is RecordState.ACTIVE

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordEvent:
    """One edge taken by one record; the pair (record, event) is never changed afterwards."""

    subject_key: bytes = field(repr=False)
    event_id: uuid.UUID
    record_id: uuid.UUID
    source: RecordState
    target: RecordState
    action: Action
    party: Party
    actor_id: str
    """The participant that asked, or ``registry`` for the clock and the registry itself."""
    reason: str
    at: dt.datetime
    rules_version: str
    log_entry_id: uuid.UUID


def take_edge(
    record: Record,
    action: Action,
    party: Party,
    *,
    actor_id: str,
    reason: str,
    at: dt.datetime,
    rules_version: str,
    event_id: uuid.UUID,
) -> tuple[Record, RecordEvent]:
    """The record after ``action``, one version later, and the event that tells of it.

    The event's id is also the id of its log entry: state change and entry are one commit.
    Raises EdgeNotAllowed or WrongParty.
    """
    target = next_state(record.state, action, party)
    event = RecordEvent(
        subject_key=record.subject_key,
        event_id=event_id,
        record_id=record.record_id,
        source=record.state,
        target=target,
        action=action,
        party=party,
        actor_id=actor_id,
        reason=reason,
        at=at,
        rules_version=rules_version,
        log_entry_id=event_id,
    )
    changed = replace(record, state=target, version=record.version + 1, state_since=at, log_entry_id=event_id)
    return changed, event
