"""Count the open records that a creditor's rows took out on a day, and keep a second key's confirmations."""

import datetime as dt
from typing import Any, Final

import sqlalchemy as sa

from registry.domain.take_outs import TakeOutConfirmation, TakeOutDay
from registry.store import columns
from registry.store.changes import Change
from registry.store.prepared import Insert
from registry.store.repository import Repository, fan_out

# A counter without log entries, as a batch's chunks are: the rows that it counts have their own entries.
take_out_day: Final = sa.Table(
    "take_out_day",
    columns.metadata,
    columns.text("participant_id", 64),
    columns.day("day"),
    columns.integer("open_at_start"),
    columns.integer("taken"),
    columns.integer("held"),
    columns.text("held_key_id", 64, nullable=True),
    sa.PrimaryKeyConstraint("participant_id", "day"),
    columns.references(["participant_id"], "participant"),
    columns.at_least("open_at_start", 0),
    columns.at_least("taken", 0),
    columns.at_least("held", 0),
    info=columns.BY_PARTICIPANT,
)

take_out_confirmation: Final = sa.Table(
    "take_out_confirmation",
    columns.metadata,
    columns.text("participant_id", 64),
    columns.day("day"),
    columns.integer("take_outs"),
    columns.integer("unused"),
    columns.text("key_id", 64),
    columns.time("confirmed_at"),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("participant_id", "day"),
    columns.references(["participant_id", "day"], "take_out_day"),
    columns.at_least("take_outs", 1),
    columns.at_least("unused", 0),
    info=columns.BY_PARTICIPANT,
)

_BEGIN: Final = Insert(take_out_day, new_only=True)
_CONFIRM: Final = Insert(take_out_confirmation)


def _at(table: sa.Table) -> "tuple[sa.ColumnElement[bool], ...]":
    return (
        table.c.participant_id == sa.bindparam("at_participant"),
        table.c.day == sa.bindparam("at_day", type_=table.c.day.type),
    )


def _change(table: sa.Table) -> Change:
    return Change(table, [each.name for each in table.c if not each.primary_key])


_FIND: Final = sa.select(take_out_day).where(*_at(take_out_day))
_LOCK: Final = _FIND.with_for_update()
_CONFIRMATION: Final = sa.select(take_out_confirmation).where(*_at(take_out_confirmation))
_CHANGE: Final = _change(take_out_day)
_CHANGE_CONFIRMATION: Final = _change(take_out_confirmation)
_BEFORE: Final[sa.BindParameter[Any]] = sa.bindparam("before", type_=take_out_day.c.day.type)
_FORGET_CONFIRMATIONS: Final = sa.delete(take_out_confirmation).where(take_out_confirmation.c.day < _BEFORE)
_FORGET: Final = sa.delete(take_out_day).where(take_out_day.c.day < _BEFORE)


class TakeOuts(Repository):
    """Distribution key: ``participant_id`` of the creditor, but where marked as a fan-out."""

    def first_count(self, new: TakeOutDay) -> None:
        """Keep the first count of a day, unless another transaction did."""
        _BEGIN.run(self._connection, [new])

    def find(self, participant_id: str, day: dt.date) -> TakeOutDay | None:
        return self._one(TakeOutDay, _FIND, at_participant=participant_id, at_day=day)

    def lock(self, participant_id: str, day: dt.date) -> TakeOutDay | None:
        """Find the day's counts and lock them, so that nobody else counts on the day until the transaction ends."""
        return self._one(TakeOutDay, _LOCK, at_participant=participant_id, at_day=day)

    def confirmation(self, participant_id: str, day: dt.date) -> TakeOutConfirmation | None:
        """Read the confirmation of the day; the day's lock guards it."""
        return self._one(TakeOutConfirmation, _CONFIRMATION, at_participant=participant_id, at_day=day)

    def update(self, day: TakeOutDay) -> None:
        """Write the counts of a day; the caller has its lock."""
        _CHANGE.run(self._connection, [day])

    def confirm(self, confirmation: TakeOutConfirmation) -> None:
        """Keep a confirmation, or write it over the earlier one of the day; the caller has the day's lock."""
        if not _CHANGE_CONFIRMATION.run(self._connection, [confirmation]):
            _CONFIRM.run(self._connection, [confirmation])

    @fan_out
    def forget(self, before: dt.date) -> int:
        """Drop the days before a date with their confirmations: one row for each creditor and day."""
        old = {"before": before}
        self._connection.execute(_FORGET_CONFIRMATIONS, old)
        return self._connection.execute(_FORGET, old).rowcount
