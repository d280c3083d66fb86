"""Rows are judged beside their account and their person."""

import datetime as dt
import uuid
from typing import Any

import pytest

from protocol.codes import Category, Verdict
from protocol.messages.records import RecordReport, RefusedRow
from protocol.states import RecordState
from registry.domain.endings import DoubtedRecord, Ending, FormerRecord, account_digest, bars_due_by
from registry.domain.households import NO_HOMES, HomesGiven
from registry.domain.records import Record
from registry.domain.retention import debt_digest
from registry.policy.relisting import History
from registry.policy.reporting import (
    MAX_RECORDS,
    Effect,
    Judgement,
    Misdirected,
    OnAccount,
    Yardstick,
    first_listed_of,
    held_back,
    judge_refused,
    judge_report,
    repeated_rows,
)
from registry.policy.rules import DEFAULT_RULES
from tests.support.builders import NOW, TODAY, a_record, a_report, account

DAY = dt.timedelta(days=1)
BY = Yardstick(rules=DEFAULT_RULES.in_force(TODAY), today=TODAY)
WANG, LI = b"S" * 16, b"L" * 16
REPORTED = TODAY - 40 * DAY
TAKING_OUT = (
    ({"principal_fen": 0}, Verdict.REJ_INVALID_AMOUNT),
    ({"category": Category.OPEN_DISPUTE}, Verdict.REJ_OPEN_DISPUTE),
    ({"category": Category.CARRIER_CAUSED}, Verdict.REJ_CARRIER_CAUSED),
    ({"category": Category.STOLEN_IDENTITY}, Verdict.REJ_STOLEN_IDENTITY),
    ({"category": Category.SP_FEE}, Verdict.REJ_SP_FEE),
    ({"debtor_of_age": False}, Verdict.REJ_MINOR),
)


def listed(**changes: Any) -> Record:
    return a_record(**{"received_at": NOW - 40 * DAY, "figures_on": REPORTED, **changes})


def beside(record: Record | None = None, *, person: bytes | None = WANG, **changes: Any) -> OnAccount:
    values: dict[str, Any] = {
        "creditor_id": "carrier-a",
        "subject_key": person,
        "refs": frozenset({account("A1")}),
        "record": record,
        "history": History(),
        "homes": NO_HOMES,
        "held": 0 if record is None else 1,
        "misdirected": None,
    }
    return OnAccount(**(values | changes))


def refused(**changes: Any) -> RefusedRow:
    values: dict[str, Any] = {
        "row_id": "1",
        "account_ref": account("A1"),
        "code": Verdict.REJ_MINOR,
        "withdraws": True,
        "due_date": TODAY - 200 * DAY,
    }
    return RefusedRow(**(values | changes))


def closed(ending: Ending, *, ref: bytes | None = None, record: Record | None = None) -> History:
    due = TODAY - 200 * DAY
    former = FormerRecord(
        account_digest=account_digest("carrier-a", account("A1") if ref is None else ref),
        ending=ending,
        bars_due_by=bars_due_by(ending, due, TODAY - 10 * DAY, 90),
        listed_at=NOW - 50 * DAY,
        closed_on=TODAY - 10 * DAY,
        record=record,
    )
    return History.of(former=[former])


def test_a_first_report_is_listed_under_a_clock_of_its_own() -> None:
    assert judge_report(a_report(), beside(), BY) == Judgement(effect=Effect.LIST)


def test_a_debt_that_fails_a_rule_is_rejected() -> None:
    assert judge_report(a_report(principal_fen=1), beside(), BY) == Judgement(
        effect=Effect.REJECT, code=Verdict.REJ_BELOW_MINIMUM
    )


def test_another_home_is_a_change_and_an_unreadable_one_is_none() -> None:
    record = listed(address_key=b"a" * 16)
    assert judge_report(a_report(), beside(record), BY).effect is Effect.REPEAT
    moved = judge_report(a_report(), beside(record, homes=HomesGiven(address_key=b"b" * 16)), BY)
    assert moved.effect is Effect.UPDATE
    assert moved.taken is not None
    assert moved.taken.record.address_key == b"b" * 16


def test_a_debt_of_more_than_three_years_is_not_listed_but_one_that_is_listed_goes_on() -> None:
    old = a_report(due_date=TODAY - 1_096 * DAY)
    assert judge_report(old, beside(), BY).code is Verdict.REJ_TIME_BARRED
    record = listed(due_date=old.due_date, received_at=NOW - 300 * DAY)
    assert judge_report(old, beside(record), BY).effect is Effect.REPEAT
    assert judge_report(a_report(due_date=dt.date(1900, 1, 1)), beside(record), BY).code is Verdict.REJ_TIME_BARRED


def test_the_same_report_again_is_the_same() -> None:
    judged = judge_report(a_report(), beside(listed()), BY)
    assert (judged.effect, judged.record) == (Effect.REPEAT, listed())


@pytest.mark.parametrize(("said", "code"), TAKING_OUT)
@pytest.mark.parametrize("state", [RecordState.PENDING, RecordState.ACTIVE, RecordState.DISPUTED])
def test_a_row_that_speaks_against_the_open_record_takes_it_out(
    said: dict[str, Any], code: Verdict, state: RecordState
) -> None:
    record = listed(state=state)
    judged = judge_report(a_report(**said), beside(record), BY)
    assert judged == Judgement(effect=Effect.TAKE_OUT, code=code, record=record)
    assert judged.takes_out


@pytest.mark.parametrize(("said", "code"), TAKING_OUT)
def test_the_same_words_about_no_record_are_rejected(said: dict[str, Any], code: Verdict) -> None:
    assert judge_report(a_report(**said), beside(), BY) == Judgement(effect=Effect.REJECT, code=code)


def test_a_principal_below_the_minimum_is_a_lower_figure_of_an_open_record() -> None:
    judged = judge_report(a_report(principal_fen=1_00), beside(listed()), BY)
    assert judged.effect is Effect.UPDATE
    assert judged.taken is not None
    assert judged.taken.record.principal_fen == 1_00


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"due_date": TODAY - 10 * DAY, "notice_date": TODAY}, Verdict.REJ_TOO_RECENT),
        ({"notice_date": None}, Verdict.REJ_NO_NOTICE),
        ({"notice_date": TODAY + DAY}, Verdict.REJ_INVALID_DATE),
        ({"notice_date": TODAY - 200 * DAY}, Verdict.REJ_INVALID_DATE),
    ],
)
def test_a_row_that_cannot_be_judged_changes_nothing_and_names_the_record(said: dict[str, Any], code: Verdict) -> None:
    assert judge_report(a_report(**said), beside(listed()), BY) == Judgement(
        effect=Effect.REJECT, code=code, record=listed()
    )


def test_a_row_about_another_person_and_an_older_debt_is_a_correction() -> None:
    later_notice = a_report(notice_date=REPORTED + DAY)
    judged = judge_report(later_notice, beside(listed(), person=LI), BY)
    assert judged == Judgement(effect=Effect.LIST, wrong_subject=listed())
    assert judged.takes_out


def test_the_notice_that_went_to_the_wrong_person_lists_nobody() -> None:
    judged = judge_report(a_report(notice_date=REPORTED), beside(listed(), person=LI), BY)
    assert judged == Judgement(effect=Effect.REJECT, code=Verdict.REJ_NO_NOTICE, wrong_subject=listed())


def test_it_still_lists_nobody_when_the_row_comes_again() -> None:
    wrong = Misdirected(due_until=REPORTED, until=REPORTED)
    again = beside(person=LI, misdirected=wrong)
    assert judge_report(a_report(notice_date=REPORTED), again, BY).code is Verdict.REJ_NO_NOTICE
    assert judge_report(a_report(notice_date=REPORTED + DAY), again, BY).effect is Effect.LIST


def test_a_number_that_somebody_else_has_now_stays_in_use() -> None:
    record = listed(received_at=NOW - 150 * DAY, figures_on=TODAY - 150 * DAY, due_date=TODAY - 300 * DAY)
    later = a_report(due_date=TODAY - 149 * DAY, notice_date=TODAY - DAY)
    assert judge_report(later, beside(record, person=LI), BY) == Judgement(
        effect=Effect.REJECT, code=Verdict.REJ_ACCOUNT_IN_USE, record=record
    )


def test_another_persons_row_with_dates_that_cannot_be_changes_nothing() -> None:
    judged = judge_report(a_report(notice_date=TODAY + DAY), beside(listed(), person=LI), BY)
    assert judged == Judgement(effect=Effect.REJECT, code=Verdict.REJ_INVALID_DATE, record=listed())


@pytest.mark.parametrize("ending", [Ending.PAID, Ending.FOUND_WRONG, Ending.OVER, Ending.VOID])
def test_a_closed_debt_is_not_listed_again_by_an_old_export(ending: Ending) -> None:
    old = a_record(state=RecordState.CLEARED)
    judged = judge_report(a_report(notice_date=TODAY), beside(history=closed(ending, record=old)), BY)
    assert judged == Judgement(effect=Effect.REPEAT, record=old)


def test_an_old_export_does_not_change_the_debt_that_became_due_since() -> None:
    since = listed(due_date=TODAY - 100 * DAY, notice_date=TODAY - 60 * DAY)
    old = a_record(state=RecordState.CLEARED)
    for words in ({}, {"category": Category.OPEN_DISPUTE}, {"principal_fen": 0}):
        judged = judge_report(a_report(**words), beside(since, history=closed(Ending.PAID, record=old)), BY)
        assert judged == Judgement(effect=Effect.REPEAT, record=old)


def test_what_was_taken_back_comes_again_on_a_later_notice_and_under_its_old_clock() -> None:
    history = closed(Ending.TAKEN_BACK)
    assert judge_report(a_report(notice_date=TODAY - 10 * DAY), beside(history=history), BY) == Judgement(
        effect=Effect.REJECT, code=Verdict.REJ_NO_NOTICE
    )
    assert judge_report(a_report(notice_date=TODAY - 9 * DAY), beside(history=history), BY) == Judgement(
        effect=Effect.LIST, listed_at=NOW - 50 * DAY
    )


def test_another_account_needs_a_later_notice_while_one_is_doubted() -> None:
    doubted = History.of(doubted=[DoubtedRecord(since=TODAY - 5 * DAY)])
    assert judge_report(a_report(), beside(history=doubted), BY).code is Verdict.REJ_NO_NOTICE
    assert judge_report(a_report(notice_date=TODAY), beside(history=doubted), BY).effect is Effect.LIST


def test_another_account_is_listed_as_ever_after_a_payment() -> None:
    assert judge_report(a_report(), beside(history=closed(Ending.PAID, ref=b"o" * 32)), BY).effect is Effect.LIST


def test_a_tombstone_of_a_former_release_is_known_by_its_debt() -> None:
    due = a_report().due_date
    history = History.of(old_debts=frozenset({debt_digest("carrier-a", account("A1"), due)}))
    assert judge_report(a_report(), beside(history=history), BY) == Judgement(effect=Effect.REPEAT)
    assert judge_report(a_report(due_date=due + DAY), beside(history=history), BY).effect is Effect.LIST


def test_a_tombstone_is_known_by_each_reference_that_the_account_ever_had() -> None:
    history = History.of(old_debts=frozenset({debt_digest("carrier-a", account("A0"), a_report().due_date)}))
    renumbered = beside(refs=frozenset({account("A0"), account("A1")}), history=history)
    assert judge_report(a_report(), renumbered, BY).effect is Effect.REPEAT
    assert judge_report(a_report(), beside(history=history), BY).effect is Effect.LIST


def test_an_open_record_is_judged_although_a_debt_of_its_due_date_was_closed_before() -> None:
    paid_before = closed(Ending.PAID, record=a_record(state=RecordState.CLEARED))
    for row, effect in ((a_report(), Effect.REPEAT), (a_report(principal_fen=0), Effect.TAKE_OUT)):
        judged = judge_report(row, beside(listed(), history=paid_before), BY)
        assert (judged.effect, judged.record) == (effect, listed())
    assert judge_refused(refused(), beside(listed(), history=paid_before)).effect is Effect.TAKE_OUT


def test_the_first_of_several_records_is_the_one_that_was_received_first() -> None:
    later = listed(record_id=uuid.UUID(int=1), received_at=NOW - 39 * DAY)
    first, twin = (listed(record_id=uuid.UUID(int=number)) for number in (2, 3))
    assert first_listed_of([later, twin, first]) == first
    assert first_listed_of([]) is None


def test_a_creditor_has_so_many_records_of_one_person_and_no_more() -> None:
    assert MAX_RECORDS == 20_000
    assert judge_report(a_report(), beside(held=MAX_RECORDS - 1), BY).effect is Effect.LIST
    full = judge_report(a_report(), beside(held=MAX_RECORDS), BY)
    assert full == Judgement(effect=Effect.REJECT, code=Verdict.REJ_TOO_MANY_RECORDS)


def test_a_refused_row_about_no_record_is_not_even_noted() -> None:
    assert judge_refused(refused(), beside(person=None)) == Judgement(effect=Effect.IGNORE, code=Verdict.REJ_MINOR)


def test_a_refused_row_that_speaks_against_the_record_takes_it_out() -> None:
    judged = judge_refused(refused(), beside(listed(), person=None))
    assert judged == Judgement(effect=Effect.TAKE_OUT, code=Verdict.REJ_MINOR, record=listed())


@pytest.mark.parametrize("due_date", [TODAY - 300 * DAY, REPORTED - DAY, REPORTED])
def test_a_refused_row_about_a_debt_of_another_day_takes_out_what_was_listed_since(due_date: dt.date) -> None:
    judged = judge_refused(refused(due_date=due_date), beside(listed(), person=None))
    assert judged == Judgement(effect=Effect.TAKE_OUT, code=Verdict.REJ_MINOR, record=listed())


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (refused(due_date=None), Verdict.REJ_MINOR),
        (refused(due_date=REPORTED + DAY), Verdict.REJ_ACCOUNT_IN_USE),
        (refused(code=Verdict.REJ_INVALID_DOCUMENT, withdraws=False), Verdict.REJ_INVALID_DOCUMENT),
    ],
)
def test_a_refused_row_that_says_less_changes_nothing_and_names_the_record(row: RefusedRow, code: Verdict) -> None:
    assert judge_refused(row, beside(listed(), person=None)) == Judgement(
        effect=Effect.REJECT, code=code, record=listed()
    )


def test_a_refused_row_about_the_debt_that_was_closed_leaves_the_later_one_alone() -> None:
    since = listed(due_date=TODAY - 100 * DAY, notice_date=TODAY - 60 * DAY)
    judged = judge_refused(refused(), beside(since, person=None, history=closed(Ending.PAID)))
    assert judged == Judgement(effect=Effect.REJECT, code=Verdict.REJ_MINOR, record=since)


@pytest.mark.parametrize("code", [Verdict.ACTIVE, Verdict.WITHDRAWN, Verdict.REJ_NO_NOTICE])
def test_a_row_is_not_refused_with_a_code_that_speaks_against_nothing(code: Verdict) -> None:
    with pytest.raises(ValueError, match="refused"):
        refused(code=code)


def test_a_row_beyond_the_days_bound_is_held_and_names_the_record_it_would_take_out() -> None:
    correction = Judgement(effect=Effect.LIST, wrong_subject=listed())
    for each in (correction, Judgement(effect=Effect.TAKE_OUT, code=Verdict.REJ_MINOR, record=listed())):
        assert held_back(each) == Judgement(effect=Effect.REJECT, code=Verdict.REJ_WITHDRAWAL_HELD, record=listed())


def test_an_account_that_comes_again_with_other_figures_is_a_repeated_row() -> None:
    first = a_report()
    again = a_report(row_id="2", former_account_ref=b"f" * 32)
    other = a_report(row_id="3", principal_fen=121_00)
    rows: list[RecordReport | RefusedRow] = [
        first,
        again,
        other,
        a_report(number="A2"),
        refused(row_id="5"),
        a_report(row_id="6"),
    ]
    assert repeated_rows(rows) == {2, 4}
