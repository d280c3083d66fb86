"""Quotes: the totals of their creditors, and their first lines."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.domain.inquiries import MAX_QUOTE_LINES, Quote, QuoteLine, QuoteTotal
from registry.store.schema import quote, quote_line, quote_total
from registry.store.statements import Insert, Row, fan_out

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


class Quotes:
    """Distribution key: ``subject_key`` of the asker, but where marked as a fan-out."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

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
