"""Money taken for a creditor at another carrier's counter, and how long the creditor has to confirm it."""

import datetime as dt
import uuid
from collections.abc import Collection as Members
from dataclasses import dataclass, field, replace
from typing import Final

from protocol.codes import CollectionAnswer, CollectionRefusal
from protocol.messages.rules import CollectionTerms
from protocol.states import CollectionState

_SATURDAY: Final = 5


COUNTED: Final = frozenset({CollectionState.CONFIRMED, CollectionState.CONFIRMED_BY_SILENCE})
"""States whose money stands in the net statement."""


class AnsweredAlready(Exception):
    """The collection is in ``state``, in which the creditor has nothing more to say."""

    def __init__(self, state: CollectionState) -> None:
        super().__init__(state.value)
        self.state = state


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
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
    """When both carriers agreed that the payment came undone."""
    rules_version: str
    log_entry_id: uuid.UUID
    """The entry of the access log that tells of the collection or, later, of the latest answer."""

    def state_on(self, today: dt.date) -> CollectionState:
        """The state as it is told on a Beijing date: silence is consent when its last day is over."""
        return CollectionState.CONFIRMED_BY_SILENCE if silent(self, today) else self.state

    def counts_on(self, today: dt.date) -> bool:
        """Whether the collector owes the creditor this amount on a Beijing date."""
        return self.state_on(today) in COUNTED and self.reversed_at is None


def is_working_day(day: dt.date, terms: CollectionTerms) -> bool:
    """Monday to Friday without the holidays, and the weekend days that are worked in exchange."""
    if day in terms.extra_workdays:
        return True
    return day.weekday() < _SATURDAY and day not in terms.holidays


def confirm_due(received_on: dt.date, terms: CollectionTerms) -> dt.date:
    """The last day for the creditor's answer: so many working days after the day on which it was told."""
    day, left = received_on, terms.confirm_working_days
    while left:
        day += dt.timedelta(days=1)
        left -= is_working_day(day, terms)
    return day


def silent(collection: Collection, today: dt.date) -> bool:
    """Whether the creditor has let its days pass."""
    return collection.state is CollectionState.TO_CONFIRM and today > collection.confirm_due


def confirmed_by_silence(collection: Collection, *, at: dt.datetime, log_entry_id: uuid.UUID) -> Collection:
    """The collection that its creditor did not answer."""
    return replace(collection, state=CollectionState.CONFIRMED_BY_SILENCE, answered_at=at, log_entry_id=log_entry_id)


def answered(
    collection: Collection,
    answer: CollectionAnswer,
    refusal: CollectionRefusal | None,
    *,
    today: dt.date,
    at: dt.datetime,
    log_entry_id: uuid.UUID,
) -> Collection:
    """The collection after its creditor's answer; raises AnsweredAlready.

    The deadline is the day's and not the clock's: a clock that is late makes no answer timely.
    """
    if silent(collection, today):
        raise AnsweredAlready(CollectionState.CONFIRMED_BY_SILENCE)
    open_to: Members[CollectionState] = (
        (CollectionState.TO_CONFIRM, CollectionState.REFUSED)
        if answer is CollectionAnswer.CONFIRMED
        else (CollectionState.TO_CONFIRM,)
    )
    if collection.state not in open_to or collection.reversed_at is not None:
        raise AnsweredAlready(collection.state)
    return replace(
        collection,
        state=CollectionState(answer.value),
        refusal=refusal,
        answered_at=at,
        log_entry_id=log_entry_id,
    )


def taken_back(collection: Collection, *, at: dt.datetime, log_entry_id: uuid.UUID) -> Collection:
    """The collection that both carriers say came undone; whatever its state, it counts for nothing any more."""
    return replace(collection, reversed_at=at, log_entry_id=log_entry_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """What one of two carriers took for the other in a month, in fen: what counts, and what stands apart."""

    collector_id: str
    creditor_id: str
    counted: int
    counted_fen: int
    apart: int
    apart_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Net:
    """Who owes whom what after a month; nobody where both directions are equal."""

    payer_id: str | None
    payee_id: str | None
    amount_fen: int


def net_of(one: Direction, other: Direction) -> Net:
    """The collector that took more than it was taken for pays the difference."""
    more, less = (one, other) if one.counted_fen >= other.counted_fen else (other, one)
    difference = more.counted_fen - less.counted_fen
    if difference == 0:
        return Net(payer_id=None, payee_id=None, amount_fen=0)
    return Net(payer_id=more.collector_id, payee_id=more.creditor_id, amount_fen=difference)
