"""Follows the reports of activations: a deposit is taken, corrected or taken back with its order."""

from collections.abc import Iterable
from dataclasses import replace

from protocol.activations import ActivationOutcome
from protocol.beijing import beijing_date
from protocol.deposits import DepositState
from protocol.messages.activations import ActivationReport
from registry.domain.activations import Activation, order_key
from registry.domain.deposits import KEPT_MONTHS, Deposit, due_on
from registry.domain.months import months_on
from registry.policy.deposits import deposit_terms
from registry.usecases.act import Act
from registry.usecases.deposits.shared import terms_of

_Place = tuple[bytes, bytes, int]


def deposit_key(activation: Activation) -> bytes:
    """Return the key under which the deposit of an order lies: that of its entries."""
    key = activation.subject_key
    return order_key(activation.participant_id, activation.order_ref) if key is None else key


class FollowedDeposits:
    """The deposits of the orders that one call reports on; those that exist are locked at once."""

    def __init__(self, act: Act, known: Iterable[Activation]) -> None:
        self._act = act
        keys = {deposit_key(each) for each in known if each.outcome is ActivationOutcome.DEPOSIT_TAKEN}
        locked = act.tx.deposits.lock(keys) if keys else ()
        self._stored = {_place(each): each for each in locked if each.participant_id == act.actor_id}
        self._now = dict(self._stored)

    def follow(self, new: Activation, report: ActivationReport, before: Activation | None) -> None:
        """Take the deposit of one part of an order along with its newest report."""
        place = (deposit_key(new), new.order_ref, new.part)
        old = self._now.get(place)
        if old is None and before is not None:
            # The decision of an unchecked order was found, or its person was listed between two inquiries.
            old = self._now.pop((deposit_key(before), new.order_ref, new.part), None)
        changed = self._after(old, new, report)
        if changed is not None:
            self._now[place] = changed

    def keep_new(self) -> None:
        """Add the new rows; the transaction has their entries, or adds them in the same statement."""
        self._act.tx.deposits.delete([each for place, each in self._stored.items() if place not in self._now])
        self._act.tx.deposits.add([each for place, each in self._now.items() if place not in self._stored])

    def keep_changed(self) -> None:
        """Write the changed rows; the transaction has their entries."""
        stored = self._stored
        self._act.tx.deposits.update(
            [each for place, each in self._now.items() if place in stored and each != stored[place]]
        )

    def _after(self, old: Deposit | None, new: Activation, report: ActivationReport) -> Deposit | None:
        act = self._act
        if new.outcome is ActivationOutcome.DEPOSIT_TAKEN and report.deposit_fen is not None:
            taken = self._taken(new, report.deposit_fen)
            return taken if old is None else old.taken_again(taken, terms_of(act, old), act.today)
        if old is None:
            return None
        moved = replace(old, subject_key=deposit_key(new), log_entry_id=new.log_entry_id)
        if new.outcome is ActivationOutcome.CANCELLED_LATER:
            return moved.ended(beijing_date(new.done_at), terms_of(act, old))
        if not moved.is_held:
            return moved
        return moved.over(DepositState.NOT_TAKEN if moved.returned_on is None else DepositState.RETURNED, act.today)

    def _taken(self, new: Activation, fen: int) -> Deposit:
        taken_on = beijing_date(new.done_at)
        day = due_on(taken_on, None, deposit_terms(self._act.rules))
        return Deposit(
            subject_key=deposit_key(new),
            participant_id=new.participant_id,
            order_ref=new.order_ref,
            part=new.part,
            activation_id=new.log_entry_id,
            service_class=new.service_class,
            state=DepositState.HELD,
            fen=fen,
            repaid_fen=0,
            interest_fen=0,
            counted_on=taken_on,
            returned_fen=0,
            kept_fen=0,
            returned_on=None,
            taken_on=taken_on,
            service_ended_on=None,
            due_on=day,
            tell_on=day,
            drop_on=months_on(day, KEPT_MONTHS),
            rules_version=self._act.rules.version,
            log_entry_id=new.log_entry_id,
        )


def _place(deposit: Deposit) -> _Place:
    return deposit.subject_key, deposit.order_ref, deposit.part
