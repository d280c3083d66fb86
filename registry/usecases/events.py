"""Tells participants what they must act on; the events commit together with what they tell of."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from protocol.codes import EventKind
from protocol.encodings import canonical_json
from protocol.log_entries import Facts
from registry.domain.event import Event

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
    act.tx.feed.add(
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
