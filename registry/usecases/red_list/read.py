"""An entry of the red list is read by its proposer, the operator and the regulator; for others there is none."""

import datetime as dt
import uuid
from typing import Any, Final

from protocol.beijing import beijing_date
from protocol.codes import Role
from protocol.encodings import format_time
from protocol.problems import Problem, Refusal
from registry.domain.participants import Actor
from registry.domain.red_list import EntryStateForbids, RedListEntry, state_on
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.overseeing import note_reading, read_as

_OVERSIGHT: Final = frozenset({Role.OPERATOR, Role.REGULATOR})


def read_red_list(registry: Registry, actor: Actor, entry_id: uuid.UUID) -> dict[str, Any]:
    """The entry; who did not propose it is noted in the log.

    Raises Refusal NOT_FOUND, also for entries that another carrier proposed.
    """

    def work(tx: Transaction) -> dict[str, Any]:
        entry = tx.red_list.find(entry_id)
        if entry is None or (entry.proposed_by != actor.participant_id and actor.roles.isdisjoint(_OVERSIGHT)):
            raise Refusal(Problem.NOT_FOUND)
        if entry.proposed_by != actor.participant_id:
            note_reading(registry, tx, actor, what="red-list", of=entry_id, subject_key=entry.subject_key)
        return red_list_document(entry, beijing_date(registry.clock()))

    return read_as(registry, actor, work)


def locked_entry(tx: Transaction, entry_id: uuid.UUID) -> RedListEntry:
    """The entry under its subject's lock, to be changed; raises Refusal NOT_FOUND."""
    found = tx.red_list.find(entry_id)
    if found is not None:
        tx.subjects.lock((found.subject_key,))
        # Read again under the lock: two who approve at once must see each other.
        found = tx.red_list.find(entry_id)
    if found is None:
        raise Refusal(Problem.NOT_FOUND)
    return found


def state_refusal(refused: EntryStateForbids) -> Refusal:
    """What a step that the entry's state forbids comes to."""
    return Refusal(Problem.EDGE_NOT_ALLOWED, detail=f"The red-list entry is {refused.state}.")


def red_list_document(entry: RedListEntry, day: dt.date) -> dict[str, Any]:
    """What is shown of an entry, with its state on a Beijing date; no pseudonym is in it."""
    return {
        "entry_id": str(entry.entry_id),
        "state": state_on(entry, day).value,
        "ground": entry.ground.value,
        "proposed_by": entry.proposed_by,
        "proposed_at": format_time(entry.proposed_at),
        "expires_on": entry.expires_on.isoformat(),
        "rules_version": entry.rules_version,
        "approvals": [
            {"participant_id": each.approver_id, "approved_at": format_time(each.approved_at)}
            for each in entry.approvals
        ],
        "revoked_at": None if entry.revoked_at is None else format_time(entry.revoked_at),
    }
