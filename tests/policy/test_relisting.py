"""Closed and doubted records bar debts, ask for notices and keep their clock."""

import datetime as dt
import uuid

import pytest

from protocol.codes import DisputeOutcome
from protocol.states import Action, Party, RecordState
from registry.domain.endings import DoubtedRecord, Ending, FormerRecord, bars_due_by, ending_of
from registry.domain.records import RecordTransition
from registry.policy.relisting import History, barring, first_listed, notice_needed_after
from tests.support.builders import NOW, TODAY, a_dispute, a_record

DAY = dt.timedelta(days=1)
HERE, ELSEWHERE = frozenset({b"h" * 32}), frozenset({b"e" * 32})
MINIMUM = 90


def former(ending: Ending, *, due_date: dt.date = TODAY - 200 * DAY, closed_on: dt.date = TODAY) -> FormerRecord:
    return FormerRecord(
        account_digest=b"h" * 32,
        ending=ending,
        bars_due_by=bars_due_by(ending, due_date, closed_on, MINIMUM),
        listed_at=NOW - 50 * DAY,
        closed_on=closed_on,
    )


def history(*endings: Ending) -> History:
    return History.of(former=[former(each) for each in endings])


@pytest.mark.parametrize(
    ("ending", "last_barred"),
    [
        (Ending.PAID, TODAY - MINIMUM * DAY),
        (Ending.FOUND_WRONG, TODAY - 200 * DAY),
        (Ending.OVER, TODAY),
        (Ending.VOID, dt.date.max),
    ],
)
def test_each_ending_bars_debts_up_to_its_day(ending: Ending, last_barred: dt.date) -> None:
    assert barring(last_barred, HERE, history(ending)) is not None
    if last_barred < dt.date.max:
        assert barring(last_barred + DAY, HERE, history(ending)) is None
    assert barring(last_barred, ELSEWHERE, history(ending)) is None


def test_what_its_creditor_took_back_may_come_again() -> None:
    assert barring(TODAY - 200 * DAY, HERE, history(Ending.TAKEN_BACK)) is None


def test_a_paid_debt_bars_its_own_due_date_however_young_it_was() -> None:
    young = former(Ending.PAID, due_date=TODAY - DAY)
    assert barring(TODAY - DAY, HERE, History.of(former=[young])) == young


@pytest.mark.parametrize("ending", sorted(set(Ending) - {Ending.PAID}))
def test_an_ending_without_payment_asks_for_a_later_notice_on_every_account(ending: Ending) -> None:
    for accounts in (HERE, ELSEWHERE):
        assert notice_needed_after(TODAY - DAY, accounts, history(ending)) == TODAY
        assert notice_needed_after(TODAY, accounts, history(ending)) is None


def test_after_a_payment_the_same_account_alone_needs_a_later_notice() -> None:
    assert notice_needed_after(TODAY - DAY, HERE, history(Ending.PAID)) == TODAY
    assert notice_needed_after(TODAY - DAY, ELSEWHERE, history(Ending.PAID)) is None


def test_a_doubted_record_asks_for_a_notice_later_than_the_doubt() -> None:
    doubted = History.of(doubted=[DoubtedRecord(since=TODAY - 5 * DAY), DoubtedRecord(since=TODAY - 9 * DAY)])
    assert notice_needed_after(TODAY - 100 * DAY, ELSEWHERE, doubted) == TODAY - 5 * DAY
    assert notice_needed_after(TODAY - 7 * DAY, ELSEWHERE, doubted) == TODAY - 5 * DAY
    assert notice_needed_after(TODAY - 5 * DAY, ELSEWHERE, doubted) is None


def test_a_debt_that_was_due_by_the_closing_keeps_the_first_clock() -> None:
    taken_back = history(Ending.TAKEN_BACK)
    assert first_listed(TODAY, HERE, taken_back) == NOW - 50 * DAY
    assert first_listed(TODAY + DAY, HERE, taken_back) is None
    assert first_listed(TODAY, ELSEWHERE, taken_back) is None


def closing(target: RecordState, action: Action, party: Party) -> RecordTransition:
    return RecordTransition(
        subject_key=b"S" * 16,
        event_id=uuid.UUID(int=3),
        record_id=uuid.UUID(int=1),
        source=RecordState.ACTIVE,
        target=target,
        action=action,
        party=party,
        actor_id="carrier-a",
        reason="reason",
        at=NOW,
        rules_version="2026-01",
        log_entry_id=uuid.UUID(int=3),
    )


@pytest.mark.parametrize(
    ("target", "action", "party", "ending"),
    [
        (RecordState.CLEARED, Action.CLEAR, Party.CREDITOR, Ending.PAID),
        (RecordState.CANCELLED, Action.CLEAR, Party.CREDITOR, Ending.PAID),
        (RecordState.TRANSFERRED, Action.TRANSFER, Party.CREDITOR, Ending.PAID),
        (RecordState.CANCELLED, Action.WITHDRAW, Party.CREDITOR, Ending.TAKEN_BACK),
        (RecordState.CANCELLED, Action.LAPSE, Party.CLOCK, Ending.TAKEN_BACK),
        (RecordState.WITHDRAWN, Action.WITHDRAW, Party.CREDITOR, Ending.TAKEN_BACK),
        (RecordState.WITHDRAWN, Action.WITHDRAW, Party.ADJUDICATOR, Ending.FOUND_WRONG),
        (RecordState.WITHDRAWN, Action.LAPSE, Party.CLOCK, Ending.FOUND_WRONG),
        (RecordState.DISCHARGED, Action.DISCHARGE, Party.REGULATOR, Ending.OVER),
        (RecordState.EXPIRED, Action.EXPIRE, Party.CLOCK, Ending.OVER),
        (RecordState.VOID_IDENTITY_THEFT, Action.VOID, Party.ADJUDICATOR, Ending.VOID),
    ],
)
def test_a_record_ended_as_its_last_edge_says(
    target: RecordState, action: Action, party: Party, ending: Ending
) -> None:
    assert ending_of(a_record(state=target), closing(target, action, party), ()) is ending


def test_a_creditor_that_withdraws_while_a_case_is_open_concedes_it() -> None:
    withdrawn = closing(RecordState.WITHDRAWN, Action.WITHDRAW, Party.CREDITOR)
    record = a_record(state=RecordState.WITHDRAWN)
    conceded = a_dispute(outcome=DisputeOutcome.WITHDRAWN, closed_at=NOW)
    assert ending_of(record, withdrawn, [conceded]) is Ending.FOUND_WRONG
    earlier = a_dispute(outcome=DisputeOutcome.WITHDRAWN, closed_at=NOW - DAY)
    of_another = a_dispute(outcome=DisputeOutcome.WITHDRAWN, closed_at=NOW, record_id=uuid.UUID(int=9))
    assert ending_of(record, withdrawn, [earlier, of_another]) is Ending.TAKEN_BACK
