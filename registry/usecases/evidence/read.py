"""Read demands for evidence, as the creditor or a neutral body; each document that is opened is logged."""

import uuid

from protocol.beijing import beijing_date
from protocol.log_entries import EntryKind
from protocol.messages.evidence import Demand, Demands, DemandsQuery, ShownDocument
from protocol.problems import Problem, Refusal
from protocol.readings import UNTOLD, Reading
from protocol.wire.codec import message_of
from registry.domain.participants import Actor
from registry.policy.offices import EVIDENCE_DEMANDERS
from registry.store.transactions import Transaction
from registry.usecases.act import act_in
from registry.usecases.context import Registry
from registry.usecases.documents import opened_content
from registry.usecases.evidence.shared import demand_message, document_seal, visible_demand
from registry.usecases.overseeing import log_reading, note_page, note_reading, read_as, require_context


def read_demand(registry: Registry, actor: Actor, demand_id: uuid.UUID, *, reading: Reading = UNTOLD) -> Demand:
    """Read one demand; a neutral body's reading is logged. Raises Refusal NOT_FOUND or CONTEXT_REQUIRED."""

    def work(tx: Transaction) -> Demand:
        demand = visible_demand(tx, actor, demand_id)
        if actor.participant_id != demand.creditor_id:
            note_reading(
                registry, tx, actor, reading, what="evidence-demand", of=demand_id, subject_key=demand.subject_key
            )
        return demand_message(demand, beijing_date(registry.clock()))

    return read_as(registry, actor, work)


def list_demands(registry: Registry, actor: Actor, query: DemandsQuery, *, reading: Reading = UNTOLD) -> Demands:
    """Read a page of the demands that no document has met, oldest first: a creditor its own, a neutral body all.

    A page that a neutral body reads is logged. Raises Refusal CONTEXT_REQUIRED.
    """

    def work(tx: Transaction) -> Demands:
        creditor = None if actor.roles & EVIDENCE_DEMANDERS else actor.participant_id
        unmet = tx.evidence.not_matched(query.after or uuid.UUID(int=0), query.limit + 1, creditor)
        page = unmet[: query.limit]
        if creditor is None:
            shown = [demand.demand_id for demand in page]
            note_page(registry, tx, actor, reading, what="evidence-demands", shown=shown)
        today = beijing_date(registry.clock())
        return Demands(
            demands=tuple(demand_message(demand, today) for demand in page),
            next=page[-1].demand_id if len(unmet) > query.limit else None,
        )

    return read_as(registry, actor, work)


def read_shown_document(
    registry: Registry, actor: Actor, demand_id: uuid.UUID, *, reading: Reading = UNTOLD
) -> ShownDocument:
    """Open the document that met a demand; each reading is logged.

    Raises Refusal NOT_FOUND, also before it is met, or CONTEXT_REQUIRED.
    """

    def work(tx: Transaction) -> ShownDocument:
        act = act_in(registry, tx, actor)
        demand = visible_demand(tx, actor, demand_id)
        matching = [answer for answer in tx.evidence.shown(demand.subject_key, demand_id) if answer.matches]
        if not matching or not actor.roles & EVIDENCE_DEMANDERS:
            raise Refusal(Problem.NOT_FOUND)
        document = matching[-1]
        require_context(act, reading)
        facts = {"demand": str(demand_id)}
        log_reading(act, reading, EntryKind.EVIDENCE_READ, facts, subject_key=demand.subject_key)
        content = opened_content(registry, document, document_seal(demand, document.shown_id))
        return message_of(ShownDocument, document, content=content)

    return registry.store.write(work)
