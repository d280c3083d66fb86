"""Remind the creditor before its answer is due, and the adjudicators when a decision is overdue; each once."""

from collections.abc import Sequence

from protocol.codes import Role
from protocol.events import EventKind
from registry.domain.disputes import Dispute, reminded, reminder
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.context import Registry
from registry.usecases.notify import Notice, tell

_PAGE = 200


def remind_disputes(registry: Registry, limit: int = 500) -> int:
    """Send the reminders of up to ``limit`` cases; returns their number. Safe to repeat and to run twice at once.

    Cases that are due are read again under the subjects' locks, and a case forgets its reminder in the transaction
    that sends it.
    """

    def work(tx: Transaction) -> int:
        act = act_in(registry, tx, None)
        due = tx.disputes.due_reminders(act.today, limit)
        tx.subjects.lock({each.subject_key for each in due})
        locked = tx.disputes.these([(case.subject_key, case.dispute_id) for case in due])
        cases = [case for case in locked if reminder(case, act.today) is not None]
        judges = _adjudicators(act) if cases else []
        tell(act, [notice for case in cases for notice in _notices(act, case, judges)])
        tx.disputes.update_many([(reminded(case), case.version) for case in cases])
        return len(cases)

    return registry.store.write(work)


def _notices(act: Act, dispute: Dispute, judges: Sequence[str]) -> list[Notice]:
    """Build a due case's reminders: to its creditor, or to the adjudicators that are no party to it."""
    if reminder(dispute, act.today) is EventKind.DISPUTE_ANSWER_DUE:
        facts = {"dispute": str(dispute.dispute_id), "answer_due": dispute.answer_due.isoformat()}
        kind, creditor = EventKind.DISPUTE_ANSWER_DUE, dispute.creditor_id
        return [Notice(recipient=creditor, kind=kind, record_id=dispute.record_id, facts=facts)]
    facts = {"dispute": str(dispute.dispute_id), "close_due": dispute.close_due.isoformat()}
    neutral = sorted(set(judges) - {dispute.creditor_id, dispute.filed_by})
    return [Notice(recipient=each, kind=EventKind.DISPUTE_DECISION_DUE, facts=facts) for each in neutral]


def _adjudicators(act: Act) -> list[str]:
    adjudicators: list[str] = []
    after: str | None = None
    while page := act.tx.participants.page(after, _PAGE):
        adjudicators += [member.participant_id for member in page if Role.ADJUDICATOR in member.roles]
        after = page[-1].participant_id
    return adjudicators
