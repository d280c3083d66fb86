"""A collection is read by the carrier that took the money and by the one it was taken for."""

import uuid
from typing import Any

from protocol.beijing import beijing_date
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.collected.shared import collection_document, visible_collection
from registry.usecases.context import Registry


def read_collection(registry: Registry, actor: Actor, collection_id: uuid.UUID) -> dict[str, Any]:
    """The collection with the collector's signed statement, which leaves with the record; raises Refusal NOT_FOUND.

    NOT_FOUND also for collections of others.
    """

    def work(tx: Transaction) -> dict[str, Any]:
        found = visible_collection(tx, actor, collection_id)
        settlements = tx.settlements.of_record(found.subject_key, found.record_id)
        statement = next((each.statement for each in settlements if each.settlement_id == found.settlement_id), None)
        return {
            **collection_document(found, actor.participant_id, beijing_date(registry.clock())),
            "statement": statement,
        }

    return registry.store.read(work)
