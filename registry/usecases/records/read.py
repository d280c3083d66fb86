"""A creditor reads its own record; nobody else's exists for it."""

import uuid
from typing import Any

from protocol.encodings import format_time
from protocol.problems import Problem, Refusal
from registry.domain.participants import Actor
from registry.domain.records import Record
from registry.store.transactions import Transaction
from registry.usecases.act import act_in
from registry.usecases.context import Registry
from registry.usecases.standings import as_of_today


def read_record(registry: Registry, actor: Actor, record_id: uuid.UUID) -> dict[str, Any]:
    """The creditor's own record as it is today; raises Refusal NOT_FOUND, also for records of others."""

    def work(tx: Transaction) -> dict[str, Any]:
        (record,) = as_of_today(act_in(registry, tx, actor), (find_own(tx, actor, record_id),))
        return record_document(record)

    return registry.store.read(work)


def find_own(tx: Transaction, actor: Actor, record_id: uuid.UUID) -> Record:
    """The record if this actor reported it; raises Refusal NOT_FOUND otherwise, giving nothing away."""
    record = tx.records.find(record_id)
    if record is None or record.creditor_id != actor.participant_id:
        raise Refusal(Problem.NOT_FOUND)
    return record


def find_any(tx: Transaction, record_id: uuid.UUID) -> Record:
    """The record of whichever creditor, for those who stand above the creditors; raises Refusal NOT_FOUND."""
    record = tx.records.find(record_id)
    if record is None:
        raise Refusal(Problem.NOT_FOUND)
    return record


def record_document(record: Record) -> dict[str, Any]:
    """What a creditor sees of its record: neither the pseudonym nor the account reference is in it."""
    return {
        "record_id": str(record.record_id),
        "state": record.state.value,
        "version": record.version,
        "service_class": record.service_class.value,
        "category": record.category.value,
        "principal_fen": record.principal_fen,
        "costs_fen": record.costs_fen,
        "paid_fen": record.paid_fen,
        "due_date": record.due_date.isoformat(),
        "notice_date": record.notice_date.isoformat(),
        "enforceable_from": record.enforceable_from.isoformat(),
        "origin_record_id": None if record.origin_record_id is None else str(record.origin_record_id),
        "rules_version": record.rules_version,
        "received_at": format_time(record.received_at),
        "state_since": format_time(record.state_since),
    }
