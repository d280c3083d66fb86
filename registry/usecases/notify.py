"""Stores events for participants, in the same commit as the changes that they tell of."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Self

from protocol.encodings import canonical_json
from protocol.events import EventKind
from protocol.log_entries import Facts
from protocol.messages.events import FACTS
from protocol.states import RecordState
from registry.domain.events import Event, told_to_askers, told_to_creditor
from registry.domain.records import Record, RecordTransition
from registry.usecases.act import Act


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """The recipient and content of an event; ``facts`` hold neither pseudonyms nor other personal data."""

    recipient: str
    kind: EventKind
    record_id: uuid.UUID | None = None
    inquiry_id: uuid.UUID | None = None
    facts: Facts = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise ValueError for facts that are not those of the kind."""
        if self.facts.keys() != FACTS[self.kind]:
            raise ValueError(f"{self.kind.value} has other facts")


def notify(
    act: Act,
    recipients: Collection[str],
    kind: EventKind,
    *,
    record_id: uuid.UUID | None = None,
    inquiry_id: uuid.UUID | None = None,
    facts: Facts | None = None,
) -> None:
    """Store the same event for each recipient, once, in the act's own transaction.

    ``record_id`` is for the record's creditor only; an inquirer is told its own inquiry.
    """
    tell(
        act,
        [
            Notice(recipient=each, kind=kind, record_id=record_id, inquiry_id=inquiry_id, facts=facts or {})
            for each in sorted(set(recipients))
        ],
    )


def tell(act: Act, notices: Sequence[Notice]) -> None:
    """Store many notices at once."""
    act.tx.events.add(
        [
            Event(
                recipient=each.recipient,
                event_id=act.new_id(),
                kind=each.kind,
                record_id=each.record_id,
                inquiry_id=each.inquiry_id,
                payload=canonical_json(dict(each.facts)),
                created_at=act.now,
            )
            for each in notices
        ]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A record's change for the carriers with a hit: its kind, and a flag that the record blocks now."""

    subject_key: bytes = field(repr=False)
    record_id: uuid.UUID
    kind: EventKind
    blocks: bool

    @classmethod
    def corrected(cls, record: Record) -> Self:
        """Make the change of a record whose figures or facts differ from those of the answer."""
        return cls(
            subject_key=record.subject_key,
            record_id=record.record_id,
            kind=EventKind.RECORD_CORRECTED,
            blocks=record.blocks,
        )


def tell_creditors_of_edges(act: Act, taken: Sequence[tuple[Record, RecordTransition]]) -> None:
    """Tell each creditor of the transitions that another party or the scheduler took on its record."""
    tell(
        act,
        [
            Notice(
                recipient=record.creditor_id,
                kind=EventKind.RECORD_STATE_CHANGED,
                record_id=record.record_id,
                facts={"state": event.target.value, "reason": event.reason},
            )
            for record, event in taken
            if record.creditor_id != act.actor_id and told_to_creditor(event.action)
        ],
    )


def tell_askers_of_edges(act: Act, events: Sequence[RecordTransition]) -> None:
    """Tell the carriers with a hit of the transitions that concern them."""
    changes = []
    for event in events:
        kind = told_to_askers(event.source, event.target)
        if kind is not None:
            blocks = event.target is RecordState.ACTIVE
            changes.append(Change(subject_key=event.subject_key, record_id=event.record_id, kind=kind, blocks=blocks))
    tell_askers(act, changes)


def tell_askers(act: Act, changes: Sequence[Change]) -> None:
    """Tell each carrier with a hit on these records, once for each of its own inquiries.

    The actor knows its own act and gets no event. No event contains a record id, by which two carriers could match
    their applicants. The caller holds the subjects' locks, which keep out inquiries that are being answered.
    """
    alike: dict[tuple[EventKind, bool], list[tuple[bytes, uuid.UUID]]] = {}
    for each in changes:
        alike.setdefault((each.kind, each.blocks), []).append((each.subject_key, each.record_id))
    # Two records of one inquiry with the same change in one act give one event: a second would say nothing new.
    tell(
        act,
        [
            Notice(recipient=recipient, kind=kind, inquiry_id=inquiry_id, facts={"blocks": blocks})
            for (kind, blocks), records in alike.items()
            for recipient, inquiry_id in sorted(act.tx.inquiry_hits.askers(records))
            if recipient != act.actor_id
        ],
    )
