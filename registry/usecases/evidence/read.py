"""Demands for evidence: read by the creditor and the neutral bodies, the documents only by these, each time logged."""

import uuid
from typing import Any

from protocol.beijing import beijing_date
from protocol.encodings import b64url_encode
from protocol.log_entries import EntryKind
from protocol.problems import Problem, Refusal
from registry.domain.participants import Actor
from registry.policy.offices import EVIDENCE_DEMANDERS
from registry.store.transactions import Transaction
from registry.usecases.act import act_in
from registry.usecases.context import Registry
from registry.usecases.documents import opened_content
from registry.usecases.evidence.shared import demand_document, row_of, visible_demand
from registry.usecases.overseeing import note_page, note_reading, read_as


def read_demand(registry: Registry, actor: Actor, demand_id: uuid.UUID) -> dict[str, Any]:
    """One demand; a neutral body's reading is in the log. Raises Refusal NOT_FOUND."""

    def work(tx: Transaction) -> dict[str, Any]:
        demand = visible_demand(tx, actor, demand_id)
        if actor.participant_id != demand.creditor_id:
            note_reading(registry, tx, actor, what="evidence-demand", of=demand_id, subject_key=demand.subject_key)
        return demand_document(demand, beijing_date(registry.clock()))

    return read_as(registry, actor, work)


def list_demands(registry: Registry, actor: Actor, after: uuid.UUID | None, limit: int) -> dict[str, Any]:
    """The demands that no document has met, oldest first, each page noted in the log; ``next`` is to be ``after``."""

    def work(tx: Transaction) -> dict[str, Any]:
        found = tx.evidence.not_matched(after or uuid.UUID(int=0), limit + 1)
        page = found[:limit]
        note_page(registry, tx, actor, what="evidence-demands", shown=[each.demand_id for each in page])
        today = beijing_date(registry.clock())
        return {
            "demands": [demand_document(each, today) for each in page],
            "next": str(page[-1].demand_id) if len(found) > limit else None,
        }

    return registry.store.write(work)


def read_shown_document(registry: Registry, actor: Actor, demand_id: uuid.UUID) -> dict[str, Any]:
    """The document that met a demand; each reading is in the log. Raises Refusal NOT_FOUND, also until there is one."""

    def work(tx: Transaction) -> dict[str, Any]:
        act = act_in(registry, tx, actor)
        demand = visible_demand(tx, actor, demand_id)
        shown = [each for each in tx.evidence.shown(demand.subject_key, demand_id) if each.matches]
        if not shown or not actor.roles & EVIDENCE_DEMANDERS:
            raise Refusal(Problem.NOT_FOUND)
        document = shown[-1]
        act.log(
            EntryKind.EVIDENCE_READ,
            act.new_id(),
            {"demand": str(demand_id)},
            subject_key=demand.subject_key,
            personal={"subject": demand.subject_key.hex()},
        )
        return {
            "demand_id": str(demand_id),
            "media_type": document.media_type.value,
            "content_bytes": document.content_bytes,
            "content": b64url_encode(opened_content(registry, document, row_of(document, document.shown_id))),
        }

    return registry.store.write(work)
