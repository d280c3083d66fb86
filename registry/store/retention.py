"""Delete rows by their age: inquiries, hits, quotes, events, ended links, payments, answers and the like."""

import datetime as dt
from typing import Any, Final

import sqlalchemy as sa

from registry.store.activations import activation, activation_unchecked
from registry.store.batches import batch_chunk, batch_withdrawal
from registry.store.changes import Change
from registry.store.collected import collection
from registry.store.deposits import deposit
from registry.store.events import event
from registry.store.grade_reviews import grade_review
from registry.store.households import Households, household_link
from registry.store.idempotency import stored_answer
from registry.store.inquiries import inquiry
from registry.store.inquiry_hits import hit
from registry.store.partitions import Partitions
from registry.store.quotes import quote, quote_line, quote_total
from registry.store.rechecks import recheck
from registry.store.repository import Repository, fan_out
from registry.store.tallies import evaluation_tally
from registry.store.transfers import transfer, transfer_item
from registry.store.webhooks import webhook_dead_letter

_BEFORE: Final[sa.BindParameter[Any]] = sa.bindparam("before")


def _oldest(table: sa.Table, condition: "sa.ColumnElement[bool]") -> "sa.Select[Any]":
    return sa.select(*table.primary_key.columns).where(condition).limit(sa.bindparam("most"))


def _drop(table: sa.Table, condition: "sa.ColumnElement[bool]") -> sa.Delete:
    """Build a DELETE of a bounded number of rows; PostgreSQL has no DELETE with a LIMIT."""
    return sa.delete(table).where(sa.tuple_(*table.primary_key.columns).in_(_oldest(table, condition)))


_INQUIRIES: Final = _drop(inquiry, inquiry.c.month < _BEFORE)
_ACTIVATIONS: Final = _drop(activation, activation.c.month < _BEFORE)
_UNCHECKED: Final = _drop(activation_unchecked, activation_unchecked.c.month < _BEFORE)
_DEPOSITS: Final = _drop(deposit, deposit.c.drop_on <= _BEFORE)
_HITS: Final = _drop(hit, hit.c.asked_at < _BEFORE)
_RECHECKS: Final = _drop(recheck, recheck.c.decided_at < _BEFORE)
_REVIEWS: Final = _drop(grade_review, grade_review.c.reviewed_at < _BEFORE)
_OLD_QUOTES: Final = _oldest(quote, quote.c.quoted_at < _BEFORE)
_LINES: Final = Change(quote_line, at=("subject_key", "quote_id"))
_TOTALS: Final = Change(quote_total, at=("subject_key", "quote_id"))
_QUOTES: Final = Change(quote)
# Only events with a place in their feed, or a reader could not tell that it missed some.
_EVENTS: Final = _drop(event, sa.and_(event.c.created_at < _BEFORE, event.c.position.is_not(None)))
_UNREAD: Final = sa.select(event.c.recipient).where(event.c.created_at < _BEFORE, event.c.position.is_(None)).distinct()
# The condition is a literal, or the planner would not use the partial index.
_ENDED_LINKS: Final = _oldest(
    household_link, sa.and_(sa.text("ended_at IS NOT NULL"), household_link.c.ended_at < _BEFORE)
)
_UNLINK: Final = Change(household_link)
_OLD_TRANSFERS: Final = _oldest(transfer, transfer.c.proposed_at < _BEFORE)
_ITEMS: Final = Change(transfer_item, at=("participant_id", "transfer_id"))
_TRANSFERS: Final = Change(transfer)
_TALLIES: Final = _drop(evaluation_tally, evaluation_tally.c.day < _BEFORE)
_LETTERS: Final = _drop(webhook_dead_letter, webhook_dead_letter.c.given_up_at < _BEFORE)
_COLLECTIONS: Final = _drop(collection, collection.c.received_at < _BEFORE)
_ANSWERS: Final = _drop(stored_answer, stored_answer.c.created_at < _BEFORE)
_YOUNGER: Final = batch_chunk.alias("younger")
# Drop a batch whole: a remainder would pass for all of the batch when its creditor takes it back.
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
# The progress of taking a batch back is useless once the batch is forgotten; another batch may reuse its name.
_WITHDRAWALS: Final = _drop(
    batch_withdrawal,
    ~sa.exists()
    .where(
        batch_chunk.c.participant_id == batch_withdrawal.c.participant_id,
        batch_chunk.c.batch_key == batch_withdrawal.c.batch_key,
    )
    .correlate(batch_withdrawal),
)


class Retention(Repository):
    """Every look at an age asks all nodes; each drop is bounded by ``limit`` rows and returns how many it dropped."""

    @fan_out
    def inquiries(self, before_month: int, limit: int) -> int:
        """Drop whole months as partitions where they exist, without a bound, and rows outside any month's partition."""
        dropped = Partitions(self._connection).drop("inquiry", before_month)
        return dropped + self._run(_INQUIRIES, before_month, limit)

    @fan_out
    def activations(self, before_month: int, limit: int) -> int:
        """Drop the months of reports with a decision and of those without one, as ``inquiries`` does."""
        partitions = Partitions(self._connection)
        dropped = partitions.drop("activation", before_month) + partitions.drop("activation_unchecked", before_month)
        rows = self._run(_ACTIVATIONS, before_month, limit) + self._run(_UNCHECKED, before_month, limit)
        return dropped + rows

    @fan_out
    def deposits(self, today: dt.date, limit: int) -> int:
        """Drop deposits that are kept until a day: they are returned, or were due long ago."""
        return self._run(_DEPOSITS, today, limit)

    @fan_out
    def hits(self, before: dt.datetime, limit: int) -> int:
        return self._run(_HITS, before, limit)

    @fan_out
    def rechecks(self, before: dt.datetime, limit: int) -> int:
        return self._run(_RECHECKS, before, limit)

    @fan_out
    def grade_reviews(self, before: dt.datetime, limit: int) -> int:
        return self._run(_REVIEWS, before, limit)

    @fan_out
    def quotes(self, before: dt.datetime, limit: int) -> int:
        """Drop quotes with their lines and totals."""
        rows = [tuple(row) for row in self._connection.execute(_OLD_QUOTES, {"before": before, "most": limit})]
        _LINES.run_rows(self._connection, rows)
        _TOTALS.run_rows(self._connection, rows)
        return _QUOTES.run_rows(self._connection, rows)

    @fan_out
    def unread(self, before: dt.datetime) -> tuple[str, ...]:
        """Find participants with old events that have no place in their feeds yet, since nobody read them."""
        return tuple(sorted(self._connection.execute(_UNREAD, {"before": before}).scalars()))

    @fan_out
    def events(self, before: dt.datetime, limit: int) -> int:
        """Drop events of all feeds, read or not."""
        return self._run(_EVENTS, before, limit)

    @fan_out
    def ended_links(self, before: dt.datetime, limit: int) -> int:
        """Drop links of records to households that ended before a moment, and households that nothing else names."""
        rows = [tuple(row) for row in self._connection.execute(_ENDED_LINKS, {"before": before, "most": limit})]
        dropped = _UNLINK.run_rows(self._connection, rows)
        Households(self._connection).forget_unnamed({row[0] for row in rows})
        return dropped

    @fan_out
    def collections(self, before: dt.datetime, limit: int) -> int:
        return self._run(_COLLECTIONS, before, limit)

    @fan_out
    def answers(self, before: dt.datetime, limit: int) -> int:
        return self._run(_ANSWERS, before, limit)

    @fan_out
    def chunks(self, before: dt.datetime, limit: int) -> int:
        return self._run(_CHUNKS, before, limit)

    @fan_out
    def withdrawals(self, limit: int) -> int:
        """Drop the progress of taking back batches of which no chunk is kept any more."""
        return self._connection.execute(_WITHDRAWALS, {"most": limit}).rowcount

    @fan_out
    def transfers(self, before: dt.datetime, limit: int) -> int:
        """Drop transfers in any state that were offered before a moment, with their lists of records."""
        rows = [tuple(row) for row in self._connection.execute(_OLD_TRANSFERS, {"before": before, "most": limit})]
        _ITEMS.run_rows(self._connection, rows)
        return _TRANSFERS.run_rows(self._connection, rows)

    @fan_out
    def tallies(self, before: dt.date, limit: int) -> int:
        """Drop custodians' counts of days before one."""
        return self._run(_TALLIES, before, limit)

    @fan_out
    def dead_letters(self, before: dt.datetime, limit: int) -> int:
        """Drop the dead letters from before a moment."""
        return self._run(_LETTERS, before, limit)

    def _run(self, statement: sa.Delete, before: object, limit: int) -> int:
        return self._connection.execute(statement, {"before": before, "most": limit}).rowcount
