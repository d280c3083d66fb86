"""Tables of the events that participants are told of, and of who has to be told of a record."""

from typing import Final

from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint, Table, UniqueConstraint

from protocol.codes import EventKind
from registry.store.columns import (
    BY_SUBJECT,
    at_least,
    by_age,
    coded,
    key,
    length,
    metadata,
    octets,
    references,
    text,
    time,
    uuid,
)

BY_RECIPIENT: Final = {"distribution": "participant", "distribution_column": "recipient"}

# Belongs to no subject and names none, so it outlives whatever it tells of.
event: Final = Table(
    "event",
    metadata,
    text("recipient", 64),
    uuid("event_id"),
    coded("kind", EventKind, 32),
    uuid("record_id", nullable=True),
    uuid("inquiry_id", nullable=True),
    octets("payload"),
    time("created_at"),
    Column("position", BigInteger(), nullable=True),
    PrimaryKeyConstraint("recipient", "event_id"),
    # Serves the feed, and finds what has no place in it yet: any number of rows may have none.
    UniqueConstraint("recipient", "position"),
    by_age("created_at"),
    references(["recipient"], "participant", ["participant_id"]),
    info=BY_RECIPIENT,
)

# Its row is locked while a recipient's events are numbered; the counter survives whatever becomes of old events.
event_head: Final = Table(
    "event_head",
    metadata,
    text("recipient", 64),
    Column("last_position", BigInteger(), nullable=False),
    PrimaryKeyConstraint("recipient"),
    references(["recipient"], "participant", ["participant_id"]),
    at_least("last_position", 0),
    info=BY_RECIPIENT,
)

# Led by the debtor of the record, so that a change of the record finds its askers on its own node. Insert-only; no
# foreign key to the record, whose row every inquiry would have to touch.
hit: Final = Table(
    "hit",
    metadata,
    key(),
    uuid("record_id"),
    uuid("inquiry_id"),
    text("participant_id", 64),
    time("asked_at"),
    PrimaryKeyConstraint("subject_key", "record_id", "inquiry_id"),
    by_age("asked_at"),
    references(["participant_id"], "participant"),
    length("subject_key"),
    info=BY_SUBJECT,
    sqlite_with_rowid=False,
)
