"""Read an entry of the red list, as its proposer, the operator or the regulator; nobody else finds one."""

import uuid

from protocol.beijing import beijing_date
from protocol.messages import red_list as messages
from protocol.problems import Problem, Refusal
from protocol.readings import UNTOLD, Reading
from registry.domain.participants import Actor
from registry.policy.offices import RED_LIST_READERS
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.overseeing import note_reading, read_as
from registry.usecases.red_list.shared import red_list_message


def read_red_list(
    registry: Registry, actor: Actor, entry_id: uuid.UUID, *, reading: Reading = UNTOLD
) -> messages.RedListEntry:
    """Read an entry; a reader that did not propose it is logged.

    Raises Refusal NOT_FOUND, also for entries that another carrier proposed, or CONTEXT_REQUIRED.
    """

    def work(tx: Transaction) -> messages.RedListEntry:
        entry = tx.red_list.find(entry_id)
        if entry is None or (entry.proposed_by != actor.participant_id and actor.roles.isdisjoint(RED_LIST_READERS)):
            raise Refusal(Problem.NOT_FOUND)
        if entry.proposed_by != actor.participant_id:
            note_reading(registry, tx, actor, reading, what="red-list", of=entry_id, subject_key=entry.subject_key)
        return red_list_message(entry, beijing_date(registry.clock()))

    return read_as(registry, actor, work)
