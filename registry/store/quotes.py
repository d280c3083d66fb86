"""Keep quotes with the totals of their creditors and their first lines."""

import uuid
from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import Final

import sqlalchemy as sa

from protocol.codes import ServiceClass
from protocol.messages.inquiries import MAX_QUOTE_LINES
from registry.domain.inquiries import Quote, QuoteLine, QuoteTotal
from registry.store import columns
from registry.store.prepared import Insert
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

# A total for each creditor over all debts of a quote; only the first debts have a line.
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


_LINE: Final = ("record_id", "creditor_id", "service_class", "principal_fen", "late_fee_fen", "costs_fen")
_TOTAL: Final = ("creditor_id", "records", "principal_fen", "late_fee_fen", "costs_fen")
_OF_LINE: Final = attrgetter("subject_key", *_LINE)
_OF_TOTAL: Final = attrgetter(*_TOTAL)


def _of_quote(table: sa.Table) -> "tuple[sa.ColumnElement[bool], ...]":
    return table.c.subject_key == sa.bindparam("key"), table.c.quote_id == sa.bindparam("id", type_=sa.Uuid())


# An older quote, from before there were totals, may have more lines; the totals count them.
_LINES: Final = (
    sa.select(quote_line.c.debtor_key.label("subject_key"), *(quote_line.c[name] for name in _LINE))
    .where(*_of_quote(quote_line))
    .order_by(quote_line.c.line_number)
    .limit(MAX_QUOTE_LINES)
)
_TOTALS: Final = (
    sa.select(*(quote_total.c[name] for name in _TOTAL))
    .where(*_of_quote(quote_total))
    .order_by(quote_total.c.creditor_id)
)
_OWED: Final = quote_total.c.principal_fen + quote_total.c.late_fee_fen + quote_total.c.costs_fen
_TOTAL_OF: Final = sa.select(sa.func.coalesce(sa.func.sum(_OWED), 0)).where(
    quote_total.c.subject_key.in_(sa.bindparam("keys", expanding=True)),
    quote_total.c.quote_id == sa.bindparam("id", type_=sa.Uuid()),
)


class Quotes(Repository):
    """Distribution key: ``subject_key`` of the asker, but where marked as a fan-out."""

    def add(self, quotes: Sequence[Quote]) -> None:
        _INSERT.add(self._connection, quotes)
        numbered = [(each, number, line) for each in quotes for number, line in enumerate(each.lines, start=1)]
        lines = [(each.subject_key, each.quote_id, number, *_OF_LINE(line)) for each, number, line in numbered]
        _INSERT_LINE.add_rows(self._connection, lines)
        totals = [(each.subject_key, each.quote_id, *_OF_TOTAL(total)) for each in quotes for total in each.totals]
        _INSERT_TOTAL.add_rows(self._connection, totals)

    def total_of(self, keys: Collection[bytes], quote_id: uuid.UUID) -> int:
        """Add up a quote, in fen; 0 where there is none under these keys."""
        return int(self._connection.execute(_TOTAL_OF, {"keys": sorted(keys), "id": quote_id}).scalar_one())

    @fan_out
    def by_reference(self, reference: str) -> Quote | None:
        row = self._connection.execute(_BY_REFERENCE, {"ref": reference}).mappings().one_or_none()
        if row is None:
            return None
        place = {"key": row["subject_key"], "id": row["quote_id"]}
        lines, totals = self._all(QuoteLine, _LINES, **place), self._all(QuoteTotal, _TOTALS, **place)
        return Quote(**row, lines=lines, totals=totals)
