"""What is dropped by its age alone: inquiries, hits, quotes, events, ended links, collections, answers, chunks."""

import datetime as dt
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.store.partitions import Partitions
from registry.store.schema import (
    batch_chunk,
    collection,
    event,
    hit,
    household_link,
    inquiry,
    quote,
    quote_line,
    quote_total,
    stored_answer,
    upkeep,
)
from registry.store.statements import Insert, fan_out

_BEFORE: Final[sa.BindParameter[Any]] = sa.bindparam("before")


def _oldest(table: sa.Table, condition: "sa.ColumnElement[bool]") -> "sa.Select[Any]":
    return sa.select(*table.primary_key.columns).where(condition).limit(sa.bindparam("most"))


def _drop(table: sa.Table, condition: "sa.ColumnElement[bool]") -> sa.Delete:
    """DELETE of a bounded number of rows, whichever; PostgreSQL has no DELETE with a LIMIT."""
    return sa.delete(table).where(sa.tuple_(*table.primary_key.columns).in_(_oldest(table, condition)))


_INQUIRIES: Final = _drop(inquiry, inquiry.c.month < _BEFORE)
_HITS: Final = _drop(hit, hit.c.asked_at < _BEFORE)
_OLD_QUOTES: Final = _oldest(quote, quote.c.quoted_at < _BEFORE)
_QUOTE_KEY: Final[dict[str, sa.BindParameter[Any]]] = {
    name: sa.bindparam(f"at_{name}") for name in ("subject_key", "quote_id")
}
_LINES: Final = sa.delete(quote_line).where(*(quote_line.c[name] == at for name, at in _QUOTE_KEY.items()))
_TOTALS: Final = sa.delete(quote_total).where(*(quote_total.c[name] == at for name, at in _QUOTE_KEY.items()))
_QUOTES: Final = sa.delete(quote).where(*(quote.c[name] == at for name, at in _QUOTE_KEY.items()))
# Only what has a place in its feed, or a reader could not tell that it missed something.
_EVENTS: Final = _drop(event, sa.and_(event.c.created_at < _BEFORE, event.c.position.is_not(None)))
_UNREAD: Final = sa.select(event.c.recipient).where(event.c.created_at < _BEFORE, event.c.position.is_(None)).distinct()
# The condition stands in the text, or the partial index would not be seen to fit.
_ENDED_LINKS: Final = _drop(
    household_link, sa.and_(sa.text("ended_at IS NOT NULL"), household_link.c.ended_at < _BEFORE)
)
_COLLECTIONS: Final = _drop(collection, collection.c.received_at < _BEFORE)
_ANSWERS: Final = _drop(stored_answer, stored_answer.c.created_at < _BEFORE)
_YOUNGER: Final = batch_chunk.alias("younger")
# A batch goes whole: what is left of one would pass for all that it listed when its creditor takes it back.
_CHUNKS: Final = _drop(
    batch_chunk,
    sa.and_(
        batch_chunk.c.completed_at < _BEFORE,
        ~sa.exists()
        .where(
            _YOUNGER.c.participant_id == batch_chunk.c.participant_id,
            _YOUNGER.c.batch_key == batch_chunk.c.batch_key,
            _YOUNGER.c.completed_at >= _BEFORE,
        )
        .correlate(batch_chunk),
    ),
)
_BEGIN: Final = Insert(upkeep, new_only=True)
_DONE_ON: Final = sa.select(upkeep.c.done_on).where(upkeep.c.task == sa.bindparam("at_task"))
_LOCK: Final = _DONE_ON.with_for_update()
_DONE: Final = sa.update(upkeep).where(upkeep.c.task == sa.bindparam("at_task")).values(done_on=sa.bindparam("day"))


class Ageing:
    """Every look at an age asks all nodes; each drop is bounded by ``limit`` rows and returns how many it dropped."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @fan_out
    def inquiries(self, before_month: int, limit: int) -> int:
        """Whole months as partitions where there are such, without a bound; rows of what is in no month's partition."""
        dropped = Partitions(self._connection).drop("inquiry", before_month)
        return dropped + self._run(_INQUIRIES, before_month, limit)

    @fan_out
    def hits(self, before: dt.datetime, limit: int) -> int:
        return self._run(_HITS, before, limit)

    @fan_out
    def quotes(self, before: dt.datetime, limit: int) -> int:
        """Quotes with their lines and totals."""
        rows = self._connection.execute(_OLD_QUOTES, {"before": before, "most": limit}).all()
        if rows:
            places = [{"at_subject_key": row.subject_key, "at_quote_id": row.quote_id} for row in rows]
            self._connection.execute(_LINES, places)
            self._connection.execute(_TOTALS, places)
            self._connection.execute(_QUOTES, places)
        return len(rows)

    @fan_out
    def unread(self, before: dt.datetime) -> tuple[str, ...]:
        """Participants with old events that have no place in their feeds yet, since nobody came for them."""
        return tuple(sorted(self._connection.execute(_UNREAD, {"before": before}).scalars()))

    @fan_out
    def events(self, before: dt.datetime, limit: int) -> int:
        """Events of all feeds, those that were read and those that nobody came for."""
        return self._run(_EVENTS, before, limit)

    @fan_out
    def ended_links(self, before: dt.datetime, limit: int) -> int:
        """Links of records to households that ended before a moment; current ones stay."""
        return self._run(_ENDED_LINKS, before, limit)

    @fan_out
    def collections(self, before: dt.datetime, limit: int) -> int:
        return self._run(_COLLECTIONS, before, limit)

    @fan_out
    def answers(self, before: dt.datetime, limit: int) -> int:
        return self._run(_ANSWERS, before, limit)

    @fan_out
    def chunks(self, before: dt.datetime, limit: int) -> int:
        return self._run(_CHUNKS, before, limit)

    def done_on(self, task: str) -> dt.date | None:
        """The day on which a daily task was last finished."""
        return self._connection.execute(_DONE_ON, {"at_task": task}).scalar_one_or_none()

    def take_up(self, task: str) -> dt.date:
        """As ``done_on``, and nobody else begins the task until the transaction ends."""
        _BEGIN.run_rows(self._connection, [(task, dt.date.min)])
        day: dt.date = self._connection.execute(_LOCK, {"at_task": task}).scalar_one()
        return day

    def finish(self, task: str, day: dt.date) -> None:
        self._connection.execute(_DONE, {"at_task": task, "day": day})

    def _run(self, statement: sa.Delete, before: object, limit: int) -> int:
        return self._connection.execute(statement, {"before": before, "most": limit}).rowcount
