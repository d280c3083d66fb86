"""Count the work of one round of the scheduler, before it does any of it."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from registry.domain.retention import EXPIRING_STATES
from registry.store.archive import NOT_PURGED, sealed_record
from registry.store.columns import states_in
from registry.store.disputes import IS_OPEN, IS_SUSPENDED, dispute
from registry.store.plans import IS_RUNNING, plan
from registry.store.records import IS_CLOSED, IS_PENDING, record
from registry.store.repository import Repository, fan_out
from registry.store.subjects import subject

_ONE: Final[sa.ColumnElement[int]] = sa.literal_column("1")
_MOST: Final[sa.BindParameter[int]] = sa.bindparam("most")


def _those(table: sa.Table, *conditions: "sa.ColumnElement[bool] | sa.TextClause") -> "sa.Select[Any]":
    return sa.select(_ONE).select_from(table).where(*conditions)


def _by(table: sa.Table, column: str, name: str) -> "sa.BindParameter[Any]":
    return sa.bindparam(name, type_=table.c[column].type)


_DAY: Final = _by(record, "clock_on", "day")
_LISTED: Final = _by(record, "received_at", "listed_before")
_CLOSED_BY: Final = _by(record, "state_since", "closed_before")
# The states are literals, or the planner would not use the partial indexes.
_WORK: Final[Mapping[str, tuple[sa.Table, tuple["sa.Select[Any]", ...]]]] = {
    "list": (
        record,
        (
            _those(record, sa.text(IS_PENDING), record.c.clock_on <= _DAY),
            _those(plan, sa.text(IS_RUNNING), plan.c.broken_from <= _DAY),
        ),
    ),
    "lift": (
        record,
        (
            _those(dispute, sa.text(IS_OPEN), dispute.c.answer_due < _DAY),
            _those(dispute, sa.text(IS_SUSPENDED), dispute.c.lapse_due < _DAY),
        ),
    ),
    "expire": (
        record,
        (_those(record, sa.text(states_in(sorted(EXPIRING_STATES))), record.c.received_at < _LISTED),),
    ),
    "seal": (
        record,
        (
            _those(record, sa.text(IS_CLOSED), record.c.state_since < _CLOSED_BY),
            _those(record, sa.text(IS_CLOSED), record.c.received_at < _LISTED),
        ),
    ),
    "purge": (sealed_record, (_those(sealed_record, sa.text(NOT_PURGED), sealed_record.c.purge_on <= _DAY),)),
    "forget": (subject, (_those(subject, subject.c.forget_on <= _DAY),)),
}
KINDS: Final = tuple(_WORK)
"""The kinds of which a round may do much at once: list, lift, expire, seal, purge, forget."""


def _count(rows: "sa.Select[Any]", most: "sa.ColumnElement[int]") -> "sa.Select[Any]":
    return sa.select(sa.func.count()).select_from(rows.limit(most).subquery())


_COUNTS: Final = sa.union_all(
    *(
        sa.select(sa.literal_column(f"'{kind}'").label("kind"), _count(each, _MOST).scalar_subquery().label("count"))
        for kind, (_, selects) in _WORK.items()
        for each in selects
    )
)
_TOTALS: Final = {kind: _count(_those(table), _MOST) for kind, (table, _) in _WORK.items()}


class DueWork(Repository):
    """Each count asks all nodes, and stops at ``most``."""

    @fan_out
    def counts(
        self, *, day: dt.date, listed_before: dt.datetime, closed_before: dt.datetime, most: int
    ) -> dict[str, int]:
        """Count the due work of each kind on a day; at most ``most`` of each."""
        bounds = {"day": day, "listed_before": listed_before, "closed_before": closed_before, "most": most}
        counts = dict.fromkeys(KINDS, 0)
        for kind, count in self._connection.execute(_COUNTS, bounds):
            counts[kind] = min(most, counts[kind] + count)
        return counts

    @fan_out
    def total(self, kind: str, most: int) -> int:
        """Count all rows of a kind, due or not; at most ``most``."""
        total: int = self._connection.execute(_TOTALS[kind], {"most": most}).scalar_one()
        return total
