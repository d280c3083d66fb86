"""A record remembers the day on which its debt ended, as late as it is told, and forgets it when the debt is back."""

import datetime as dt
import uuid
from typing import Any

from protocol.codes import SettlementKind
from protocol.grading import CreditDebt
from protocol.states import RecordState
from registry.domain.credit import arranged, credit_debts, owed_anew, plan_broken, settled
from registry.domain.settlements import Settlement
from tests.support.builders import NOW, TODAY, a_record

DAY = dt.timedelta(days=1)


def test_a_debt_ended_on_the_day_of_its_payment() -> None:
    assert settled(a_record(), TODAY).settled_on == TODAY


def test_a_debt_under_a_plan_ended_with_the_agreement_or_with_a_payment_from_before_it() -> None:
    agreed = arranged(a_record(), TODAY)
    assert agreed.settled_on == TODAY
    assert settled(agreed, TODAY + 90 * DAY) == agreed
    assert settled(agreed, TODAY - DAY).settled_on == TODAY - DAY


def test_a_broken_plan_is_counted_and_its_debt_has_no_end() -> None:
    twice = plan_broken(
        arranged(plan_broken(arranged(a_record(), TODAY), TODAY + DAY), TODAY + 2 * DAY), TODAY + 9 * DAY
    )
    assert (twice.settled_on, twice.plan_breaks, twice.last_break_on) == (None, 2, TODAY + 9 * DAY)
    assert settled(twice, TODAY + 10 * DAY).settled_on == TODAY + 10 * DAY


def test_a_payment_that_came_undone_leaves_no_end_and_takes_no_break_back() -> None:
    record = owed_anew(settled(plan_broken(a_record(), TODAY), TODAY + DAY))
    assert (record.settled_on, record.plan_breaks, record.last_break_on) == (None, 1, TODAY)


def test_nothing_is_kept_of_a_debt_that_was_settled_within_the_lead_time() -> None:
    assert settled(a_record(state=RecordState.PENDING), TODAY).settled_on is None


def test_a_payment_is_of_the_day_in_beijing_that_its_receiver_signed_and_of_none_to_come() -> None:
    def paid(settled_at: dt.datetime) -> Settlement:
        return Settlement(
            subject_key=b"S" * 16,
            settlement_id=uuid.UUID(int=5),
            record_id=uuid.UUID(int=1),
            creditor_id="carrier-a",
            kind=SettlementKind.FULL,
            amount_fen=120_00,
            settled_at=settled_at,
            received_at=NOW,
            statement="a.b.c",
            log_entry_id=uuid.UUID(int=5),
        )

    late_in_the_day = NOW.replace(hour=16)
    assert paid(late_in_the_day - 3 * DAY).settled_on == TODAY - 2 * DAY
    assert paid(late_in_the_day).settled_on == TODAY


def test_a_debt_weighs_while_it_blocks_under_a_plan_and_when_it_is_paid_and_in_no_other_state() -> None:
    long_ago = NOW - 1_000 * DAY
    weighing = {
        state
        for state in RecordState
        if credit_debts([a_record(state=state, received_at=long_ago)], over_before=long_ago)
    }
    assert weighing == {RecordState.ACTIVE, RecordState.ARRANGED, RecordState.CLEARED}


def test_a_debt_of_too_long_ago_weighs_no_more_before_anybody_wrote_its_end() -> None:
    old = a_record(state=RecordState.ARRANGED, received_at=NOW - dt.timedelta(microseconds=1))
    assert credit_debts([old], over_before=NOW) == ()


def test_a_debt_blocked_from_the_later_of_its_listing_and_the_end_of_its_lead_time() -> None:
    told: dict[str, Any] = {
        "creditor_id": "carrier-b",
        "settled_on": TODAY,
        "plan_breaks": 2,
        "last_break_on": TODAY - DAY,
    }
    waited = a_record(**told, enforceable_from=TODAY - 3 * DAY, received_at=NOW - 9 * DAY)
    told_late = a_record(**told, enforceable_from=TODAY - 9 * DAY, received_at=NOW.replace(hour=16) - 4 * DAY)
    expected = CreditDebt(state=RecordState.ACTIVE, blocking_from=TODAY - 3 * DAY, **told)
    assert credit_debts([waited, told_late], over_before=NOW - 99 * DAY) == (expected, expected)
