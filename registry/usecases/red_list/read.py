"""Read the red list: its proposer an entry, the operator, the auditor and the regulator any and all."""

import uuid

from protocol.beijing import beijing_date
from protocol.messages import red_list as messages
from protocol.problems import Problem, Refusal
from protocol.readings import UNTOLD, Reading
from registry.domain.participants import Actor
from registry.policy.offices import RED_LIST_READERS
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.overseeing import note_page, note_reading, read_as
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


def list_red_list(
    registry: Registry, actor: Actor, query: messages.RedListQuery, *, reading: Reading = UNTOLD
) -> messages.RedListPage:
    """Read a page of entries in their states of today, oldest first; each page is logged.

    With ``query.state`` a page may hold fewer than there is room for, and go on. Raises Refusal CONTEXT_REQUIRED.
    """
    today = beijing_date(registry.clock())

    def work(tx: Transaction) -> messages.RedListPage:
        found, following = tx.red_list.page(query.after, query.limit)
        shown = (red_list_message(entry, today) for entry in found)
        page = tuple(entry for entry in shown if query.state in (None, entry.state))
        note_page(registry, tx, actor, reading, what="red-list-entries", shown=[entry.entry_id for entry in page])
        return messages.RedListPage(entries=page, next=following)

    return registry.store.write(work)
