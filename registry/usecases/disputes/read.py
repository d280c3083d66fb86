"""A case is read by its filer, its creditor and the adjudicators; for others there is none."""

import uuid
from typing import Any

from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.act import act_in
from registry.usecases.context import Registry
from registry.usecases.disputes.shared import record_of, visible_case
from registry.usecases.disputes.shown_today import shown_today
from registry.usecases.overseeing import note_reading, read_as


def read_dispute(registry: Registry, actor: Actor, dispute_id: uuid.UUID) -> dict[str, Any]:
    """The case; an adjudicator's reading is in the log. Raises Refusal NOT_FOUND."""

    def work(tx: Transaction) -> dict[str, Any]:
        dispute = visible_case(tx, actor, dispute_id)
        if actor.participant_id not in (dispute.filed_by, dispute.creditor_id):
            note_reading(registry, tx, actor, what="dispute", of=dispute_id, subject_key=dispute.subject_key)
        act = act_in(registry, tx, actor)
        return shown_today(act, [dispute], {dispute.record_id: record_of(tx, dispute)})[0]

    return read_as(registry, actor, work)
