"""Keep each participant's feed of events. An event gets its place in the feed after it was committed.

Ids are made before the commit, and a slow transaction commits an older id late: a reader that remembers the last id it
saw would pass over it. So the place is given afterwards, under a lock of the recipient's row in ``event_head``, to
events that are committed already. A reader of a position sees all positions before it, for ever, however transactions
overlap.
"""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from protocol.events import EventKind
from registry.domain.events import Event
from registry.store import columns
from registry.store.changes import Change
from registry.store.prepared import Insert
from registry.store.repository import Repository

# An event belongs to no subject and names none, so it may outlive the record that it reports.
event: Final = sa.Table(
    "event",
    columns.metadata,
    columns.text("recipient", 64),
    columns.uuid("event_id"),
    columns.coded("kind", EventKind, 32),
    columns.uuid("record_id", nullable=True),
    columns.uuid("inquiry_id", nullable=True),
    columns.octets("payload"),
    columns.time("created_at"),
    columns.big_integer("position", nullable=True),
    sa.PrimaryKeyConstraint("recipient", "event_id"),
    # It serves the feed, and finds events without a place: any number of rows may have none.
    sa.UniqueConstraint("recipient", "position"),
    columns.by_age("created_at"),
    columns.references(["recipient"], "participant", ["participant_id"]),
    info=columns.BY_PARTICIPANT,
)

# Its row is locked while a recipient's events are numbered; the counter outlives old events.
event_head: Final = sa.Table(
    "event_head",
    columns.metadata,
    columns.text("recipient", 64),
    columns.big_integer("last_position"),
    sa.PrimaryKeyConstraint("recipient"),
    columns.references(["recipient"], "participant", ["participant_id"]),
    columns.at_least("last_position", 0),
    info=columns.BY_PARTICIPANT,
)

_INSERT: Final = Insert(event)
_INSERT_HEAD: Final = Insert(event_head, new_only=True)
_MINE: Final = event.c.recipient == sa.bindparam("at_recipient")
_UNNUMBERED: Final = (
    sa.select(event.c.event_id)
    .where(_MINE, event.c.position.is_(None))
    .order_by(event.c.event_id)
    .limit(sa.bindparam("most"))
)
_PAGE: Final = (
    sa.select(event)
    .where(_MINE, event.c.position > sa.bindparam("after"))
    .order_by(event.c.position)
    .limit(sa.bindparam("most"))
)
_OLDEST: Final = sa.select(sa.func.min(event.c.position)).where(_MINE)
_LAST: Final = sa.select(event_head.c.last_position).where(event_head.c.recipient == sa.bindparam("at_recipient"))
_LOCK_HEAD: Final = (
    sa.select(event_head.c.last_position).where(event_head.c.recipient == sa.bindparam("at_recipient"))
).with_for_update()
_MOVE_HEAD: Final = (
    sa.update(event_head)
    .where(event_head.c.recipient == sa.bindparam("at_recipient"))
    .values(last_position=sa.bindparam("reached"))
)
_NUMBER: Final = Change(event, ("position",))


class Events(Repository):
    """Distribution key: ``recipient``."""

    def add(self, events: Sequence[Event]) -> None:
        """Store new events; they are read once they are numbered."""
        _INSERT.run(self._connection, events)

    def has_unnumbered(self, recipient: str) -> bool:
        return self._connection.execute(_UNNUMBERED, {"at_recipient": recipient, "most": 1}).first() is not None

    def number(self, recipient: str, limit: int) -> int:
        """Give up to ``limit`` committed events of a recipient their places; returns the number of places.

        Do not call it in a transaction that adds events of the same recipient: its own are not committed.
        """
        _INSERT_HEAD.run_rows(self._connection, [(recipient, 0)])
        last = self._connection.execute(_LOCK_HEAD, {"at_recipient": recipient}).scalar_one()
        # Read under the lock: an event that another transaction numbered meanwhile is not numbered again.
        waiting = self._connection.execute(_UNNUMBERED, {"at_recipient": recipient, "most": limit}).scalars().all()
        if waiting:
            _NUMBER.run_rows(
                self._connection, [(recipient, each, place) for place, each in enumerate(waiting, last + 1)]
            )
            self._connection.execute(_MOVE_HEAD, {"at_recipient": recipient, "reached": last + len(waiting)})
        return len(waiting)

    def oldest(self, recipient: str) -> int:
        """Find the first place in the feed that is still kept, or else the next one to be given."""
        place = self._connection.execute(_OLDEST, {"at_recipient": recipient}).scalar_one_or_none()
        return self.last(recipient) + 1 if place is None else int(place)

    def last(self, recipient: str) -> int:
        """Find the last place that was given; 0 where none was."""
        return int(self._connection.execute(_LAST, {"at_recipient": recipient}).scalar_one_or_none() or 0)

    def page(self, recipient: str, after: int, limit: int) -> tuple[Event, ...]:
        """Read up to ``limit`` numbered events behind the place ``after``, in order."""
        return self._all(Event, _PAGE, at_recipient=recipient, after=after, most=limit)
