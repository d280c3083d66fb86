"""What a report means beside what is already there."""

import datetime as dt
import uuid

import pytest

from protocol.codes import NoticeChannel
from protocol.listing import enforceable_from
from protocol.reports import RecordReport
from registry.domain.life import RecordState
from registry.domain.record import Record
from registry.policy.reporting import Effect, apply_update, match_report
from registry.policy.rules import DEFAULT_RULES
from tests.builders import TODAY, a_manifest, a_record, a_report

RULES = DEFAULT_RULES.in_force(TODAY).listing
TERMS = DEFAULT_RULES.in_force(TODAY).confirmation
ENTRY = uuid.UUID(int=8)


def update(record: Record, report: RecordReport, entry: uuid.UUID = ENTRY) -> Record:
    return apply_update(record, report, entry, RULES, today=TODAY, terms=TERMS)


def test_a_first_report_is_new() -> None:
    assert match_report(a_report(), ()).effect is Effect.NEW


def test_the_same_report_again_is_the_same() -> None:
    match = match_report(a_report(), (a_record(),))
    assert (match.effect, match.record) == (Effect.SAME, a_record())


def test_a_changed_amount_is_a_change() -> None:
    assert match_report(a_report(principal_fen=130_00), (a_record(),)).effect is Effect.CHANGED


def test_other_evidence_is_a_change_and_none_leaves_it_as_it_is() -> None:
    manifest = a_manifest()
    shown = update(a_record(), a_report(evidence=manifest))
    assert shown.evidence_digest == manifest.digest
    assert match_report(a_report(evidence=manifest), (shown,)).effect is Effect.SAME
    assert match_report(a_report(), (shown,)).effect is Effect.SAME
    assert match_report(a_report(evidence=a_manifest(contract=b"c" * 32)), (shown,)).effect is Effect.CHANGED
    assert update(shown, a_report(costs_fen=1)).evidence_digest == manifest.digest


def test_changed_costs_are_a_change() -> None:
    assert match_report(a_report(costs_fen=50_00), (a_record(),)).effect is Effect.CHANGED
    assert match_report(a_report(costs_fen=50_00), (a_record(costs_fen=50_00),)).effect is Effect.SAME


@pytest.mark.parametrize("state", [RecordState.CLEARED, RecordState.WITHDRAWN, RecordState.CANCELLED])
def test_a_debt_that_was_closed_is_not_listed_again_by_an_old_export(state: RecordState) -> None:
    closed = a_record(state=state)
    assert match_report(a_report(principal_fen=999_00), (closed,)).effect is Effect.SAME


def test_a_debt_with_another_due_date_on_a_closed_account_is_new() -> None:
    later = a_report(due_date=TODAY - dt.timedelta(days=100), notice_date=TODAY - dt.timedelta(days=60))
    assert match_report(later, (a_record(state=RecordState.CLEARED),)).effect is Effect.NEW


def test_the_open_record_is_found_behind_closed_ones() -> None:
    closed = a_record(state=RecordState.CLEARED, record_id=uuid.UUID(int=5))
    assert match_report(a_report(), (closed, a_record())).record == a_record()


def test_an_old_export_does_not_change_the_debt_that_became_due_since() -> None:
    paid = a_record(state=RecordState.CLEARED, record_id=uuid.UUID(int=5))
    since = a_record(due_date=TODAY - dt.timedelta(days=100), notice_date=TODAY - dt.timedelta(days=60))
    match = match_report(a_report(), (paid, since))
    assert (match.effect, match.record) == (Effect.SAME, paid)


def test_a_corrected_due_date_is_a_change_of_the_open_record() -> None:
    corrected = a_report(due_date=TODAY - dt.timedelta(days=190))
    match = match_report(corrected, (a_record(),))
    assert (match.effect, match.record) == (Effect.CHANGED, a_record())


def test_an_update_takes_the_new_figures_and_the_next_version() -> None:
    entry = uuid.UUID(int=8)
    changed = update(
        a_record(), a_report(principal_fen=150_00, notice_channel=NoticeChannel.VISIT, costs_fen=9_00), entry
    )
    assert (changed.principal_fen, changed.notice_channel, changed.costs_fen) == (150_00, NoticeChannel.VISIT, 9_00)
    assert (changed.version, changed.log_entry_id, changed.state) == (3, entry, RecordState.ACTIVE)


def test_a_later_notice_restarts_the_lead_time_of_a_pending_record_only() -> None:
    later = TODAY - dt.timedelta(days=3)
    report = a_report(notice_date=later)
    pending = update(a_record(state=RecordState.PENDING), report)
    assert pending.enforceable_from == pending.clock_on == enforceable_from(later, RULES)
    assert pending.confirmed_on == TODAY
    active = update(a_record(), report)
    assert active.enforceable_from == a_record().enforceable_from


@pytest.mark.parametrize("state", [RecordState.PENDING, RecordState.ACTIVE])
def test_an_update_sent_twice_is_the_same_the_second_time(state: RecordState) -> None:
    report = a_report(principal_fen=150_00, notice_date=TODAY - dt.timedelta(days=3))
    once = update(a_record(state=state), report)
    assert match_report(report, (once,)).effect is Effect.SAME


def test_a_report_without_a_notice_updates_nothing() -> None:
    with pytest.raises(ValueError, match="notice"):
        update(a_record(), a_report(notice_date=None))


def test_a_debt_that_the_archive_knows_is_not_listed_again() -> None:
    assert match_report(a_report(), (), archived=True).effect is Effect.ARCHIVED
    since = a_record(due_date=TODAY - dt.timedelta(days=100), notice_date=TODAY - dt.timedelta(days=60))
    match = match_report(a_report(), (since,), archived=True)
    assert (match.effect, match.record) == (Effect.ARCHIVED, None)


def test_a_debt_that_the_archive_knows_and_that_is_open_again_takes_the_new_figures() -> None:
    match = match_report(a_report(principal_fen=130_00), (a_record(),), archived=True)
    assert (match.effect, match.record) == (Effect.CHANGED, a_record())
