"""Money taken for another carrier: how long it may be doubted, what counts, and who owes whom in the end."""

import datetime as dt
import uuid
from dataclasses import replace
from typing import Any

import pytest

from protocol.codes import CollectionAnswer, CollectionRefusal
from protocol.messages.collected import Direction
from protocol.messages.rules import CollectionTerms
from protocol.states import CollectionState
from registry.domain.collected import (
    AnsweredAlready,
    CollectedPayment,
    answered,
    confirm_due,
    confirmed_by_silence,
    is_working_day,
    net_of,
    silent,
    taken_back,
)
from tests.support.builders import NOW, TODAY

MONDAY = dt.date(2026, 11, 23)
TERMS = CollectionTerms(confirm_working_days=2, holidays=(), extra_workdays=())


def after(days: int) -> dt.date:
    return MONDAY + dt.timedelta(days=days)


def a_collection(**changes: Any) -> CollectedPayment:
    values: dict[str, Any] = {
        "subject_key": b"S" * 16,
        "collection_id": uuid.UUID(int=11),
        "record_id": uuid.UUID(int=1),
        "settlement_id": uuid.UUID(int=5),
        "quote_id": uuid.UUID(int=12),
        "collector_id": "carrier-b",
        "creditor_id": "carrier-a",
        "amount_fen": 120_00,
        "collected_at": NOW,
        "collected_month": 202611,
        "received_at": NOW,
        "confirm_due": TODAY,
        "state": CollectionState.TO_CONFIRM,
        "rules_version": "2026-01",
        "log_entry_id": uuid.UUID(int=11),
    }
    return CollectedPayment(**(values | changes))


@pytest.mark.parametrize(
    ("received", "due"),
    [(0, 2), (1, 3), (2, 4), (3, 7), (4, 8), (5, 8), (6, 8)],
    ids=["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
)
def test_the_answer_is_due_two_working_days_later(received: int, due: int) -> None:
    assert confirm_due(after(received), TERMS) == after(due)


def test_holidays_and_weekends_that_are_worked_move_the_day() -> None:
    closed = replace(TERMS, holidays=(after(1), after(2)))
    assert confirm_due(after(0), closed) == after(4)
    worked = replace(TERMS, extra_workdays=(after(5),))
    assert confirm_due(after(3), worked) == after(5)
    assert confirm_due(after(3), replace(closed, holidays=(after(4),), extra_workdays=(after(6),))) == after(7)
    assert confirm_due(after(0), replace(TERMS, confirm_working_days=0)) == after(0)


def test_a_working_day_is_what_the_calendar_says() -> None:
    terms = replace(TERMS, holidays=(after(0),), extra_workdays=(after(6),))
    assert [is_working_day(after(day), terms) for day in range(7)] == [False, True, True, True, True, False, True]


def test_silence_begins_the_day_after_the_last_one_and_ends_nothing_else() -> None:
    assert not silent(a_collection(), TODAY)
    assert silent(a_collection(), TODAY + dt.timedelta(days=1))
    for state in set(CollectionState) - {CollectionState.TO_CONFIRM}:
        assert not silent(a_collection(state=state), TODAY + dt.timedelta(days=1))


def says(
    collection: CollectedPayment, answer: CollectionAnswer, today: dt.date = TODAY, why: CollectionRefusal | None = None
) -> CollectedPayment:
    return answered(collection, answer, why, today=today, at=NOW, log_entry_id=uuid.UUID(int=13))


def test_a_creditor_confirms_or_refuses_and_may_come_round_once_it_refused() -> None:
    confirmed = says(a_collection(), CollectionAnswer.CONFIRMED)
    assert (confirmed.state, confirmed.answered_at, confirmed.counts_on(TODAY)) == (
        CollectionState.CONFIRMED,
        NOW,
        True,
    )
    refused = says(a_collection(), CollectionAnswer.REFUSED, why=CollectionRefusal.WRONG_AMOUNT)
    assert (refused.state, refused.refusal, refused.counts_on(TODAY)) == (
        CollectionState.REFUSED,
        CollectionRefusal.WRONG_AMOUNT,
        False,
    )
    agreed = says(refused, CollectionAnswer.CONFIRMED, TODAY + dt.timedelta(days=90))
    assert (agreed.state, agreed.refusal, agreed.counts_on(TODAY)) == (CollectionState.CONFIRMED, None, True)


@pytest.mark.parametrize(
    ("state", "answer"),
    [
        (CollectionState.CONFIRMED, CollectionAnswer.CONFIRMED),
        (CollectionState.CONFIRMED, CollectionAnswer.REFUSED),
        (CollectionState.CONFIRMED_BY_SILENCE, CollectionAnswer.CONFIRMED),
        (CollectionState.CONFIRMED_BY_SILENCE, CollectionAnswer.REFUSED),
        (CollectionState.REFUSED, CollectionAnswer.REFUSED),
    ],
)
def test_nothing_else_is_answered(state: CollectionState, answer: CollectionAnswer) -> None:
    with pytest.raises(AnsweredAlready) as raised:
        says(a_collection(state=state), answer)
    assert raised.value.state is state


def test_a_late_clock_makes_no_answer_timely() -> None:
    with pytest.raises(AnsweredAlready) as raised:
        says(a_collection(), CollectionAnswer.REFUSED, TODAY + dt.timedelta(days=1))
    assert raised.value.state is CollectionState.CONFIRMED_BY_SILENCE


def test_what_both_took_back_is_not_confirmed_any_more_and_counts_for_nothing() -> None:
    with pytest.raises(AnsweredAlready):
        says(a_collection(state=CollectionState.REFUSED, reversed_at=NOW), CollectionAnswer.CONFIRMED)
    confirmed = a_collection(state=CollectionState.CONFIRMED)
    assert confirmed.counts_on(TODAY)
    assert not taken_back(confirmed, at=NOW, log_entry_id=uuid.UUID(int=14)).counts_on(TODAY)


def test_silence_is_consent() -> None:
    consented = confirmed_by_silence(a_collection(), at=NOW, log_entry_id=uuid.UUID(int=13))
    assert (consented.state, consented.answered_at) == (CollectionState.CONFIRMED_BY_SILENCE, NOW)
    assert consented.counts_on(TODAY)


def taken(collector: str, creditor: str, fen: int) -> Direction:
    return Direction(collector=collector, creditor=creditor, counted=1, counted_fen=fen, apart=0, apart_fen=0)


@pytest.mark.parametrize(
    ("a_took", "b_took", "payer", "payee", "fen"),
    [
        (300, 100, "carrier-a", "carrier-b", 200),
        (100, 300, "carrier-b", "carrier-a", 200),
        (100, 100, None, None, 0),
        (0, 1, "carrier-b", "carrier-a", 1),
    ],
)
def test_who_took_more_pays_the_difference(
    a_took: int, b_took: int, payer: str | None, payee: str | None, fen: int
) -> None:
    one, other = taken("carrier-a", "carrier-b", a_took), taken("carrier-b", "carrier-a", b_took)
    for net in (net_of(one, other), net_of(other, one)):
        assert (net.payer, net.payee, net.amount_fen) == (payer, payee, fen)
