"""Read a household rebuttal, as its filer or an adjudicator; nobody else finds one."""

import uuid

from protocol.beijing import beijing_date
from protocol.messages.disassociations import Rebuttal
from protocol.readings import UNTOLD, Reading
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.disassociations.shared import rebuttal_message, visible_rebuttal
from registry.usecases.overseeing import note_reading, read_as


def read_rebuttal(registry: Registry, actor: Actor, rebuttal_id: uuid.UUID, *, reading: Reading = UNTOLD) -> Rebuttal:
    """Read a filing with its state today; an adjudicator's reading is logged.

    Raises Refusal NOT_FOUND or CONTEXT_REQUIRED.
    """

    def work(tx: Transaction) -> Rebuttal:
        rows = visible_rebuttal(tx, actor, rebuttal_id)
        if rows[0].filed_by != actor.participant_id:
            note_reading(registry, tx, actor, reading, what="rebuttal", of=rebuttal_id, subject_key=rows[0].subject_key)
        return rebuttal_message(rows, beijing_date(registry.clock()))

    return read_as(registry, actor, work)
