"""Read records page by page: a creditor's own, or everybody's for an office."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from protocol.states import RecordState
from registry.domain.records import Record
from registry.store.pages import IdPage, ids_behind
from registry.store.records import Day, may_be, record
from registry.store.repository import Repository, fan_out

_ALL: Final = sa.select(record)
# By account and not by id: the index on it exists already.
_PAGE_KEY: Final = sa.tuple_(record.c.account_ref, record.c.record_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The records that a page is to show; None is no condition. With a day, a state is that of the day.

    The statement chooses those that may be in the state then, since a term has ended: few more than are.
    """

    state: RecordState | None = None
    day: Day | None = None
    due_from: dt.date | None = None
    due_to: dt.date | None = None

    @property
    def conditions(self) -> "Sequence[sa.ColumnElement[bool]]":
        found: list[sa.ColumnElement[bool]] = []
        if self.state is not None:
            found.append(may_be(self.state, self.day))
        if self.due_from is not None:
            found.append(record.c.due_date >= self.due_from)
        if self.due_to is not None:
            found.append(record.c.due_date <= self.due_to)
        return found


EVERY: Final = Wanted()


class RecordPages(Repository):
    """Distribution key: ``subject_key``; each method is a fan-out."""

    @fan_out
    def of_creditor(
        self, creditor_id: str, after: Record | None, limit: int, wanted: Wanted = EVERY
    ) -> tuple[Record, ...]:
        """Read a creditor's records behind one of its own, by account reference and id."""
        statement = _ALL.where(record.c.creditor_id == creditor_id, *wanted.conditions)
        if after is not None:
            place = (
                sa.literal(after.account_ref, record.c.account_ref.type),
                sa.literal(after.record_id, record.c.record_id.type),
            )
            statement = statement.where(sa.tuple_(*place) < _PAGE_KEY)
        statement = statement.order_by(record.c.account_ref, record.c.record_id).limit(limit)
        return self._all(Record, statement)

    @fan_out
    def of_all(
        self, after: uuid.UUID | None, limit: int, wanted: Wanted = EVERY
    ) -> tuple[tuple[Record, ...], uuid.UUID | None]:
        """Read the records of all creditors behind an id, by id, and the id behind which the next page is."""
        page: IdPage = ids_behind(self._connection, record.c.record_id, after, limit, *wanted.conditions)
        statement = _ALL.where(record.c.record_id.in_(page.ids)).order_by(record.c.record_id)
        return self._all(Record, statement), page.next
