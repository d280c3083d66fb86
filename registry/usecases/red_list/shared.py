"""Lock entries of the red list, refuse steps on them, and build their messages."""

import datetime as dt
import uuid

from protocol.messages import red_list as messages
from protocol.problems import Problem, Refusal
from protocol.wire.codec import message_of
from registry.domain.red_list import EntryStateForbids, RedListEntry, state_on
from registry.store.transactions import Transaction


def locked_entry(tx: Transaction, entry_id: uuid.UUID) -> RedListEntry:
    """Lock the subject of an entry and read the entry, to change it; raises Refusal NOT_FOUND."""
    entry = tx.red_list.find(entry_id)
    if entry is not None:
        tx.subjects.lock((entry.subject_key,))
        # Read again under the lock: two simultaneous approvals must see each other.
        entry = tx.red_list.find(entry_id)
    if entry is None:
        raise Refusal(Problem.NOT_FOUND)
    return entry


def state_refusal(refused: EntryStateForbids) -> Refusal:
    """Refuse a step that the state of the entry forbids."""
    return Refusal(Problem.EDGE_NOT_ALLOWED, detail=f"The red-list entry is {refused.state}.")


def red_list_message(entry: RedListEntry, day: dt.date) -> messages.RedListEntry:
    """Build the message of an entry with its state on a Beijing date; no pseudonym is in it."""
    return message_of(
        messages.RedListEntry,
        entry,
        state=state_on(entry, day),
        approvals=tuple(
            messages.RedListApproval(participant_id=approval.approver_id, approved_at=approval.approved_at)
            for approval in entry.approvals
        ),
    )
