"""Read a clearance by its id."""

import uuid

from protocol.messages import settlements as messages
from protocol.problems import Problem, Refusal
from protocol.wire.codec import message_of
from registry.domain.participants import Actor
from registry.usecases.context import Registry


def read_clearance(registry: Registry, actor: Actor, clearance_id: uuid.UUID) -> messages.Clearance:
    """Read the clearance, its JWS and its state; raises Refusal NOT_FOUND."""
    del actor  # any participant may check a clearance that an applicant shows
    clearance = registry.store.read(lambda tx: tx.clearances.find(clearance_id))
    if clearance is None:
        raise Refusal(Problem.NOT_FOUND)
    return message_of(messages.Clearance, clearance, clearance=clearance.jws)
