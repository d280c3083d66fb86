"""The red list: two others approve, for at most a year, and what is over stays over."""

import datetime as dt
import uuid
from typing import Any

import pytest

from protocol.codes import RedListGround
from protocol.states import RedListState
from registry.domain.red_list import (
    Approval,
    ApprovedAlready,
    EntryStateForbids,
    ExpiryOutOfBounds,
    NotIndependent,
    RedListEntry,
    approve,
    check_expiry,
    effective,
    revoke,
    state_on,
)
from tests.support.builders import NOW, TODAY

LAST_DAY = TODAY + dt.timedelta(days=364)
MAX_DAYS = 365


def an_entry(*approvers: str, **changes: Any) -> RedListEntry:
    values: dict[str, Any] = {
        "subject_key": b"S" * 16,
        "entry_id": uuid.UUID(int=1),
        "ground": RedListGround.HOSPITAL,
        "proposed_by": "carrier-a",
        "proposed_at": NOW,
        "expires_on": TODAY + dt.timedelta(days=365),
        "rules_version": "2026-01",
        "approvals": tuple(an_approval(each) for each in approvers),
        "log_entry_id": uuid.UUID(int=1),
    }
    return RedListEntry(**(values | changes))


def an_approval(approver: str) -> Approval:
    return Approval(approver_id=approver, approved_at=NOW, log_entry_id=uuid.UUID(int=2))


def revoked(entry: RedListEntry) -> RedListEntry:
    return revoke(entry, at=NOW, today=TODAY, log_entry_id=uuid.UUID(int=3))


@pytest.mark.parametrize(
    ("entry", "state"),
    [
        (an_entry(), RedListState.PROPOSED),
        (an_entry("operator"), RedListState.PROPOSED),
        (an_entry("operator", "regulator"), RedListState.EFFECTIVE),
        (an_entry("operator", "regulator", expires_on=TODAY), RedListState.EXPIRED),
        (an_entry(expires_on=TODAY), RedListState.EXPIRED),
        (revoked(an_entry("operator", "regulator")), RedListState.REVOKED),
        (revoked(an_entry()), RedListState.REVOKED),
    ],
)
def test_an_entry_holds_once_two_have_approved_and_until_it_is_over(entry: RedListEntry, state: RedListState) -> None:
    assert state_on(entry, TODAY) is state
    assert effective(entry, TODAY) is (state is RedListState.EFFECTIVE)


def test_the_day_of_expiry_is_the_first_on_which_it_no_longer_holds() -> None:
    entry = an_entry("operator", "regulator")
    assert effective(entry, LAST_DAY)
    assert not effective(entry, LAST_DAY + dt.timedelta(days=1))


@pytest.mark.parametrize("days", [1, 365])
def test_an_entry_may_hold_from_a_day_to_a_year(days: int) -> None:
    check_expiry(TODAY + dt.timedelta(days=days), TODAY, MAX_DAYS)


@pytest.mark.parametrize(
    ("days", "code"),
    [(-1, "not-after-today"), (0, "not-after-today"), (366, "too-far-ahead"), (10_000, "too-far-ahead")],
)
def test_an_expiry_out_of_bounds_is_refused(days: int, code: str) -> None:
    with pytest.raises(ExpiryOutOfBounds) as refused:
        check_expiry(TODAY + dt.timedelta(days=days), TODAY, MAX_DAYS)
    assert refused.value.code == code


def test_the_second_approval_makes_it_effective() -> None:
    entry = approve(an_entry("operator"), an_approval("regulator"), TODAY)
    assert [each.approver_id for each in entry.approvals] == ["operator", "regulator"]
    assert effective(entry, TODAY)


def test_who_proposed_does_not_approve() -> None:
    with pytest.raises(NotIndependent):
        approve(an_entry(proposed_by="regulator"), an_approval("regulator"), TODAY)


def test_nobody_is_two_approvers() -> None:
    with pytest.raises(ApprovedAlready):
        approve(an_entry("operator"), an_approval("operator"), TODAY)


@pytest.mark.parametrize(
    ("entry", "state"),
    [
        (an_entry(expires_on=TODAY), RedListState.EXPIRED),
        (revoked(an_entry()), RedListState.REVOKED),
        (an_entry("operator", "regulator"), RedListState.EFFECTIVE),
    ],
)
def test_only_what_is_proposed_can_be_approved(entry: RedListEntry, state: RedListState) -> None:
    with pytest.raises(EntryStateForbids) as refused:
        approve(entry, an_approval("ministry"), TODAY)
    assert refused.value.state is state


@pytest.mark.parametrize("entry", [an_entry(expires_on=TODAY), revoked(an_entry())])
def test_what_is_over_cannot_be_revoked(entry: RedListEntry) -> None:
    with pytest.raises(EntryStateForbids):
        revoked(entry)


def test_a_pseudonym_is_not_shown() -> None:
    assert "SSSS" not in repr(an_entry())
