"""Read the database's own clock, and keep the readings by which the registry's clock is measured."""

import datetime as dt
import uuid
from typing import Final

import sqlalchemy as sa

from registry.domain.clock import ClockConfirmation, ClockReading, KnownTimes
from registry.domain.ids import EPOCH, first_uuid7, time_of
from registry.store import columns
from registry.store.log.openings import log_opening
from registry.store.prepared import Insert
from registry.store.repository import Repository, fan_out

# One row for each start of each machine; age or a confirmation deletes it.
clock_reading: Final = sa.Table(
    "clock_reading",
    columns.metadata,
    columns.text("boot", 64),
    columns.time("at"),
    columns.big_integer("steady_ms"),
    sa.PrimaryKeyConstraint("boot"),
    info=columns.REFERENCE,
)

# At most one row, which the next confirmation deletes.
clock_outage: Final = sa.Table(
    "clock_outage",
    columns.metadata,
    columns.text("name", 16),
    columns.time("found_at"),
    sa.PrimaryKeyConstraint("name"),
    info=columns.REFERENCE,
)

clock_confirmation: Final = sa.Table(
    "clock_confirmation",
    columns.metadata,
    columns.integer("number"),
    columns.octets("word_digest"),
    columns.text("operator_id", 64),
    columns.text("key_id", 64),
    columns.time("confirmed_at"),
    columns.time("newest_entry_at", nullable=True),
    columns.big_integer("database_ahead_ms"),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("number"),
    columns.references(["operator_id"], "participant", ["participant_id"]),
    columns.length("word_digest", 32),
    columns.at_least("number", 1),
    sa.Index(None, "word_digest", unique=True),
    info=columns.REFERENCE,
)

_OUTAGE: Final = "outage"
_LOWEST: Final = uuid.UUID(int=0)
_BACK: Final = (dt.timedelta(days=31), dt.timedelta(days=366))
_KEPT: Final = dt.timedelta(days=30)
"""The time for which the reading of a machine's start is kept after its last update."""
# The server's time is compared, never stored: we bind each time in a row.
_NOW_SQLITE: Final = "SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')"
_NOW_POSTGRESQL: Final = "SELECT clock_timestamp()"
_NEWEST_ENTRY: Final = (
    sa.select(log_opening.c.entry_id)
    .where(log_opening.c.entry_id >= sa.bindparam("start"))
    .order_by(log_opening.c.entry_id.desc())
    .limit(1)
)
_LAST: Final = sa.select(clock_confirmation).order_by(clock_confirmation.c.number.desc()).limit(1)
_LAST_NUMBER: Final = sa.select(sa.func.max(clock_confirmation.c.number))
_USED: Final = sa.select(clock_confirmation.c.number).where(clock_confirmation.c.word_digest == sa.bindparam("digest"))
_READINGS: Final = sa.select(clock_reading)
_FOUND: Final = sa.select(clock_outage.c.found_at).where(clock_outage.c.name == _OUTAGE)
_KEEP_READING: Final = Insert(clock_reading, renewing=("at", "steady_ms"))
_FIND_OUTAGE: Final = Insert(clock_outage, renewing=("found_at",))
_CONFIRM: Final = Insert(clock_confirmation)
_BEFORE: Final = sa.bindparam("before", type_=clock_reading.c.at.type)
_FORGET_OLD: Final = sa.delete(clock_reading).where(clock_reading.c.at < _BEFORE)


class Clock(Repository):
    """Reference tables of a few rows."""

    def database_now(self) -> dt.datetime:
        """Read the database server's own clock; on SQLite the system's, as the library reads it."""
        if self._is_sqlite:
            text: str = self._connection.exec_driver_sql(_NOW_SQLITE).scalar_one()
            return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)
        moment: dt.datetime = self._connection.exec_driver_sql(_NOW_POSTGRESQL).scalar_one()
        return moment.astimezone(dt.UTC)

    @fan_out
    def newest_entry_at(self, now: dt.datetime) -> dt.datetime | None:
        """Read the time in the highest id of the log, to the millisecond.

        Search from a month before ``now`` on, then from a year before, then in all months: the database locks
        each month that it may read.
        """
        for start in (*(first_uuid7(max(now - back, EPOCH)) for back in _BACK), _LOWEST):
            newest = self._connection.execute(_NEWEST_ENTRY, {"start": start}).scalar_one_or_none()
            if newest is not None:
                return time_of(newest)
        return None

    def known(self, boot: str, now: dt.datetime) -> KnownTimes:
        """Read all readings that measure the clock; ``boot`` is this start of this machine."""
        readings = self._all(ClockReading, _READINGS)
        return KnownTimes(
            confirmation=self._one(ClockConfirmation, _LAST),
            reading=next((each for each in readings if each.boot == boot), None),
            newest_reading_at=max((each.at for each in readings), default=None),
            newest_entry_at=self.newest_entry_at(now),
            outage_since=self._connection.execute(_FOUND).scalar_one_or_none(),
        )

    def last_number(self) -> int:
        """Read the number of the last confirmation; 0 before the first."""
        last: int | None = self._connection.execute(_LAST_NUMBER).scalar_one()
        return last or 0

    def keep_reading(self, reading: ClockReading) -> None:
        """Keep a trusted reading in place of the last one, and drop a noted outage."""
        self._connection.execute(_FORGET_OLD, {"before": reading.at - _KEPT})
        _KEEP_READING.run(self._connection, [reading])
        self._connection.execute(sa.delete(clock_outage))

    def find_outage(self, at: dt.datetime) -> None:
        """Note that an outage was found, in place of an earlier one."""
        _FIND_OUTAGE.run_rows(self._connection, [(_OUTAGE, at)])

    def is_used(self, word_digest: bytes) -> bool:
        """Tell whether a word was applied before."""
        return self._connection.execute(_USED, {"digest": word_digest}).scalar_one_or_none() is not None

    def confirm(self, confirmation: ClockConfirmation) -> None:
        """Keep a confirmation; drop all earlier readings and a noted outage."""
        _CONFIRM.run(self._connection, [confirmation])
        self._connection.execute(sa.delete(clock_reading))
        self._connection.execute(sa.delete(clock_outage))
