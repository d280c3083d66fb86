"""Tells participants what they must act on; the events commit together with what they tell of."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from protocol.codes import EventKind
from protocol.encodings import canonical_json
from protocol.log_entries import Facts
from protocol.states import RecordState
from registry.domain.events import Event, told_to_askers, told_to_creditor
from registry.domain.records import Record, RecordTransition

if TYPE_CHECKING:
    from registry.usecases.act import Act


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Who is to be told what; ``facts`` hold neither pseudonyms nor anything else about a person."""

    recipient: str
    kind: EventKind
    record_id: uuid.UUID | None = None
    inquiry_id: uuid.UUID | None = None
    facts: Facts = field(default_factory=dict)


def notify(
    act: "Act",
    recipients: Collection[str],
    kind: EventKind,
    *,
    record_id: uuid.UUID | None = None,
    inquiry_id: uuid.UUID | None = None,
    facts: Facts | None = None,
) -> None:
    """Tell each of some participants the same, once, in the act's own transaction.

    ``record_id`` is for the record's creditor only; whoever asked about the subject is told its own inquiry.
    """
    tell(
        act,
        [
            Notice(recipient=each, kind=kind, record_id=record_id, inquiry_id=inquiry_id, facts=facts or {})
            for each in sorted(set(recipients))
        ],
    )


def tell(act: "Act", notices: Sequence[Notice]) -> None:
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
    """What became of a record, for those who got a hit because of it: its kind, and whether it blocks now."""

    subject_key: bytes = field(repr=False)
    record_id: uuid.UUID
    kind: EventKind
    blocks: bool

    @classmethod
    def corrected(cls, record: Record) -> Self:
        """Other figures or facts than those that were answered with."""
        return cls(
            subject_key=record.subject_key,
            record_id=record.record_id,
            kind=EventKind.RECORD_CORRECTED,
            blocks=record.blocks,
        )


def tell_creditors_of_edges(act: "Act", taken: Sequence[tuple[Record, RecordTransition]]) -> None:
    """Tell each creditor what somebody else, or the clock, did to its record."""
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


def tell_askers_of_edges(act: "Act", events: Sequence[RecordTransition]) -> None:
    """Tell of edges taken, as far as they concern who had got a hit."""
    changes = []
    for event in events:
        kind = told_to_askers(event.source, event.target)
        if kind is not None:
            blocks = event.target is RecordState.ACTIVE
            changes.append(Change(subject_key=event.subject_key, record_id=event.record_id, kind=kind, blocks=blocks))
    tell_askers(act, changes)


def tell_askers(act: "Act", changes: Sequence[Change]) -> None:
    """Tell everybody who got a hit because of these records, once for each of its own inquiries.

    The actor knows what it does and is told nothing. No record id is told: two carriers could match their applicants
    by it. Call it under the subjects' locks, which keep inquiries that are being answered out.
    """
    alike: dict[tuple[EventKind, bool], list[tuple[bytes, uuid.UUID]]] = {}
    for each in changes:
        alike.setdefault((each.kind, each.blocks), []).append((each.subject_key, each.record_id))
    # Two records of one inquiry that change alike in one act are told of once: the second would say nothing new.
    tell(
        act,
        [
            Notice(recipient=recipient, kind=kind, inquiry_id=inquiry_id, facts={"blocks": blocks})
            for (kind, blocks), records in alike.items()
            for recipient, inquiry_id in sorted(act.tx.inquiry_hits.askers(records))
            if recipient != act.actor_id
        ],
    )
