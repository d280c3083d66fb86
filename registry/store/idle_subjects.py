"""Find the subjects that nothing refers to any more, and delete them."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any, Final

import sqlalchemy as sa

from registry.store.archive import sealed_record
from registry.store.changes import Change
from registry.store.deposits import deposit
from registry.store.disassociations import household_rebuttal
from registry.store.households import Households
from registry.store.inquiries import inquiry
from registry.store.prepared import ByKeys
from registry.store.records import record
from registry.store.repository import Repository, fan_out
from registry.store.schema import hanging_on
from registry.store.subjects import subject

FOR_EVER: Final = dt.date.max
"""The end for rows that keep their subject without an end."""

_ENDS: Final = ("until", "expires_on")
"""The columns that hold the first day on which a row no longer counts; rows of a table without one count for ever."""
_BESIDE: Final = tuple(table for table in hanging_on(subject) if table not in hanging_on(record))
"""The subject's row and its dependent tables, apart from records."""


def _holding(table: sa.Table) -> ByKeys:
    """Select (subject key, latest end) of a table's rows."""
    end = next((table.c[name] for name in _ENDS if name in table.c), None)
    latest: sa.ColumnElement[Any] = sa.literal_column("NULL", sa.Date()) if end is None else sa.func.max(end)
    return ByKeys(sa.select(table.c.subject_key, latest).group_by(table.c.subject_key), table.c.subject_key)


_KEEPING: Final = tuple(
    _holding(table)
    for table in hanging_on(subject)
    if any(each.referred_table is subject for each in table.foreign_key_constraints)
)
_SEALED: Final = ByKeys(
    sa.select(sealed_record.c.subject_key, sa.literal_column("NULL", sa.Date())).where(
        sealed_record.c.purged_at.is_(None)
    ),
    sealed_record.c.subject_key,
)
_REBUTTED: Final = _holding(household_rebuttal)
_DUE: Final = (
    sa.select(subject.c.subject_key)
    .where(subject.c.forget_on <= sa.bindparam("day"))
    .order_by(subject.c.forget_on)
    .limit(sa.bindparam("most"))
)
_LOOK_AGAIN: Final = Change(subject, ("forget_on",))
_FORGET: Final = tuple(
    sa.delete(table).where(table.c.subject_key == sa.bindparam("at_key")) for table in reversed(_BESIDE)
)
_TOMBSTONES: Final = ByKeys(sa.select(sealed_record.c.subject_key).distinct(), sealed_record.c.subject_key)
_ASKED_ABOUT: Final = tuple(
    ByKeys(sa.select(table.c.subject_key).distinct(), table.c.subject_key) for table in (inquiry, deposit)
)
"""A deposit outlives the inquiry that it followed from: until it goes, its person finds it in a statement."""
_HOUSEHOLDS_REBUTTED: Final = ByKeys(
    sa.select(household_rebuttal.c.household_key).distinct(), household_rebuttal.c.subject_key
)
_FORGET_REBUTTALS: Final = sa.delete(household_rebuttal).where(
    household_rebuttal.c.subject_key == sa.bindparam("at_key")
)


class IdleSubjects(Repository):
    """Distribution key: ``subject_key``, but where marked as a fan-out."""

    @fan_out
    def due(self, on: dt.date, limit: int) -> frozenset[bytes]:
        """Find the subjects to check by ``on``, since something of theirs has ended."""
        return frozenset(self._connection.execute(_DUE, {"day": on, "most": limit}).scalars())

    @fan_out
    def kept_until(self, keys: Collection[bytes]) -> Mapping[bytes, dt.date]:
        """Find the last end of the rows that keep each subject, past ends included; a subject without any is left out.

        A table that this module does not know keeps its subject for ever: better too long than torn apart.
        """
        ends: dict[bytes, dt.date] = {}
        for each in (*_KEEPING, _SEALED, _REBUTTED):
            for subject_key, end in each.rows(self._connection, keys):
                ends[subject_key] = max(ends.get(subject_key, dt.date.min), FOR_EVER if end is None else end)
        return ends

    def look_again(self, days: Mapping[bytes, dt.date | None]) -> None:
        """Note the next day to check each subject; None when another change will set it."""
        _LOOK_AGAIN.run_rows(self._connection, list(days.items()))

    @fan_out
    def forget(self, keys: Collection[bytes]) -> None:
        """Delete the rows of the subjects with the sealed tokens, and their dependent rows apart from records.

        So are households that only their rebuttals named. The ways to the subjects stay (`left_under`).
        """
        if not keys:
            return
        places = [{"at_key": each} for each in sorted(keys)]
        households = {row[0] for row in _HOUSEHOLDS_REBUTTED.rows(self._connection, keys)}
        self._connection.execute(_FORGET_REBUTTALS, places)
        Households(self._connection).forget_unnamed(households)
        for each in _FORGET:
            self._connection.execute(each, places)

    def left_under(self, keys: Collection[bytes]) -> tuple[frozenset[bytes], frozenset[bytes]]:
        """Find the forgotten ones of whom a tombstone is left, and those about whom there are inquiries or deposits."""
        barred = frozenset(row[0] for row in _TOMBSTONES.rows(self._connection, keys))
        return barred, frozenset(row[0] for each in _ASKED_ABOUT for row in each.rows(self._connection, keys))
