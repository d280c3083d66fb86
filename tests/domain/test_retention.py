"""How long anything is kept, to the day."""

import datetime as dt
import hashlib
import uuid

import pytest

from protocol.messages.rules import RetentionTerms
from protocol.states import CLOSED_STATES, RecordState
from protocol.years import years_on
from registry.domain.endings import account_digest
from registry.domain.life import EdgeNotAllowed
from registry.domain.retention import (
    EXPIRING_STATES,
    SealedRecord,
    debt_digest,
    expires_on,
    first_month_kept,
    is_expiry_due,
    is_purge_due,
    is_seal_due,
    last_expired_listing,
    months_from,
    purged,
    purges_on,
)
from registry.policy.rules import DEFAULT_RULES
from tests.support.builders import NOW, TODAY

TERMS = RetentionTerms(
    record_years=5, seal_days=200, closed_days=730, inquiry_months=24, event_days=400, answer_days=35
)
DAY = dt.timedelta(days=1)


def date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def a_sealed(**changes: object) -> SealedRecord:
    values: dict[str, object] = {
        "subject_key": b"S" * 16,
        "record_id": uuid.UUID(int=1),
        "creditor_id": "carrier-a",
        "debt_digest": b"D" * 32,
        "state": RecordState.CLEARED,
        "listed_on": TODAY,
        "closed_at": NOW,
        "sealed_at": NOW,
        "purge_on": TODAY,
        "suite": "AES-256-GCM",
        "kek_epoch": 1,
        "wrapped_key": b"w" * 40,
        "ciphertext": b"c",
        "log_entry_id": uuid.UUID(int=2),
    }
    return SealedRecord(**(values | changes))  # type: ignore[arg-type]


def test_a_record_is_over_five_years_after_its_listing() -> None:
    assert expires_on(date("2026-11-21"), TERMS) == date("2031-11-21")


def test_who_was_listed_on_29_february_is_free_a_day_earlier_and_not_later() -> None:
    assert expires_on(date("2028-02-29"), TERMS) == date("2033-02-28")
    assert years_on(date("2028-02-29"), 4) == date("2032-02-29")


def test_the_latest_expired_listing_agrees_with_the_expiry_of_each_day() -> None:
    for distance in range(4 * 366):
        today = date("2031-01-01") + distance * DAY
        last = last_expired_listing(today, TERMS)
        assert expires_on(last, TERMS) <= today < expires_on(last + DAY, TERMS)


def test_a_closed_record_is_purged_two_years_later_and_never_beyond_the_cap() -> None:
    assert purges_on(date("2026-01-01"), date("2026-06-01"), TERMS) == date("2028-05-31")
    assert purges_on(date("2026-01-01"), date("2030-06-01"), TERMS) == date("2031-01-01")


@pytest.mark.parametrize(
    ("closed_on", "due"),
    [("2026-05-06", False), ("2026-05-05", True)],
)
def test_a_closed_record_is_sealed_on_the_two_hundredth_day(closed_on: str, *, due: bool) -> None:
    assert is_seal_due(RecordState.CLEARED, date("2026-01-01"), date(closed_on), TODAY, TERMS) is due


def test_a_record_that_is_due_for_the_purge_is_sealed_at_once() -> None:
    assert is_seal_due(RecordState.EXPIRED, years_on(TODAY, -5), TODAY, TODAY, TERMS)


def test_an_open_record_is_never_sealed() -> None:
    assert not is_seal_due(RecordState.ACTIVE, date("2016-01-01"), date("2016-01-01"), TODAY, TERMS)


def test_every_open_state_but_the_lead_time_ends_with_its_years() -> None:
    assert {state.value for state in RecordState if is_expiry_due(state, years_on(TODAY, -5), TODAY, TERMS)} == {
        "ACTIVE",
        "DISPUTED",
        "SUSPENDED",
        "ARRANGED",
        "FROZEN",
    }
    assert not is_expiry_due(RecordState.ACTIVE, years_on(TODAY, -5) + DAY, TODAY, TERMS)
    assert not EXPIRING_STATES & CLOSED_STATES


@pytest.mark.parametrize("state", sorted(CLOSED_STATES))
def test_a_purge_leaves_a_tombstone_without_key_and_content(state: RecordState) -> None:
    tombstone = purged(a_sealed(state=state), at=NOW, log_entry_id=uuid.UUID(int=3))
    assert (tombstone.state, tombstone.wrapped_key, tombstone.ciphertext) == (RecordState.PURGED, None, None)
    assert (tombstone.debt_digest, tombstone.purged_at) == (b"D" * 32, NOW)


def test_what_is_purged_is_not_purged_again() -> None:
    tombstone = purged(a_sealed(), at=NOW, log_entry_id=uuid.UUID(int=3))
    assert is_purge_due(a_sealed(), TODAY)
    assert not is_purge_due(a_sealed(), TODAY - DAY)
    assert not is_purge_due(tombstone, TODAY)
    with pytest.raises(EdgeNotAllowed):
        purged(tombstone, at=NOW, log_entry_id=uuid.UUID(int=4))


def test_months_are_counted_over_the_turn_of_the_year() -> None:
    assert first_month_kept(date("2026-11-21"), 24) == 202411
    assert first_month_kept(date("2026-01-31"), 1) == 202512
    assert months_from(date("2026-11-21"), 3) == (202611, 202612, 202701)


def test_sealed_records_know_account_and_debt_by_digests_that_no_release_may_change() -> None:
    creditor = b"\x00\x09carrier-a" + b"a" * 32
    assert account_digest("carrier-a", b"a" * 32) == hashlib.sha256(b"clearline/account/v1\n" + creditor).digest()
    debt = b"clearline/debt/v1\n" + creditor + b"2026-03-09"
    assert debt_digest("carrier-a", b"a" * 32, dt.date(2026, 3, 9)) == hashlib.sha256(debt).digest()


def test_a_debt_is_known_by_creditor_account_and_due_date() -> None:
    one = debt_digest("carrier-a", b"a" * 32, TODAY)
    assert len(one) == 32
    others = {
        debt_digest("carrier-b", b"a" * 32, TODAY),
        debt_digest("carrier-a", b"b" * 32, TODAY),
        debt_digest("carrier-a", b"a" * 32, TODAY + DAY),
    }
    assert len(others | {one}) == 4


def test_the_founding_rules_seal_after_the_last_reversal() -> None:
    for rules in DEFAULT_RULES.versions:
        assert rules.reversal_max_days < rules.retention.seal_days <= rules.retention.closed_days
