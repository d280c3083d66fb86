"""A household rebuttal is read by its filer and the adjudicators; for others there is none."""

import uuid
from typing import Any

from protocol.beijing import beijing_date
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.disassociations.shared import rebuttal_document, visible_rebuttal
from registry.usecases.overseeing import note_reading, read_as


def read_rebuttal(registry: Registry, actor: Actor, rebuttal_id: uuid.UUID) -> dict[str, Any]:
    """The filing with its state today; an adjudicator's reading is in the log. Raises Refusal NOT_FOUND."""

    def work(tx: Transaction) -> dict[str, Any]:
        rows = visible_rebuttal(tx, actor, rebuttal_id)
        if rows[0].filed_by != actor.participant_id:
            note_reading(registry, tx, actor, what="rebuttal", of=rebuttal_id, subject_key=rows[0].subject_key)
        return rebuttal_document(rows, beijing_date(registry.clock()))

    return read_as(registry, actor, work)
