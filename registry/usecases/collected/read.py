"""Read a payment that was taken for another, or the payments of a month between two carriers.

A month has the same figures for both of them.
"""

import csv
import datetime as dt
import io
import uuid
from dataclasses import dataclass
from typing import Final

from protocol.beijing import beijing_date
from protocol.messages import collected as messages
from protocol.problems import FieldCode, Problem, Refusal
from protocol.readings import UNTOLD, Reading
from protocol.table_cells import plain_cell
from protocol.wire.codec import message_of, shape_of, write
from registry.domain.collected import CollectedPayment, net_of
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.collected.shared import payment_message, visible_payment
from registry.usecases.context import Registry
from registry.usecases.overseeing import note_month, note_reading, oversees, read_as

COLUMNS: Final = tuple(member.key for member in shape_of(messages.NetLine).members)
"""The columns of the CSV form: the members of a line."""


def read_collected(
    registry: Registry, actor: Actor, collection_id: uuid.UUID, *, reading: Reading = UNTOLD
) -> messages.SignedCollection:
    """Read a payment with the collector's signed declaration, which leaves with the record.

    An office's reading is logged. Raises Refusal NOT_FOUND, also for a carrier's payments of others, CONTEXT_REQUIRED.
    """

    def work(tx: Transaction) -> messages.SignedCollection:
        payment = tx.collected.find(collection_id) if oversees(actor) else visible_payment(tx, actor, collection_id)
        if payment is None:
            raise Refusal(Problem.NOT_FOUND)
        is_party = actor.participant_id in (payment.collector_id, payment.creditor_id)
        if not is_party:
            note_reading(
                registry, tx, actor, reading, what="collection", of=collection_id, subject_key=payment.subject_key
            )
        settlements = tx.settlements.of_record(payment.subject_key, payment.record_id)
        signed = (each.statement for each in settlements if each.settlement_id == payment.settlement_id)
        shown = payment_message(
            payment,
            beijing_date(registry.clock()),
            names_record=not is_party or actor.participant_id == payment.creditor_id,
        )
        return message_of(messages.SignedCollection, shown, statement=next(signed, None))

    return read_as(registry, actor, work)


def read_net_statement(
    registry: Registry,
    actor: Actor,
    month: int,
    other: str,
    query: messages.NetStatementQuery,
    *,
    reading: Reading = UNTOLD,
) -> messages.NetStatement:
    """Read the sums of a whole Beijing month (202611) with another carrier, and one page of its lines.

    An auditor or a regulator names both carriers, and its reading is logged. The registry moves no money.
    Raises Refusal NOT_FOUND (no such other carrier), INVALID_FIELD (``between``), CONTEXT_REQUIRED.
    """
    asked = _Asked(reader=_reader(actor, query), other=other, month=month, query=query)
    now = registry.clock()
    today = beijing_date(now)

    def work(tx: Transaction) -> messages.NetStatement:
        payments = _payments(registry, tx, actor, reading, asked)
        first, second = sorted((asked.reader, other))
        directions = (
            tx.collected.direction(first, second, month, today),
            tx.collected.direction(second, first, month, today),
        )
        lines = tuple(_line(payment, today) for payment in payments[: query.limit])
        return messages.NetStatement(
            month=_month(month),
            stated_at=now,
            directions=directions,
            net=net_of(*directions),
            counted=tuple(line for line in lines if line.counts),
            apart=tuple(line for line in lines if not line.counts),
            next=lines[-1].collection_id if len(payments) > query.limit else None,
        )

    return read_as(registry, actor, work)


def read_net_lines(
    registry: Registry,
    actor: Actor,
    month: int,
    other: str,
    query: messages.NetStatementQuery,
    *,
    reading: Reading = UNTOLD,
) -> str:
    """Read the same page of lines as RFC 4180 CSV; a page with fewer lines than asked for is the last."""
    asked = _Asked(reader=_reader(actor, query), other=other, month=month, query=query)
    payments = read_as(registry, actor, lambda tx: _payments(registry, tx, actor, reading, asked))
    today = beijing_date(registry.clock())
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for payment in payments[: query.limit]:
        writer.writerow(map(_cell, write(_line(payment, today)).values()))
    return text.getvalue()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """The month that is asked for, between a carrier and another one."""

    reader: str
    other: str
    month: int
    query: messages.NetStatementQuery


def _payments(
    registry: Registry, tx: Transaction, actor: Actor, reading: Reading, asked: _Asked
) -> list[CollectedPayment]:
    """Read one line more than asked for, both directions in one order: by id, and so by the time they came in.

    An office's reading is logged.
    """
    reader, other, query = asked.reader, asked.other, asked.query
    if reader == other or any(tx.participants.get(each) is None for each in (reader, other)):
        raise Refusal(Problem.NOT_FOUND)
    if actor.participant_id not in (reader, other):
        facts = {"what": "net-statement", "month": _month(asked.month), "between": reader, "other": other}
        note_month(registry, tx, actor, reading, facts)
    payments = [
        payment
        for collector, creditor in ((reader, other), (other, reader))
        for payment in tx.collected.page(collector, creditor, asked.month, query.after, query.limit + 1)
    ]
    return sorted(payments, key=lambda payment: payment.collection_id)[: query.limit + 1]


def _reader(actor: Actor, query: messages.NetStatementQuery) -> str:
    """Return the carrier whose month it is: the actor itself, or the one that an office names."""
    if not oversees(actor):
        if query.between not in (None, actor.participant_id):
            raise Refusal(Problem.INVALID_FIELD, fields={"between": FieldCode.UNKNOWN})
        return actor.participant_id
    if query.between is None:
        raise Refusal(Problem.INVALID_FIELD, fields={"between": FieldCode.REQUIRED})
    return query.between


def _month(month: int) -> str:
    return f"{month // 100:04}-{month % 100:02}"


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
