"""Read household rebuttals: the filer its own, an adjudicator, an auditor or a regulator any and all."""

import uuid
from operator import attrgetter

from protocol.beijing import beijing_date
from protocol.messages.disassociations import Rebuttal, RebuttalPage, RebuttalsQuery
from protocol.problems import Problem, Refusal
from protocol.readings import UNTOLD, Reading
from registry.domain.participants import Actor
from registry.policy.offices import CASE_READERS
from registry.store.prepared import grouped
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.disassociations.shared import rebuttal_message
from registry.usecases.overseeing import note_page, note_reading, read_as


def read_rebuttal(registry: Registry, actor: Actor, rebuttal_id: uuid.UUID, *, reading: Reading = UNTOLD) -> Rebuttal:
    """Read a filing with its state today; an office's reading is logged.

    Raises Refusal NOT_FOUND or CONTEXT_REQUIRED.
    """

    def work(tx: Transaction) -> Rebuttal:
        rows = tx.disassociations.find(rebuttal_id)
        is_own = bool(rows) and rows[0].filed_by == actor.participant_id
        if not rows or not (is_own or actor.roles & CASE_READERS):
            raise Refusal(Problem.NOT_FOUND)
        if not is_own:
            note_reading(registry, tx, actor, reading, what="rebuttal", of=rebuttal_id, subject_key=rows[0].subject_key)
        return rebuttal_message(rows, beijing_date(registry.clock()))

    return read_as(registry, actor, work)


def list_rebuttals(
    registry: Registry, actor: Actor, query: RebuttalsQuery, *, reading: Reading = UNTOLD
) -> RebuttalPage:
    """Read a page of filings with their states of today, oldest first; each page is logged.

    With ``query.state`` a page may hold fewer than there is room for, and go on. Raises Refusal CONTEXT_REQUIRED.
    """
    today = beijing_date(registry.clock())

    def work(tx: Transaction) -> RebuttalPage:
        rows, following = tx.disassociations.page(query.after, query.limit)
        filings = grouped(rows, attrgetter("rebuttal_id"))
        shown = (rebuttal_message(filing, today) for filing in filings.values())
        page = tuple(rebuttal for rebuttal in shown if query.state in (None, rebuttal.state))
        note_page(registry, tx, actor, reading, what="rebuttals", shown=[each.rebuttal_id for each in page])
        return RebuttalPage(rebuttals=page, next=following)

    return registry.store.write(work)
