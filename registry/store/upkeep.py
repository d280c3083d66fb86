"""Keep the days on which the daily tasks of upkeep were last finished."""

import datetime as dt
from typing import Final

import sqlalchemy as sa

from registry.store import columns
from registry.store.changes import Change
from registry.store.prepared import Insert
from registry.store.repository import Repository

# It keeps a daily task from starting again every minute; running one twice does no harm.
upkeep: Final = sa.Table(
    "upkeep",
    columns.metadata,
    columns.text("task", 32),
    columns.day("done_on"),
    sa.PrimaryKeyConstraint("task"),
    info=columns.REFERENCE,
)

_BEGIN: Final = Insert(upkeep, new_only=True)
_DONE_ON: Final = sa.select(upkeep.c.done_on).where(upkeep.c.task == sa.bindparam("at_task"))
_LOCK: Final = _DONE_ON.with_for_update()
_DONE: Final = Change(upkeep, ("done_on",))


class Upkeep(Repository):
    """A reference table: no distribution key."""

    def done_on(self, task: str) -> dt.date | None:
        """Find the day on which a daily task was last finished."""
        return self._connection.execute(_DONE_ON, {"at_task": task}).scalar_one_or_none()

    def take_up(self, task: str) -> dt.date:
        """Find the same day and lock the task, so that nobody else begins it until the transaction ends."""
        _BEGIN.run_rows(self._connection, [(task, dt.date.min)])
        day: dt.date = self._connection.execute(_LOCK, {"at_task": task}).scalar_one()
        return day

    def finish(self, task: str, day: dt.date) -> None:
        _DONE.run_rows(self._connection, [(task, day)])
