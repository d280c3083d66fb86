"""Who may take which step of a transfer, what of it changes hands, and that no clock is set back."""

import datetime as dt
import uuid
from typing import Any

import pytest

from protocol.codes import TransferGround, TransferOutcome
from registry.domain.life import RecordState
from registry.domain.retention import debt_digest
from registry.domain.transfer import (
    SamePerson,
    Transfer,
    TransferState,
    TransferStateForbids,
    accepted,
    cancelled,
    confirmed,
    judge,
    successor,
)
from tests.builders import NOW, TODAY, a_record, account

ID = uuid.UUID(int=77)


def a_transfer(**changes: Any) -> Transfer:
    values: dict[str, Any] = {
        "participant_id": "carrier-a",
        "transfer_id": uuid.UUID(int=1),
        "buyer_id": "carrier-b",
        "ground": TransferGround.SALE,
        "state": TransferState.PROPOSED,
        "proposed_at": NOW,
        "proposed_key_id": "carrier-a-1",
        "rules_version": "2026-01",
        "log_entry_id": uuid.UUID(int=1),
    }
    return Transfer(**(values | changes))


def test_another_person_of_the_seller_confirms() -> None:
    offered = confirmed(a_transfer(), key_id="carrier-a-2", at=NOW, log_entry_id=ID)
    assert (offered.state, offered.confirmed_key_id, offered.log_entry_id) == (TransferState.OFFERED, "carrier-a-2", ID)
    with pytest.raises(SamePerson):
        confirmed(a_transfer(), key_id="carrier-a-1", at=NOW, log_entry_id=ID)


STEPS = {"confirmed": confirmed, "accepted": accepted, "cancelled": cancelled}
LAWFUL = {
    ("confirmed", TransferState.PROPOSED),
    ("accepted", TransferState.OFFERED),
    ("cancelled", TransferState.PROPOSED),
    ("cancelled", TransferState.OFFERED),
}


@pytest.mark.parametrize("state", TransferState)
@pytest.mark.parametrize("step", STEPS)
def test_each_step_has_its_states(step: str, state: TransferState) -> None:
    def take() -> Transfer:
        return STEPS[step](a_transfer(state=state), key_id="somebody-2", at=NOW, log_entry_id=ID)

    if (step, state) in LAWFUL:
        assert take().state is not state
        return
    with pytest.raises(TransferStateForbids) as refused:
        take()
    assert refused.value.state is state


@pytest.mark.parametrize("state", sorted(set(RecordState) - {RecordState.ACTIVE}))
def test_only_what_is_plainly_owed_is_sold(state: RecordState) -> None:
    assert judge(a_record(state=state), "carrier-b", account("B1"), ()) is TransferOutcome.NOT_ACTIVE


def test_the_buyer_names_an_account_on_which_the_debt_has_a_place() -> None:
    record, there = a_record(), {"creditor_id": "carrier-b", "account_ref": account("B1")}
    of_subject = [record, a_record(**there | {"account_ref": account("B2")}), a_record(creditor_id="carrier-c")]
    assert judge(record, "carrier-b", account("B1"), of_subject) is TransferOutcome.TRANSFERRED
    assert judge(record, "carrier-b", None, of_subject) is TransferOutcome.NOT_TAKEN
    still_open = a_record(**there, due_date=TODAY)
    assert judge(record, "carrier-b", account("B1"), [still_open]) is TransferOutcome.ACCOUNT_OPEN
    closed = a_record(**there, state=RecordState.CLEARED)
    assert judge(record, "carrier-b", account("B1"), [closed]) is TransferOutcome.DEBT_KNOWN
    another = a_record(**there, state=RecordState.CLEARED, due_date=TODAY)
    assert judge(record, "carrier-b", account("B1"), [another]) is TransferOutcome.TRANSFERRED
    archived = {debt_digest("carrier-b", account("B1"), record.due_date)}
    assert judge(record, "carrier-b", account("B1"), (), archived=archived) is TransferOutcome.DEBT_KNOWN
    taken = {account("B1")}
    assert judge(record, "carrier-b", account("B1"), (), open_accounts=taken) is TransferOutcome.ACCOUNT_OPEN


def test_the_buyers_record_goes_on_with_every_clock_and_figure() -> None:
    record = a_record(paid_fen=7_00, fee_free_days=3)
    case = (TODAY - dt.timedelta(days=20), TODAY - dt.timedelta(days=10))
    new = successor(record, record_id=ID, buyer_id="carrier-b", account_ref=account("B1"), pauses=(case,), today=TODAY)
    assert (new.record_id, new.origin_record_id, new.state, new.version) == (
        ID,
        record.record_id,
        RecordState.RECEIVED,
        0,
    )
    assert (new.creditor_id, new.account_ref, new.fee_free_days) == ("carrier-b", account("B1"), 13)
    for kept in ("received_at", "due_date", "notice_date", "enforceable_from", "rules_version", "paid_fen"):
        assert getattr(new, kept) == getattr(record, kept)


def test_days_after_the_end_of_service_were_free_of_fee_without_a_case() -> None:
    record = a_record(ended_on=TODAY - dt.timedelta(days=15))
    case = (TODAY - dt.timedelta(days=20), TODAY - dt.timedelta(days=10))
    new = successor(record, record_id=ID, buyer_id="carrier-b", account_ref=account("B1"), pauses=(case,), today=TODAY)
    assert new.fee_free_days == 5
