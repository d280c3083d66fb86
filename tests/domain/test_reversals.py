"""A payment that came undone: bounded in time, never for a waiver, by two people."""

import datetime as dt
import uuid
from typing import Any

import pytest

from protocol.codes import ReversalReason, SettlementKind
from protocol.states import ClearanceState
from registry.domain.reversals import (
    ConfirmedAlready,
    Irreversible,
    NotReversible,
    Reversal,
    SamePerson,
    check_reversible,
    confirm,
    unpaid,
    untrue_now,
)
from registry.domain.settlements import Clearance, Settlement
from tests.support.builders import NOW, a_record


def a_settlement(**changes: Any) -> Settlement:
    values: dict[str, Any] = {
        "subject_key": b"S" * 16,
        "settlement_id": uuid.UUID(int=5),
        "record_id": uuid.UUID(int=1),
        "creditor_id": "carrier-a",
        "kind": SettlementKind.FULL,
        "amount_fen": 120_00,
        "settled_at": NOW,
        "received_at": NOW,
        "statement": "a.b.c",
        "log_entry_id": uuid.UUID(int=5),
    }
    return Settlement(**(values | changes))


def a_reversal() -> Reversal:
    return Reversal(
        subject_key=b"S" * 16,
        reversal_id=uuid.UUID(int=6),
        settlement_id=uuid.UUID(int=5),
        record_id=uuid.UUID(int=1),
        creditor_id="carrier-a",
        reason=ReversalReason.CHARGEBACK,
        evidence_digest=b"e" * 32,
        proposed_at=NOW,
        proposed_key_id="carrier-a-1",
        rules_version="2026-01",
        log_entry_id=uuid.UUID(int=6),
    )


def a_clearance(**changes: Any) -> Clearance:
    values: dict[str, Any] = {
        "subject_key": b"S" * 16,
        "clearance_id": uuid.UUID(int=7),
        "settlement_id": uuid.UUID(int=5),
        "jws": "a.b.c",
        "issued_at": NOW,
        "issued_to": "carrier-a",
        "log_entry_id": uuid.UUID(int=7),
    }
    return Clearance(**(values | changes))


def test_a_settlement_can_be_reversed_to_the_last_moment_of_its_time() -> None:
    check_reversible(a_settlement(), [], NOW + dt.timedelta(days=180), 180)
    with pytest.raises(NotReversible) as refused:
        check_reversible(a_settlement(), [], NOW + dt.timedelta(days=180, microseconds=1), 180)
    assert refused.value.why is Irreversible.TOO_LATE


def test_what_was_waived_is_not_claimed_again_by_way_of_an_earlier_payment() -> None:
    waiver = a_settlement(kind=SettlementKind.WAIVER)
    for settlement, others in ((waiver, []), (a_settlement(kind=SettlementKind.PARTIAL), [waiver])):
        with pytest.raises(NotReversible) as refused:
            check_reversible(settlement, others, NOW, 180)
        assert refused.value.why is Irreversible.WAIVED


def test_another_key_confirms_and_it_does_so_once() -> None:
    with pytest.raises(SamePerson):
        confirm(a_reversal(), key_id="carrier-a-1", at=NOW, log_entry_id=uuid.UUID(int=8))
    confirmed = confirm(a_reversal(), key_id="carrier-a-2", at=NOW, log_entry_id=uuid.UUID(int=8))
    assert (confirmed.confirmed_key_id, confirmed.confirmed_at) == ("carrier-a-2", NOW)
    with pytest.raises(ConfirmedAlready):
        confirm(confirmed, key_id="carrier-a-3", at=NOW, log_entry_id=uuid.UUID(int=9))


def test_the_amount_goes_back() -> None:
    assert unpaid(a_record(paid_fen=150_00), a_settlement()).paid_fen == 30_00


def test_the_clearances_issued_with_the_settlement_or_since_are_untrue() -> None:
    before = a_clearance(issued_at=NOW - dt.timedelta(microseconds=1))
    with_it, since = a_clearance(), a_clearance(issued_at=NOW + dt.timedelta(days=1))
    gone = a_clearance(revoked_at=NOW)
    assert untrue_now([before, with_it, since, gone], a_settlement()) == (with_it, since)
    assert (with_it.state, gone.state) == (ClearanceState.VALID, ClearanceState.REVOKED)
