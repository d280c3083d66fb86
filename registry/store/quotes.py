"""Quotes: the totals of their creditors, and their first lines."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from protocol.codes import ServiceClass
from protocol.messages.inquiries import MAX_QUOTE_LINES
from registry.domain.inquiries import Quote, QuoteLine, QuoteTotal
from registry.store import columns
from registry.store.prepared import Insert, Row
from registry.store.repository import Repository, fan_out

quote: Final = sa.Table(
    "quote",
    columns.metadata,
    columns.key(),
    columns.uuid("quote_id"),
    columns.text("reference", 64),
    columns.uuid("inquiry_id"),
    columns.time("quoted_at"),
    columns.time("valid_until"),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("subject_key", "quote_id"),
    columns.length("subject_key"),
    columns.by_age("quoted_at"),
    # Not unique: a reference is 128 random bits, and a distributed engine could not promise it without the key.
    sa.Index(None, "reference"),
    info=columns.BY_SUBJECT,
)

# A table and not a JSON column: a change of the key epoch has to rewrite ``debtor_key``, which may be another
# subject's than the asker's (a member of the household), and CHECKs hold on its figures.
quote_line: Final = sa.Table(
    "quote_line",
    columns.metadata,
    columns.key(),
    columns.uuid("quote_id"),
    columns.integer("line_number"),
    columns.key("debtor_key"),
    columns.uuid("record_id"),
    columns.text("creditor_id", 64),
    columns.coded("service_class", ServiceClass, 16),
    columns.fen("principal_fen"),
    columns.fen("late_fee_fen"),
    columns.fen("costs_fen"),
    sa.PrimaryKeyConstraint("subject_key", "quote_id", "line_number"),
    columns.references(["subject_key", "quote_id"], "quote"),
    columns.references(["creditor_id"], "participant", ["participant_id"]),
    columns.length("debtor_key"),
    columns.at_least("principal_fen", 0),
    columns.at_least("late_fee_fen", 0),
    columns.at_least("costs_fen", 0),
    info=columns.BY_SUBJECT,
)

# A total for each creditor over all debts of a quote, of which only the first have a line.
quote_total: Final = sa.Table(
    "quote_total",
    columns.metadata,
    columns.key(),
    columns.uuid("quote_id"),
    columns.text("creditor_id", 64),
    columns.integer("records"),
    columns.fen("principal_fen"),
    columns.fen("late_fee_fen"),
    columns.fen("costs_fen"),
    sa.PrimaryKeyConstraint("subject_key", "quote_id", "creditor_id"),
    columns.references(["subject_key", "quote_id"], "quote"),
    columns.references(["creditor_id"], "participant", ["participant_id"]),
    columns.at_least("records", 1),
    columns.at_least("principal_fen", 0),
    columns.at_least("late_fee_fen", 0),
    columns.at_least("costs_fen", 0),
    info=columns.BY_SUBJECT,
)

_INSERT: Final = Insert(quote)
_INSERT_LINE: Final = Insert(quote_line)
_INSERT_TOTAL: Final = Insert(quote_total)
_BY_REFERENCE: Final = sa.select(quote).where(quote.c.reference == sa.bindparam("ref"))


def _of_quote(table: sa.Table) -> "sa.Select[Any]":
    return sa.select(table).where(
        table.c.subject_key == sa.bindparam("key"), table.c.quote_id == sa.bindparam("id", type_=sa.Uuid())
    )


# A quote that was made before there were totals may have more lines; the totals tell how many.
_LINES: Final = _of_quote(quote_line).order_by(quote_line.c.line_number).limit(MAX_QUOTE_LINES)
_TOTALS: Final = _of_quote(quote_total).order_by(quote_total.c.creditor_id)


def _line(owner: Quote, number: int, line: QuoteLine) -> Row:
    return (
        owner.subject_key,
        owner.quote_id,
        number,
        line.subject_key,
        line.record_id,
        line.creditor_id,
        line.service_class,
        line.principal_fen,
        line.late_fee_fen,
        line.costs_fen,
    )


def _total(owner: Quote, total: QuoteTotal) -> Row:
    return (
        owner.subject_key,
        owner.quote_id,
        total.creditor_id,
        total.records,
        total.principal_fen,
        total.late_fee_fen,
        total.costs_fen,
    )


class Quotes(Repository):
    """Distribution key: ``subject_key`` of the asker, but where marked as a fan-out."""

    def add(self, quotes: Sequence[Quote]) -> None:
        _INSERT.run(self._connection, quotes)
        lines = [_line(each, number, line) for each in quotes for number, line in enumerate(each.lines, start=1)]
        _INSERT_LINE.run_rows(self._connection, lines)
        _INSERT_TOTAL.run_rows(self._connection, [_total(each, total) for each in quotes for total in each.totals])

    @fan_out
    def by_reference(self, reference: str) -> Quote | None:
        row = self._connection.execute(_BY_REFERENCE, {"ref": reference}).mappings().one_or_none()
        if row is None:
            return None
        place = {"key": row["subject_key"], "id": row["quote_id"]}
        return Quote(**row, lines=self._lines(place), totals=self._totals(place))

    def _lines(self, place: dict[str, Any]) -> tuple[QuoteLine, ...]:
        return tuple(
            QuoteLine(
                subject_key=row["debtor_key"],
                record_id=row["record_id"],
                creditor_id=row["creditor_id"],
                service_class=row["service_class"],
                principal_fen=row["principal_fen"],
                late_fee_fen=row["late_fee_fen"],
                costs_fen=row["costs_fen"],
            )
            for row in self._connection.execute(_LINES, place).mappings()
        )

    def _totals(self, place: dict[str, Any]) -> tuple[QuoteTotal, ...]:
        return tuple(
            QuoteTotal(
                creditor_id=row["creditor_id"],
                records=row["records"],
                principal_fen=row["principal_fen"],
                late_fee_fen=row["late_fee_fen"],
                costs_fen=row["costs_fen"],
            )
            for row in self._connection.execute(_TOTALS, place).mappings()
        )
