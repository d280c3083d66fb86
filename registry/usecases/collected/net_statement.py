"""What two carriers took for each other in a month, and who owes whom: the same figures whichever of them asks."""

import csv
import datetime as dt
import io
import uuid
from dataclasses import dataclass
from typing import Any, Final

from protocol.beijing import beijing_date
from protocol.encodings import format_time
from protocol.problems import Problem, Refusal
from protocol.table_cells import plain_cell
from registry.domain.collected import Collection, Direction, net_of
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.context import Registry

COLUMNS: Final = (
    "collection_id",
    "settlement_id",
    "collector",
    "creditor",
    "amount_fen",
    "collected_at",
    "state",
    "refusal",
    "reversed_at",
    "counts",
)
"""The members of a line, in the order of the CSV form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthAsked:
    """Whose month is read, from behind which line, and how much of it."""

    month: int
    """Year and month in Beijing, as 202611."""
    other: str
    after: uuid.UUID
    limit: int


def read_net_statement(registry: Registry, actor: Actor, asked: MonthAsked) -> dict[str, Any]:
    """Sums of the whole month and one page of its lines; raises Refusal NOT_FOUND (no such other carrier).

    Nothing is paid by it: no money moves through the registry.
    """
    now = registry.clock()
    return registry.store.read(lambda tx: _document(tx, actor, asked, now))


def read_net_lines(registry: Registry, actor: Actor, asked: MonthAsked) -> str:
    """The same page of lines as RFC 4180 CSV; fewer lines than asked for are the last."""
    lines = registry.store.read(lambda tx: _lines(tx, actor, asked))[: asked.limit]
    today = beijing_date(registry.clock())
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for each in lines:
        document = _line(each, today)
        writer.writerow([_cell(document[name]) for name in COLUMNS])
    return text.getvalue()


def _document(tx: Transaction, actor: Actor, asked: MonthAsked, now: dt.datetime) -> dict[str, Any]:
    lines = _lines(tx, actor, asked)
    first, second = sorted((actor.participant_id, asked.other))
    today = beijing_date(now)
    one = tx.collected.direction(first, second, asked.month, today)
    other = tx.collected.direction(second, first, asked.month, today)
    net = net_of(one, other)
    page = lines[: asked.limit]
    more = len(lines) > asked.limit
    return {
        "month": f"{asked.month // 100:04}-{asked.month % 100:02}",
        "stated_at": format_time(now),
        "directions": [_direction(each) for each in (one, other)],
        "net": {"payer": net.payer_id, "payee": net.payee_id, "amount_fen": net.amount_fen},
        "counted": [_line(each, today) for each in page if each.counts_on(today)],
        "apart": [_line(each, today) for each in page if not each.counts_on(today)],
        "next": str(page[-1].collection_id) if more else None,
    }


def _lines(tx: Transaction, actor: Actor, asked: MonthAsked) -> list[Collection]:
    """One line more than asked for, both directions in one order: by id, and so by the time they came in."""
    one, other = actor.participant_id, asked.other
    if one == other or tx.participants.get(other) is None:
        raise Refusal(Problem.NOT_FOUND)
    found = [
        each
        for collector, creditor in ((one, other), (other, one))
        for each in tx.collected.page(collector, creditor, asked.month, asked.after, asked.limit + 1)
    ]
    return sorted(found, key=lambda each: each.collection_id)[: asked.limit + 1]


def _direction(sums: Direction) -> dict[str, Any]:
    return {
        "collector": sums.collector_id,
        "creditor": sums.creditor_id,
        "counted": sums.counted,
        "counted_fen": sums.counted_fen,
        "apart": sums.apart,
        "apart_fen": sums.apart_fen,
    }


def _line(collection: Collection, today: dt.date) -> dict[str, Any]:
    return {
        "collection_id": str(collection.collection_id),
        "settlement_id": str(collection.settlement_id),
        "collector": collection.collector_id,
        "creditor": collection.creditor_id,
        "amount_fen": collection.amount_fen,
        "collected_at": format_time(collection.collected_at),
        "state": collection.state_on(today).value,
        "refusal": None if collection.refusal is None else collection.refusal.value,
        "reversed_at": None if collection.reversed_at is None else format_time(collection.reversed_at),
        "counts": collection.counts_on(today),
    }


def _cell(value: str | int | None) -> str:
    """A cell that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    return plain_cell(str(value).lower() if isinstance(value, bool) else str(value))
