"""Tell a carrier that a deposit is due back: on the day by which it is, and once more a month later."""

from protocol.events import EventKind
from registry.domain.deposits import Deposit
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.context import Registry
from registry.usecases.deposits.shared import terms_of
from registry.usecases.notify import Notice, tell


def remind_deposits(registry: Registry, limit: int = 500) -> int:
    """Tell the carriers of deposits under up to ``limit`` keys; returns the number of events.

    Safe to repeat and to run twice at once: a deposit that is due is read again under its lock, and forgets its day in
    the transaction that tells of it. A worker that was halted for months tells once, and not twice in one round.
    """

    def work(tx: Transaction) -> int:
        act = act_in(registry, tx, None)
        locked = tx.deposits.lock(tx.deposits.to_tell(act.today, limit))
        due = [each for each in locked if each.tell_on is not None and each.tell_on <= act.today]
        tell(act, [_notice(act, each) for each in due])
        tx.deposits.update([each.told(act.today) for each in due])
        return len(due)

    return registry.store.write(work)


def _notice(act: Act, deposit: Deposit) -> Notice:
    return Notice(
        recipient=deposit.participant_id,
        kind=EventKind.DEPOSIT_DUE_BACK,
        facts={
            "activation": str(deposit.activation_id),
            "due_on": deposit.due_on.isoformat(),
            "left_fen": deposit.left_on(act.today, terms_of(act, deposit)),
        },
    )
