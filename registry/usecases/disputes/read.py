"""Read cases as filer, creditor or office, and their papers as a party or an adjudicator."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Final

from protocol.beijing import beijing_date
from protocol.codes import Role
from protocol.log_entries import EntryKind
from protocol.messages import disputes as messages
from protocol.problems import Problem, Refusal
from protocol.readings import UNTOLD, Reading
from protocol.wire.codec import message_of
from registry.domain.disputes import Dispute
from registry.domain.participants import Actor
from registry.domain.records import Record
from registry.policy.offices import CASE_READERS, DISPUTE_JUDGES
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.context import Registry
from registry.usecases.disputes.shared import (
    dispute_message,
    is_party,
    paper_facts,
    paper_seal,
    record_of,
    visible_case,
)
from registry.usecases.documents import opened_content
from registry.usecases.overseeing import log_reading, note_page, note_reading, read_as, require_context
from registry.usecases.standings import standings

_FIRST: Final = uuid.UUID(int=0)


def read_dispute(
    registry: Registry, actor: Actor, dispute_id: uuid.UUID, *, reading: Reading = UNTOLD
) -> messages.Dispute:
    """Read a case; an office's reading is logged. Raises Refusal NOT_FOUND or CONTEXT_REQUIRED."""

    def work(tx: Transaction) -> messages.Dispute:
        dispute = _read_case(registry, tx, actor, dispute_id, reading, what="dispute", readers=CASE_READERS)
        act = act_in(registry, tx, actor)
        (case,) = _as_of_today(act, [dispute], {dispute.record_id: record_of(tx, dispute)})
        return case

    return read_as(registry, actor, work)


def list_disputes(
    registry: Registry, actor: Actor, query: messages.DisputesQuery, *, reading: Reading = UNTOLD
) -> messages.DisputePage:
    """Read a page of cases, oldest first: an office reads all, a carrier those that it filed or must answer.

    Each case has its state of today; with ``query.state`` a page may hold fewer than there is room for, and go on.
    A page that an office reads is logged. Raises Refusal CONTEXT_REQUIRED.
    """

    def work(tx: Transaction) -> messages.DisputePage:
        party = None if actor.roles & CASE_READERS else actor.participant_id
        today = beijing_date(registry.clock())
        cases = tx.disputes.page(party, query.state, query.after or _FIRST, query.limit + 1, today)
        page = cases[: query.limit]
        if party is None:
            note_page(registry, tx, actor, reading, what="disputes", shown=[case.dispute_id for case in page])
        owned = tx.records.of_subjects({case.subject_key for case in page})
        records = {record.record_id: record for of_subject in owned.values() for record in of_subject}
        # A record that was sealed between the two reads takes its case from the list.
        shown = _as_of_today(act_in(registry, tx, actor), page, records)
        return messages.DisputePage(
            disputes=tuple(case for case in shown if query.state in (None, case.state)),
            next=page[-1].dispute_id if len(cases) > query.limit else None,
        )

    return read_as(registry, actor, work)


def list_papers(
    registry: Registry, actor: Actor, dispute_id: uuid.UUID, *, reading: Reading = UNTOLD
) -> messages.DisputeDocuments:
    """List the papers of a case; an adjudicator's reading is logged. Raises Refusal NOT_FOUND or CONTEXT_REQUIRED."""

    def work(tx: Transaction) -> messages.DisputeDocuments:
        dispute = _read_case(registry, tx, actor, dispute_id, reading, what="dispute-documents", readers=DISPUTE_JUDGES)
        papers = tx.papers.of_dispute(dispute.subject_key, dispute_id)
        return messages.DisputeDocuments(
            documents=tuple(message_of(messages.DisputeDocument, paper) for paper in papers)
        )

    return read_as(registry, actor, work)


def open_paper(
    registry: Registry, actor: Actor, dispute_id: uuid.UUID, document_id: uuid.UUID, *, reading: Reading = UNTOLD
) -> messages.OpenedDocument:
    """Open a paper; each reading is logged.

    Raises Refusal NOT_FOUND, or CONTEXT_REQUIRED for an actor that is no party.
    """

    def work(tx: Transaction) -> messages.OpenedDocument:
        act = act_in(registry, tx, actor)
        dispute = visible_case(tx, actor, dispute_id)
        for paper in tx.papers.of_dispute(dispute.subject_key, dispute_id):
            if paper.document_id == document_id:
                if not is_party(actor, dispute):
                    require_context(act, reading)
                facts = paper_facts(paper)
                log_reading(act, reading, EntryKind.DISPUTE_DOCUMENT_READ, facts, subject_key=paper.subject_key)
                content = opened_content(registry, paper, paper_seal(paper.subject_key, dispute_id, document_id))
                return message_of(messages.OpenedDocument, paper, content=content)
        raise Refusal(Problem.NOT_FOUND)

    return registry.store.write(work)


def _read_case(
    registry: Registry,
    tx: Transaction,
    actor: Actor,
    dispute_id: uuid.UUID,
    reading: Reading,
    *,
    what: str,
    readers: frozenset[Role],
) -> Dispute:
    """Find a case and log a reading of ``what`` by one of ``readers``, who is no party to it."""
    dispute = tx.disputes.find(dispute_id)
    if dispute is None or not (is_party(actor, dispute) or actor.roles & readers):
        raise Refusal(Problem.NOT_FOUND)
    if not is_party(actor, dispute):
        note_reading(registry, tx, actor, reading, what=what, of=dispute_id, subject_key=dispute.subject_key)
    return dispute


def _as_of_today(act: Act, cases: Sequence[Dispute], records: Mapping[uuid.UUID, Record]) -> list[messages.Dispute]:
    """Build the messages of the cases whose record is in ``records``, in their order.

    A passed deadline counts even before the scheduler has written its edge.
    """
    present = [case for case in cases if case.record_id in records]
    concerned = {case.record_id: records[case.record_id] for case in present}
    today = {standing.record.record_id: standing for standing in standings(act, concerned.values())}
    shown = []
    for case in present:
        standing = today[case.record_id]
        now = standing.case_of_today
        current = case if now is None or now.dispute_id != case.dispute_id else now
        shown.append(dispute_message(current, standing.as_of_today))
    return shown
