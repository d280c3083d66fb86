"""A report changes an open record as far as its notice allows."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.codes import NoticeChannel
from protocol.listing import enforceable_from
from protocol.messages.records import RecordReport
from protocol.states import OPEN_STATES, RecordState
from registry.domain.records import Record
from registry.policy.figures import Taken, take
from registry.policy.rules import DEFAULT_RULES
from tests.support.builders import TODAY, a_manifest, a_record, a_report

RULES = DEFAULT_RULES.in_force(TODAY).listing
REPORTED = TODAY - dt.timedelta(days=40)
"""The day on which the record's figures were set."""
LATER = TODAY - dt.timedelta(days=3)
NEVER_RISE = sorted(OPEN_STATES - {RecordState.PENDING, RecordState.ACTIVE})


def listed(**changes: object) -> Record:
    return a_record(**{"figures_on": REPORTED, **changes})


def taken(record: Record, report: RecordReport) -> Taken:
    return take(record, report, RULES, today=TODAY)


def test_the_same_report_again_leaves_the_record_as_it_is() -> None:
    assert taken(listed(), a_report()) == Taken(record=listed(), figures_stand=False)


def test_other_evidence_is_a_change_and_none_leaves_it_as_it_is() -> None:
    manifest = a_manifest()
    shown = taken(listed(), a_report(evidence=manifest)).record
    assert shown.evidence_digest == manifest.digest
    assert taken(shown, a_report()).record == shown
    assert taken(shown, a_report(evidence=a_manifest(contract=b"c" * 32))).record != shown


def test_a_lower_figure_counts_at_once() -> None:
    lower = taken(listed(costs_fen=9_00), a_report(principal_fen=50_00, costs_fen=1_00))
    assert (lower.record.principal_fen, lower.record.costs_fen, lower.figures_stand) == (50_00, 1_00, False)
    assert lower.record.figures_on == TODAY


@pytest.mark.parametrize("state", [RecordState.PENDING, RecordState.ACTIVE])
@pytest.mark.parametrize("dearer", [{"principal_fen": 121_00}, {"costs_fen": 1}])
def test_a_figure_rises_on_a_later_notice_only(state: RecordState, dearer: dict[str, Any]) -> None:
    record = listed(state=state)
    stands = taken(record, a_report(notice_date=REPORTED, **dearer))
    assert (stands.record.principal_fen, stands.record.costs_fen, stands.figures_stand) == (120_00, 0, True)
    rises = taken(record, a_report(notice_date=LATER, **dearer))
    assert (rises.record.principal_fen, rises.record.costs_fen) != (120_00, 0)
    assert (rises.figures_stand, rises.record.figures_on) == (False, TODAY)


@pytest.mark.parametrize("state", NEVER_RISE)
@pytest.mark.parametrize("dearer", [{"principal_fen": 121_00}, {"costs_fen": 1}])
def test_no_figure_rises_under_a_case_a_plan_or_an_order(state: RecordState, dearer: dict[str, Any]) -> None:
    stands = taken(listed(state=state), a_report(notice_date=LATER, **dearer))
    assert (stands.record.principal_fen, stands.record.costs_fen, stands.figures_stand) == (120_00, 0, True)


def test_an_earlier_due_date_and_a_later_end_of_the_service_make_the_fee_dearer_and_need_a_notice_too() -> None:
    ended = listed(ended_on=TODAY - dt.timedelta(days=100))
    earlier = a_report(due_date=TODAY - dt.timedelta(days=210), ended_on=ended.ended_on)
    assert taken(ended, earlier).record.due_date == ended.due_date
    assert taken(ended, earlier).figures_stand
    for later_end in (None, TODAY - dt.timedelta(days=50)):
        stands = taken(ended, a_report(ended_on=later_end))
        assert (stands.record.ended_on, stands.figures_stand) == (ended.ended_on, True)
    noticed = taken(ended, a_report(notice_date=LATER))
    assert (noticed.record.ended_on, noticed.figures_stand) == (None, False)


def test_a_later_due_date_and_an_earlier_end_of_the_service_count_at_once() -> None:
    cheaper = a_report(due_date=TODAY - dt.timedelta(days=190), ended_on=TODAY - dt.timedelta(days=120))
    done = taken(listed(), cheaper)
    assert (done.record.due_date, done.record.ended_on, done.figures_stand) == (
        cheaper.due_date,
        cheaper.ended_on,
        False,
    )


def test_a_payment_that_was_told_and_is_taken_off_the_export_too_counts_once() -> None:
    paid = listed(principal_fen=300_00, paid_fen=100_00)
    exported = taken(paid, a_report(principal_fen=200_00))
    assert (exported.record.principal_fen, exported.record.paid_fen) == (200_00, 0)
    stale = taken(paid, a_report(principal_fen=300_00))
    assert (stale.record.principal_fen, stale.record.paid_fen) == (300_00, 100_00)


@given(
    principal=st.integers(1, 10**10),
    costs=st.integers(0, 10**10),
    paid=st.integers(0, 10**10),
    new_principal=st.integers(1, 10**10),
    new_costs=st.integers(0, 10**10),
    state=st.sampled_from(sorted(OPEN_STATES)),
)
def test_without_a_later_notice_nobody_owes_more_than_before(
    *, principal: int, costs: int, paid: int, new_principal: int, new_costs: int, state: RecordState
) -> None:
    record = listed(principal_fen=principal, costs_fen=costs, paid_fen=paid, state=state)
    done = taken(record, a_report(principal_fen=new_principal, costs_fen=new_costs)).record
    assert done.principal_fen <= principal
    assert done.costs_fen <= costs
    assert 0 <= done.paid_fen <= paid
    before, after = principal + costs - paid, done.principal_fen + done.costs_fen - done.paid_fen
    assert max(0, after) <= max(0, before)


def test_a_later_notice_restarts_the_lead_time_of_a_pending_record_only() -> None:
    report = a_report(notice_date=LATER, notice_channel=NoticeChannel.VISIT)
    assert taken(listed(state=RecordState.PENDING), report).record.enforceable_from == enforceable_from(LATER, RULES)
    active = taken(listed(), report).record
    assert (active.enforceable_from, active.notice_channel) == (listed().enforceable_from, NoticeChannel.VISIT)


def test_a_report_without_a_notice_changes_nothing() -> None:
    with pytest.raises(ValueError, match="notice"):
        taken(listed(), a_report(notice_date=None))
