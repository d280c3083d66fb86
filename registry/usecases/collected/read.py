"""Read a payment that was taken for another, or the payments of a month between two carriers.

A month has the same figures for both of them.
"""

import csv
import datetime as dt
import io
import uuid
from typing import Final

from protocol.beijing import beijing_date
from protocol.messages import collected as messages
from protocol.problems import Problem, Refusal
from protocol.table_cells import plain_cell
from protocol.wire.codec import message_of, shape_of, write
from registry.domain.collected import CollectedPayment, net_of
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.collected.shared import payment_message, visible_payment
from registry.usecases.context import Registry

COLUMNS: Final = tuple(member.key for member in shape_of(messages.NetLine).members)
"""The columns of the CSV form: the members of a line."""


def read_collected(registry: Registry, actor: Actor, collection_id: uuid.UUID) -> messages.SignedCollection:
    """Read a payment with the collector's signed declaration, which leaves with the record.

    Raises Refusal NOT_FOUND, also for payments of others.
    """

    def work(tx: Transaction) -> messages.SignedCollection:
        payment = visible_payment(tx, actor, collection_id)
        settlements = tx.settlements.of_record(payment.subject_key, payment.record_id)
        signed = (each.statement for each in settlements if each.settlement_id == payment.settlement_id)
        shown = payment_message(payment, actor.participant_id, beijing_date(registry.clock()))
        return message_of(messages.SignedCollection, shown, statement=next(signed, None))

    return registry.store.read(work)


def read_net_statement(
    registry: Registry, actor: Actor, month: int, other: str, query: messages.NetStatementQuery
) -> messages.NetStatement:
    """Read the sums of a whole Beijing month (202611) with another carrier, and one page of its lines.

    The registry moves no money. Raises Refusal NOT_FOUND (no such other carrier).
    """
    now = registry.clock()
    today = beijing_date(now)

    def work(tx: Transaction) -> messages.NetStatement:
        payments = _payments(tx, actor, month, other, query)
        first, second = sorted((actor.participant_id, other))
        directions = (
            tx.collected.direction(first, second, month, today),
            tx.collected.direction(second, first, month, today),
        )
        lines = tuple(_line(payment, today) for payment in payments[: query.limit])
        return messages.NetStatement(
            month=f"{month // 100:04}-{month % 100:02}",
            stated_at=now,
            directions=directions,
            net=net_of(*directions),
            counted=tuple(line for line in lines if line.counts),
            apart=tuple(line for line in lines if not line.counts),
            next=lines[-1].collection_id if len(payments) > query.limit else None,
        )

    return registry.store.read(work)


def read_net_lines(registry: Registry, actor: Actor, month: int, other: str, query: messages.NetStatementQuery) -> str:
    """Read the same page of lines as RFC 4180 CSV; a page with fewer lines than asked for is the last."""
    payments = registry.store.read(lambda tx: _payments(tx, actor, month, other, query))
    today = beijing_date(registry.clock())
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for payment in payments[: query.limit]:
        writer.writerow(map(_cell, write(_line(payment, today)).values()))
    return text.getvalue()


def _payments(
    tx: Transaction, actor: Actor, month: int, other: str, query: messages.NetStatementQuery
) -> list[CollectedPayment]:
    """Read one line more than asked for, both directions in one order: by id, and so by the time they came in."""
    reader = actor.participant_id
    if reader == other or tx.participants.get(other) is None:
        raise Refusal(Problem.NOT_FOUND)
    payments = [
        payment
        for collector, creditor in ((reader, other), (other, reader))
        for payment in tx.collected.page(collector, creditor, month, query.after, query.limit + 1)
    ]
    return sorted(payments, key=lambda payment: payment.collection_id)[: query.limit + 1]


def _line(payment: CollectedPayment, today: dt.date) -> messages.NetLine:
    return message_of(
        messages.NetLine,
        payment,
        collector=payment.collector_id,
        creditor=payment.creditor_id,
        state=payment.state_on(today),
        counts=payment.counts_on(today),
    )


def _cell(value: str | int | None) -> str:
    """Write a cell that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    return plain_cell(str(value).lower() if isinstance(value, bool) else str(value))
