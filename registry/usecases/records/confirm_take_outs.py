"""Read today's held take-outs of a creditor, and confirm a number of them with its second key."""

import datetime as dt

from protocol.log_entries import EntryKind, Facts
from protocol.messages import take_outs as messages
from protocol.messages.rules import TakeOutTerms
from protocol.problems import FieldCode, Problem, Refusal
from protocol.wire.codec import message_of
from registry.domain.participants import Actor
from registry.domain.take_outs import MoreThanHeld, SameKey, TakeOutConfirmation, TakeOutDay, confirmed
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.archive.shared import over_before
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once


def confirm_take_outs(
    registry: Registry, actor: Actor, call: IdempotentCall, *, day: dt.date, take_outs: int
) -> Outcome:
    """Allow exactly so many more take-outs today, by rows of other keys; this replaces an earlier confirmation.

    Raises Refusal: INVALID_FIELD (another day than today; more than are held), ROLE_MISSING (the key that sent the
    rows that are held).
    """

    def work(act: Act) -> tuple[int, messages.TakeOuts]:
        if day != act.today:
            raise Refusal(Problem.INVALID_FIELD, fields={"day": FieldCode.NOT_TODAY})
        counted = act.tx.take_outs.lock(act.actor_id, act.today)
        if counted is None:
            raise _more_than_held()
        after, confirmation = _confirmed(act, counted, take_outs, actor.key_id)
        facts: Facts = {"day": day.isoformat(), "take_outs": take_outs, "held": counted.held, "key": actor.key_id}
        act.log(EntryKind.TAKE_OUTS_CONFIRMED, confirmation.log_entry_id, facts)
        act.tx.take_outs.update(after)
        act.tx.take_outs.confirm(confirmation)
        return 200, _message(after, confirmation, act.rules.take_outs)

    return answer_once(registry, actor, call, work)


def read_take_outs(registry: Registry, actor: Actor) -> messages.TakeOuts:
    """Read the creditor's present day: its bound, its counts of take-outs and held rows, and its confirmation."""

    def work(tx: Transaction) -> messages.TakeOuts:
        act = act_in(registry, tx, actor)
        counted = tx.take_outs.find(actor.participant_id, act.today) or _not_begun(act)
        confirmation = tx.take_outs.confirmation(actor.participant_id, act.today)
        return _message(counted, confirmation, act.rules.take_outs)

    return registry.store.read(work)


def _confirmed(act: Act, counted: TakeOutDay, take_outs: int, key_id: str) -> tuple[TakeOutDay, TakeOutConfirmation]:
    try:
        return confirmed(counted, take_outs=take_outs, key_id=key_id, at=act.now, log_entry_id=act.new_id())
    except MoreThanHeld:
        raise _more_than_held() from None
    except SameKey:
        raise Refusal(Problem.ROLE_MISSING, detail="Another person, with another key, has to confirm.") from None


def _more_than_held() -> Refusal:
    return Refusal(Problem.INVALID_FIELD, fields={"take_outs": FieldCode.MORE_THAN_HELD})


def _not_begun(act: Act) -> TakeOutDay:
    """Return the day as its first take-out would find it."""
    open_now = sum(act.tx.records.open_of(act.actor_id, over_before(act)).values())
    return TakeOutDay(
        participant_id=act.actor_id, day=act.today, open_at_start=open_now, taken=0, held=0, held_key_id=None
    )


def _message(day: TakeOutDay, confirmation: TakeOutConfirmation | None, terms: TakeOutTerms) -> messages.TakeOuts:
    return message_of(
        messages.TakeOuts,
        day,
        bound=terms.bound(day.open_at_start),
        confirmation=None if confirmation is None else message_of(messages.TakeOutConfirmation, confirmation),
    )
