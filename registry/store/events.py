"""What happened to records: one row for each edge taken, never changed."""

import uuid
from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.domain.record import Action, Party, RecordEvent, RecordState
from registry.store.schema import record_event
from registry.store.statements import run_each

_INSERT: Final = sa.insert(record_event)
_OF_RECORD: Final = (
    sa.select(record_event)
    .where(record_event.c.subject_key == sa.bindparam("key"), record_event.c.record_id == sa.bindparam("id"))
    .order_by(record_event.c.event_id)
)


def _values(each: RecordEvent) -> dict[str, Any]:
    return {
        "subject_key": each.subject_key,
        "event_id": each.event_id,
        "record_id": each.record_id,
        "source": each.source.value,
        "target": each.target.value,
        "action": each.action.value,
        "party": each.party.value,
        "actor_id": each.actor_id,
        "reason": each.reason,
        "at": each.at,
        "rules_version": each.rules_version,
        "log_entry_id": each.log_entry_id,
    }


class Events:
    """Distribution key: ``subject_key``."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, events: Sequence[RecordEvent]) -> None:
        run_each(self._connection, _INSERT, [_values(each) for each in events])

    def of_record(self, subject_key: bytes, record_id: uuid.UUID) -> tuple[RecordEvent, ...]:
        """The record's history, oldest first."""
        rows = self._connection.execute(_OF_RECORD, {"key": subject_key, "id": record_id}).mappings()
        return tuple(
            RecordEvent(
                **{
                    **row,
                    "source": RecordState(row["source"]),
                    "target": RecordState(row["target"]),
                    "action": Action(row["action"]),
                    "party": Party(row["party"]),
                }
            )
            for row in rows
        )
