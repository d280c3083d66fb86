"""The clock reminds: the creditor before its answer is due, the adjudicators when a decision is overdue. Each once."""

from protocol.codes import EventKind, Role
from registry.domain.dispute import Dispute, reminded, reminder
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.context import Registry
from registry.usecases.events import notify

_PAGE = 200


def remind_disputes(registry: Registry, limit: int = 500) -> int:
    """Tell of up to ``limit`` cases; returns how many. Safe to repeat and to run twice at once.

    What was read as due is read again under the subjects' locks, and the case forgets its reminder in the transaction
    that tells of it.
    """

    def work(tx: Transaction) -> int:
        act = act_in(registry, tx, None)
        due = tx.disputes.due_reminders(act.today, limit)
        ids = {each.dispute_id for each in due}
        subjects = {each.subject_key for each in due}
        tx.subjects.lock(subjects)
        held = [each for owned in tx.disputes.of_subjects(subjects).values() for each in owned]
        return sum(_remind(act, each) for each in held if each.dispute_id in ids)

    return registry.store.write(work)


def _remind(act: Act, dispute: Dispute) -> int:
    kind = reminder(dispute, act.today)
    if kind is None:
        return 0
    if kind is EventKind.DISPUTE_ANSWER_DUE:
        facts = {"dispute": str(dispute.dispute_id), "answer_due": dispute.answer_due.isoformat()}
        notify(act, (dispute.creditor_id,), kind, record_id=dispute.record_id, facts=facts)
    else:
        facts = {"dispute": str(dispute.dispute_id), "close_due": dispute.close_due.isoformat()}
        notify(act, _neutral(act, dispute), kind, facts=facts)
    act.tx.disputes.update(reminded(dispute), expected_version=dispute.version)
    return 1


def _neutral(act: Act, dispute: Dispute) -> list[str]:
    """The adjudicators that are no party to the case."""
    found: list[str] = []
    after: str | None = None
    while page := act.tx.participants.page(after, _PAGE):
        found += [each.participant_id for each in page if Role.ADJUDICATOR in each.roles]
        after = page[-1].participant_id
    return [each for each in found if each not in (dispute.creditor_id, dispute.filed_by)]
