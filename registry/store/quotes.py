"""Quotes and their lines."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from protocol.codes import ServiceClass
from registry.domain.inquiry import Quote, QuoteLine
from registry.store.schema import quote, quote_line
from registry.store.statements import fan_out, run_each

_INSERT: Final = sa.insert(quote)
_INSERT_LINE: Final = sa.insert(quote_line)
_BY_REFERENCE: Final = sa.select(quote).where(quote.c.reference == sa.bindparam("ref"))
_LINES: Final = (
    sa.select(quote_line)
    .where(quote_line.c.subject_key == sa.bindparam("key"), quote_line.c.quote_id == sa.bindparam("id"))
    .order_by(quote_line.c.line_number)
)


def _values(each: Quote) -> dict[str, Any]:
    return {
        "subject_key": each.subject_key,
        "quote_id": each.quote_id,
        "reference": each.reference,
        "inquiry_id": each.inquiry_id,
        "quoted_at": each.quoted_at,
        "valid_until": each.valid_until,
        "log_entry_id": each.log_entry_id,
    }


def _line_values(owner: Quote, number: int, line: QuoteLine) -> dict[str, Any]:
    return {
        "subject_key": owner.subject_key,
        "quote_id": owner.quote_id,
        "line_number": number,
        "debtor_key": line.subject_key,
        "record_id": line.record_id,
        "creditor_id": line.creditor_id,
        "service_class": line.service_class.value,
        "principal_fen": line.principal_fen,
        "late_fee_fen": line.late_fee_fen,
    }


class Quotes:
    """Distribution key: ``subject_key`` of the asker, but where marked as a fan-out."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, quotes: Sequence[Quote]) -> None:
        run_each(self._connection, _INSERT, [_values(each) for each in quotes])
        lines = [_line_values(each, number, line) for each in quotes for number, line in enumerate(each.lines, start=1)]
        run_each(self._connection, _INSERT_LINE, lines)

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
                service_class=ServiceClass(row["service_class"]),
                principal_fen=row["principal_fen"],
                late_fee_fen=row["late_fee_fen"],
            )
            for row in rows
        )
