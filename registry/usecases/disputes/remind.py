"""The clock reminds: the creditor before its answer is due, the adjudicators when a decision is overdue. Each once."""

from collections.abc import Sequence

from protocol.codes import EventKind, Role
from registry.domain.disputes import Dispute, reminded, reminder
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.context import Registry
from registry.usecases.notify import Notice, tell

_PAGE = 200


def remind_disputes(registry: Registry, limit: int = 500) -> int:
    """Tell of up to ``limit`` cases; returns how many. Safe to repeat and to run twice at once.

    What was read as due is read again under the subjects' locks, and the case forgets its reminder in the transaction
    that tells of it.
    """

    def work(tx: Transaction) -> int:
        act = act_in(registry, tx, None)
        due = tx.disputes.due_reminders(act.today, limit)
        tx.subjects.lock({each.subject_key for each in due})
        held = tx.disputes.these([(each.subject_key, each.dispute_id) for each in due])
        told = [each for each in held if reminder(each, act.today) is not None]
        judges = _adjudicators(act) if told else []
        tell(act, [notice for each in told for notice in _notices(act, each, judges)])
        tx.disputes.update_many([(reminded(each), each.version) for each in told])
        return len(told)

    return registry.store.write(work)


def _notices(act: Act, dispute: Dispute, judges: Sequence[str]) -> list[Notice]:
    """What is told of a case that is due: to its creditor, or to the adjudicators that are no party to it."""
    if reminder(dispute, act.today) is EventKind.DISPUTE_ANSWER_DUE:
        facts = {"dispute": str(dispute.dispute_id), "answer_due": dispute.answer_due.isoformat()}
        kind, creditor = EventKind.DISPUTE_ANSWER_DUE, dispute.creditor_id
        return [Notice(recipient=creditor, kind=kind, record_id=dispute.record_id, facts=facts)]
    facts = {"dispute": str(dispute.dispute_id), "close_due": dispute.close_due.isoformat()}
    neutral = sorted(set(judges) - {dispute.creditor_id, dispute.filed_by})
    return [Notice(recipient=each, kind=EventKind.DISPUTE_DECISION_DUE, facts=facts) for each in neutral]


def _adjudicators(act: Act) -> list[str]:
    found: list[str] = []
    after: str | None = None
    while page := act.tx.participants.page(after, _PAGE):
        found += [each.participant_id for each in page if Role.ADJUDICATOR in each.roles]
        after = page[-1].participant_id
    return found
