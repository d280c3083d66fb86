"""Cases page by page: all of them for an adjudicator, a carrier's own as creditor or filer for the carrier."""

import uuid
from typing import Any, Final

from registry.domain.dispute import DisputeState
from registry.domain.participant import Actor
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.disputes.disputing import dispute_document, judges
from registry.usecases.overseeing import note_page, read_as

_FIRST: Final = uuid.UUID(int=0)


def list_disputes(
    registry: Registry, actor: Actor, state: DisputeState | None, after: uuid.UUID | None, limit: int
) -> dict[str, Any]:
    """The next cases, oldest first, and the id to go on behind, None when there are no more.

    A page of everybody's cases, which an adjudicator reads, is noted in the log.
    """

    def work(tx: Transaction) -> dict[str, Any]:
        party = None if judges(actor) else actor.participant_id
        found = tx.disputes.page(party, state, after or _FIRST, limit + 1)
        page = found[:limit]
        if party is None:
            note_page(registry, tx, actor, what="disputes", shown=[each.dispute_id for each in page])
        owned = tx.records.of_subjects({each.subject_key for each in page})
        records = {record.record_id: record for each in owned.values() for record in each}
        # One that was sealed between the two reads is gone from the list.
        shown = [dispute_document(each, records[each.record_id]) for each in page if each.record_id in records]
        return {"disputes": shown, "next": str(page[-1].dispute_id) if len(found) > limit else None}

    return read_as(registry, actor, work)
