"""Quotes and their lines."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.domain.inquiry import Quote, QuoteLine
from registry.store.schema import quote, quote_line
from registry.store.statements import Insert, Row, fan_out

_INSERT: Final = Insert(quote)
_INSERT_LINE: Final = Insert(quote_line)
_BY_REFERENCE: Final = sa.select(quote).where(quote.c.reference == sa.bindparam("ref"))
_LINES: Final = (
    sa.select(quote_line)
    .where(quote_line.c.subject_key == sa.bindparam("key"), quote_line.c.quote_id == sa.bindparam("id"))
    .order_by(quote_line.c.line_number)
)


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


class Quotes:
    """Distribution key: ``subject_key`` of the asker, but where marked as a fan-out."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, quotes: Sequence[Quote]) -> None:
        _INSERT.run(self._connection, quotes)
        lines = [_line(each, number, line) for each in quotes for number, line in enumerate(each.lines, start=1)]
        _INSERT_LINE.run_rows(self._connection, lines)

    @fan_out
    def by_reference(self, reference: str) -> Quote | None:
        row = self._connection.execute(_BY_REFERENCE, {"ref": reference}).mappings().one_or_none()
        if row is None:
            return None
        return Quote(**row, lines=self._lines(row["subject_key"], row["quote_id"]))

    def _lines(self, subject_key: bytes, quote_id: object) -> tuple[QuoteLine, ...]:
        rows = self._connection.execute(_LINES, {"key": subject_key, "id": quote_id}).mappings()
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
            for row in rows
        )
