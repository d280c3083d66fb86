"""A carrier's counter takes a payment for another creditor, which has some working days to confirm it."""

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Final

from protocol.codes import CollectionAnswer, CollectionRefusal
from protocol.messages.collected import Direction, Net
from protocol.messages.rules import CollectionTerms
from protocol.states import CollectionState

_SATURDAY: Final = 5


COUNTED: Final = frozenset({CollectionState.CONFIRMED, CollectionState.CONFIRMED_BY_SILENCE})
"""States in which the money counts in the net statement."""


class AnsweredAlready(Exception):
    """The payment is in ``state``, in which the creditor can no longer answer."""

    def __init__(self, state: CollectionState) -> None:
        super().__init__(state.value)
        self.state = state


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectedPayment:
    """One line of a quote that was paid at ``collector_id``'s counter. Money in fen."""

    subject_key: bytes = field(repr=False)
    collection_id: uuid.UUID
    record_id: uuid.UUID
    settlement_id: uuid.UUID
    quote_id: uuid.UUID
    collector_id: str
    creditor_id: str
    amount_fen: int
    collected_at: dt.datetime
    collected_month: int
    """Year and month in Beijing as 202611: the month of the net statement."""
    received_at: dt.datetime
    confirm_due: dt.date
    """The last Beijing date of the creditor's answer."""
    state: CollectionState
    refusal: CollectionRefusal | None = None
    answered_at: dt.datetime | None = None
    reversed_at: dt.datetime | None = None
    """The time at which both carriers had agreed that the payment was reversed."""
    rules_version: str
    log_entry_id: uuid.UUID
    """The access log's entry of the payment or, later, of the latest answer."""

    def state_on(self, today: dt.date) -> CollectionState:
        """Return the state on a Beijing date: silence is consent when the last day is over."""
        return CollectionState.CONFIRMED_BY_SILENCE if silent(self, today) else self.state

    def counts_on(self, today: dt.date) -> bool:
        """Tell whether the collector owes the creditor this amount on a Beijing date."""
        return self.state_on(today) in COUNTED and self.reversed_at is None


def is_working_day(day: dt.date, terms: CollectionTerms) -> bool:
    """Tell whether a day is Monday to Friday and no holiday, or a working weekend day."""
    if day in terms.extra_workdays:
        return True
    return day.weekday() < _SATURDAY and day not in terms.holidays


def confirm_due(received_on: dt.date, terms: CollectionTerms) -> dt.date:
    """Return the last day for the creditor's answer, counted in working days after it was told."""
    return working_days_after(received_on, terms.confirm_working_days, terms)


def working_days_after(day: dt.date, days: int, terms: CollectionTerms) -> dt.date:
    """Return the day that is so many working days after another."""
    left = days
    while left:
        day += dt.timedelta(days=1)
        left -= is_working_day(day, terms)
    return day


def silent(payment: CollectedPayment, today: dt.date) -> bool:
    """Tell whether the creditor let its days pass."""
    return payment.state is CollectionState.TO_CONFIRM and today > payment.confirm_due


def confirmed_by_silence(payment: CollectedPayment, *, at: dt.datetime, log_entry_id: uuid.UUID) -> CollectedPayment:
    """Return the payment as its creditor's silence confirms it."""
    return replace(payment, state=CollectionState.CONFIRMED_BY_SILENCE, answered_at=at, log_entry_id=log_entry_id)


def answered(
    payment: CollectedPayment,
    answer: CollectionAnswer,
    refusal: CollectionRefusal | None,
    *,
    today: dt.date,
    at: dt.datetime,
    log_entry_id: uuid.UUID,
) -> CollectedPayment:
    """Return the payment after its creditor's answer; raises AnsweredAlready.

    The date decides, not the scheduler: a late run of the scheduler makes no late answer timely.
    """
    if silent(payment, today):
        raise AnsweredAlready(CollectionState.CONFIRMED_BY_SILENCE)
    open_to: Collection[CollectionState] = (
        (CollectionState.TO_CONFIRM, CollectionState.REFUSED)
        if answer is CollectionAnswer.CONFIRMED
        else (CollectionState.TO_CONFIRM,)
    )
    if payment.state not in open_to or payment.reversed_at is not None:
        raise AnsweredAlready(payment.state)
    return replace(
        payment,
        state=CollectionState(answer.value),
        refusal=refusal,
        answered_at=at,
        log_entry_id=log_entry_id,
    )


def taken_back(payment: CollectedPayment, *, at: dt.datetime, log_entry_id: uuid.UUID) -> CollectedPayment:
    """Return the payment as reversed by both carriers; from any state, it no longer counts."""
    return replace(payment, reversed_at=at, log_entry_id=log_entry_id)


def net_of(one: Direction, other: Direction) -> Net:
    """Compute the difference, which the carrier pays that took more for the other."""
    more, less = (one, other) if one.counted_fen >= other.counted_fen else (other, one)
    difference = more.counted_fen - less.counted_fen
    if difference == 0:
        return Net(payer=None, payee=None, amount_fen=0)
    return Net(payer=more.collector, payee=more.creditor, amount_fen=difference)
