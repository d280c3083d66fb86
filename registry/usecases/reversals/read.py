"""Read a reversal, as its creditor, as the collector that took the money, or as an auditor or a regulator."""

import uuid

from protocol.messages.reversals import Reversal
from protocol.problems import Problem, Refusal
from protocol.readings import UNTOLD, Reading
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.overseeing import note_reading, oversees, read_as
from registry.usecases.reversals.shared import own_reversal, reversal_message


def read_reversal(registry: Registry, actor: Actor, reversal_id: uuid.UUID, *, reading: Reading = UNTOLD) -> Reversal:
    """Read a reversal; an office's reading is logged.

    Raises Refusal NOT_FOUND, also for a carrier's reversals of others, or CONTEXT_REQUIRED.
    """

    def work(tx: Transaction) -> Reversal:
        if not oversees(actor):
            found, _ = own_reversal(tx, actor, reversal_id)
            return reversal_message(found, names_record=actor.participant_id == found.creditor_id)
        reversal = tx.reversals.find(reversal_id)
        if reversal is None:
            raise Refusal(Problem.NOT_FOUND)
        note_reading(registry, tx, actor, reading, what="reversal", of=reversal_id, subject_key=reversal.subject_key)
        return reversal_message(reversal, names_record=True)

    return read_as(registry, actor, work)
