"""Read a reversal, as its creditor or as the collector that took the money; nobody else finds one."""

import uuid

from protocol.messages.reversals import Reversal
from registry.domain.participants import Actor
from registry.usecases.context import Registry
from registry.usecases.reversals.shared import own_reversal, reversal_message


def read_reversal(registry: Registry, actor: Actor, reversal_id: uuid.UUID) -> Reversal:
    """Read the actor's own reversal; raises Refusal NOT_FOUND, also for those of others."""
    reversal, _ = registry.store.read(lambda tx: own_reversal(tx, actor, reversal_id))
    return reversal_message(reversal, actor.participant_id)
