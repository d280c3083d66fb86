"""What the steps of a collection share: who may see it, its answer in the log, and what is shown of it."""

import datetime as dt
import uuid
from typing import Any

from protocol.encodings import format_time
from protocol.log_entries import EntryKind
from protocol.problems import Problem, Refusal
from registry.domain.collected import Collection
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.act import Act


def visible_collection(tx: Transaction, actor: Actor, collection_id: uuid.UUID) -> Collection:
    """The collection for its collector and its creditor; raises Refusal NOT_FOUND for everybody else."""
    found = tx.collected.find(collection_id)
    if found is None or actor.participant_id not in (found.collector_id, found.creditor_id):
        raise Refusal(Problem.NOT_FOUND)
    return found


def write_answer(act: Act, after: Collection) -> None:
    """Write where the creditor stands now, with its log entry."""
    facts = {"collection": str(after.collection_id), "state": after.state.value}
    if after.refusal is not None:
        facts["reason"] = after.refusal.value
    act.log(
        EntryKind.COLLECTION_ANSWERED,
        after.log_entry_id,
        facts,
        subject_key=after.subject_key,
        personal={"subject": after.subject_key.hex()},
    )
    act.tx.collected.update(after)


def collection_document(collection: Collection, actor_id: str, today: dt.date) -> dict[str, Any]:
    """What a party sees of it on a day. The record is named to its creditor alone; no pseudonym is in it."""
    return {
        "collection_id": str(collection.collection_id),
        "collector": collection.collector_id,
        "creditor": collection.creditor_id,
        "record_id": str(collection.record_id) if actor_id == collection.creditor_id else None,
        "settlement_id": str(collection.settlement_id),
        "amount_fen": collection.amount_fen,
        "collected_at": format_time(collection.collected_at),
        "received_at": format_time(collection.received_at),
        "confirm_due": collection.confirm_due.isoformat(),
        "state": collection.state_on(today).value,
        "refusal": None if collection.refusal is None else collection.refusal.value,
        "answered_at": None if collection.answered_at is None else format_time(collection.answered_at),
        "reversed_at": None if collection.reversed_at is None else format_time(collection.reversed_at),
        "rules_version": collection.rules_version,
    }
