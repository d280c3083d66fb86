"""Cases page by page: all of them for an adjudicator, a carrier's own as creditor or filer for the carrier."""

import uuid
from typing import Any, Final

from protocol.beijing import beijing_date
from protocol.states import DisputeState
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.act import act_in
from registry.usecases.context import Registry
from registry.usecases.disputes.shared import judges
from registry.usecases.disputes.shown_today import shown_today
from registry.usecases.overseeing import note_page, read_as

_FIRST: Final = uuid.UUID(int=0)


def list_disputes(
    registry: Registry, actor: Actor, state: DisputeState | None, after: uuid.UUID | None, limit: int
) -> dict[str, Any]:
    """The next cases, oldest first, and the id to go on behind, None when there are no more.

    Each is told in its state of today; with ``state`` a page may hold fewer than there is room for, and go on.
    A page of everybody's cases, which an adjudicator reads, is noted in the log.
    """

    def work(tx: Transaction) -> dict[str, Any]:
        party = None if judges(actor) else actor.participant_id
        found = tx.disputes.page(party, state, after or _FIRST, limit + 1, beijing_date(registry.clock()))
        page = found[:limit]
        if party is None:
            note_page(registry, tx, actor, what="disputes", shown=[each.dispute_id for each in page])
        owned = tx.records.of_subjects({each.subject_key for each in page})
        records = {record.record_id: record for each in owned.values() for record in each}
        # One that was sealed between the two reads is gone from the list.
        shown = shown_today(act_in(registry, tx, actor), page, records)
        if state is not None:
            shown = [each for each in shown if each["state"] == state.value]
        return {"disputes": shown, "next": str(page[-1].dispute_id) if len(found) > limit else None}

    return read_as(registry, actor, work)
