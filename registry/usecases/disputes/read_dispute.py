"""A case is read by its filer, its creditor and the adjudicators; for others there is none."""

import uuid
from typing import Any

from registry.domain.participant import Actor
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.disputes.disputing import dispute_document, record_of, visible_case


def read_dispute(registry: Registry, actor: Actor, dispute_id: uuid.UUID) -> dict[str, Any]:
    """The case; raises Refusal NOT_FOUND."""

    def work(tx: Transaction) -> dict[str, Any]:
        dispute = visible_case(tx, actor, dispute_id)
        return dispute_document(dispute, record_of(tx, dispute))

    return registry.store.read(work)
