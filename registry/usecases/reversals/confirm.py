"""Confirm as a second person that a payment came undone: it is owed again, and its clearances are revoked."""

import uuid
from dataclasses import replace

from protocol.log_entries import EntryKind
from protocol.problems import Problem, Refusal
from protocol.states import Action, Party
from registry.domain.accounts import pointer_to
from registry.domain.collected import taken_back
from registry.domain.credit import owed_anew
from registry.domain.participants import Actor
from registry.domain.records import Record
from registry.domain.reversals import ConfirmedAlready, Reversal, SamePerson, confirm, untrue_now
from registry.domain.settlements import Settlement
from registry.usecases import edges
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.notify import Change, tell_askers
from registry.usecases.plans.shared import plan_after_payment
from registry.usecases.reversals.shared import check_possible, hold_debt, own_reversal, reversal_message


def confirm_reversal(registry: Registry, actor: Actor, call: IdempotentCall, reversal_id: uuid.UUID) -> Outcome:
    """Take the payment back: CLEARED -> ACTIVE, or a part of an open debt is owed again.

    Raises Refusal: NOT_FOUND, ROLE_MISSING (the key that proposed, or the creditor for money that another carrier
    took), EDGE_NOT_ALLOWED and ALREADY_EXISTS as at the proposal, whose conditions have to hold still; EDGE_NOT_ALLOWED
    also when the creditor has left.
    """

    def work(act: Act) -> tuple[int, object]:
        proposed = own_reversal(act.tx, actor, reversal_id)[0]
        pointers = hold_debt(act, proposed.creditor_id, proposed.subject_key, proposed.record_id)
        # Read again under the lock: two simultaneous confirmations must see each other.
        reversal, payment = own_reversal(act.tx, actor, reversal_id)
        if payment is not None and payment.collector_id != act.actor_id:
            raise Refusal(Problem.ROLE_MISSING, detail="The carrier that took the money has to confirm.")
        confirmed = _confirmed(act, reversal, actor.key_id)
        settlement = act.tx.settlements.find(confirmed.settlement_id)
        if settlement is None:
            raise Refusal(Problem.NOT_FOUND)
        owed_again = check_possible(act, settlement, pointers)
        act.log(
            EntryKind.REVERSAL_CONFIRMED,
            confirmed.log_entry_id,
            {"reversal": str(reversal_id), "settlement": str(settlement.settlement_id)},
            subject_key=confirmed.subject_key,
            personal={"subject": confirmed.subject_key.hex(), "amount_fen": settlement.amount_fen},
        )
        act.tx.reversals.confirm(confirmed)
        if payment is not None:
            act.tx.collected.update(taken_back(payment, at=act.now, log_entry_id=confirmed.log_entry_id))
        if owed_again.is_open:
            _take_part_back(act, owed_again, confirmed)
        else:
            _check_creditor_stays(act, confirmed)
            reopened = owed_anew(owed_again)
            edges.move(act, reopened, Action.REVERSE, Party.CREDITOR, f"reversed-{confirmed.reason.lower()}")
            act.tx.accounts.point([pointer_to(reopened)], pointers)
            _revoke_clearances(act, settlement)
        return 200, reversal_message(confirmed, names_record=act.actor_id == confirmed.creditor_id)

    return answer_once(registry, actor, call, work)


def _check_creditor_stays(act: Act, reversal: Reversal) -> None:
    """Refuse a debt whose creditor has left: nobody could be paid, or withdraw it."""
    creditor = act.tx.participants.keep(reversal.creditor_id)
    if creditor is None or creditor.left_at is not None:
        raise Refusal(Problem.EDGE_NOT_ALLOWED, detail="The creditor has left: nothing is owed to it here any more.")


def _take_part_back(act: Act, record: Record, confirmed: Reversal) -> None:
    """Raise an open record's debt again; the scheduler may break its plan, and earlier inquirers hear of the change.

    No clearance was issued for it, so none becomes wrong.
    """
    changed = replace(record, version=record.version + 1, log_entry_id=confirmed.log_entry_id)
    act.tx.records.update(changed, expected_version=record.version)
    plan = plan_after_payment(act, changed)
    if plan is not None:
        act.tx.plans.update(plan)
    if changed.blocks:
        tell_askers(act, (Change.corrected(changed),))


def _confirmed(act: Act, reversal: Reversal, key_id: str) -> Reversal:
    try:
        return confirm(reversal, key_id=key_id, at=act.now, log_entry_id=act.new_id())
    except ConfirmedAlready:
        raise Refusal(Problem.ALREADY_EXISTS, detail="The reversal was confirmed before.") from None
    except SamePerson:
        raise Refusal(Problem.ROLE_MISSING, detail="Another person, with another key, has to confirm.") from None


def _revoke_clearances(act: Act, settlement: Settlement) -> None:
    for each in untrue_now(act.tx.clearances.of_subject(settlement.subject_key), settlement):
        revoked = replace(each, revoked_at=act.now, log_entry_id=act.new_id())
        act.log(
            EntryKind.CLEARANCE_REVOKED,
            revoked.log_entry_id,
            {"clearance": str(each.clearance_id), "settlement": str(settlement.settlement_id)},
            subject_key=each.subject_key,
            personal={"subject": each.subject_key.hex()},
        )
        act.tx.clearances.revoke(revoked)
