"""Who may take which step of a transfer, what of it changes hands, and that no clock is set back."""

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from protocol.codes import TransferGround, TransferOutcome
from protocol.messages.rules import TransferTerms
from protocol.states import RecordState, TransferState
from registry.domain.retention import debt_digest
from registry.domain.transfers import (
    SamePerson,
    Step,
    Transfer,
    TransferStateForbids,
    UndoTooLate,
    accepted,
    cancelled,
    confirmed,
    judge,
    judge_undoing,
    present_creditor,
    successor,
    undo_proposed,
    undone,
)
from tests.support.builders import NOW, TODAY, a_record, account

ID = uuid.UUID(int=77)
TERMS = TransferTerms(offer_days=90, undo_days=30)


def a_transfer(**changes: Any) -> Transfer:
    values: dict[str, Any] = {
        "participant_id": "carrier-a",
        "transfer_id": uuid.UUID(int=1),
        "buyer_id": "carrier-b",
        "ground": TransferGround.SALE,
        "state": TransferState.PROPOSED,
        "proposed_at": NOW,
        "proposed_key_id": "carrier-a-1",
        "lapses_on": TODAY + dt.timedelta(days=90),
        "rules_version": "2026-01",
        "log_entry_id": uuid.UUID(int=1),
    }
    return Transfer(**(values | changes))


def a_step(**changes: Any) -> Step:
    values: dict[str, Any] = {
        "party": "carrier-a",
        "key_id": "somebody-2",
        "at": NOW,
        "today": TODAY,
        "log_entry_id": ID,
    }
    return Step(**(values | changes))


@pytest.mark.parametrize("state", [TransferState.PROPOSED, TransferState.OFFERED])
def test_an_offer_ends_by_its_date_and_its_confirmation_counts_anew(state: TransferState) -> None:
    waiting = a_transfer(state=state)
    last_day = waiting.lapses_on - dt.timedelta(days=1)
    assert waiting.state_on(last_day) is state
    assert waiting.state_on(waiting.lapses_on) is TransferState.LAPSED
    with pytest.raises(TransferStateForbids, match="LAPSED"):
        cancelled(waiting, a_step(today=waiting.lapses_on))
    offered = confirmed(a_transfer(), a_step(today=last_day), TERMS)
    assert offered.lapses_on == last_day + dt.timedelta(days=90)


def test_an_undoing_takes_both_parties_within_its_days() -> None:
    sold = accepted(a_transfer(state=TransferState.OFFERED), a_step(party="carrier-b"), TERMS)
    assert sold.undo_ends_on == TODAY + dt.timedelta(days=30)
    late = a_step(today=TODAY + dt.timedelta(days=31))
    for never in (sold, replace(sold, undo_ends_on=None)):
        with pytest.raises(UndoTooLate):
            undo_proposed(never, late)
    wanted = undo_proposed(sold, a_step(today=sold.undo_ends_on))
    with pytest.raises(SamePerson):
        undone(wanted, a_step(key_id="carrier-a-2"))
    with pytest.raises(TransferStateForbids, match="ACCEPTED"):
        undone(wanted, replace(late, party="carrier-b"))
    done = undone(wanted, a_step(party="carrier-b"))
    assert (done.state, done.undo_by, done.undone_key_id) == (TransferState.UNDONE, "carrier-a", "somebody-2")


def test_a_debt_goes_back_only_where_it_is_plainly_owed_and_the_seller_has_its_account_free() -> None:
    former = a_record(state=RecordState.TRANSFERRED)
    assert judge_undoing(a_record(), former) is TransferOutcome.TRANSFERRED
    assert judge_undoing(a_record(state=RecordState.DISPUTED), former) is TransferOutcome.NOT_ACTIVE
    assert judge_undoing(a_record(), None) is TransferOutcome.ACCOUNT_GONE
    assert judge_undoing(a_record(), former, open_accounts={account("A1")}) is TransferOutcome.ACCOUNT_OPEN


def test_the_present_creditor_is_found_over_any_number_of_transfers() -> None:
    first, second, third = (
        a_record(record_id=uuid.UUID(int=number), creditor_id=f"carrier-{number}", origin_record_id=origin)
        for number, origin in ((1, None), (2, uuid.UUID(int=1)), (3, uuid.UUID(int=2)))
    )
    assert present_creditor(first.record_id, (third, second)) == "carrier-3"
    assert present_creditor(third.record_id, (first, second, third)) is None


def test_another_person_of_the_seller_confirms() -> None:
    offered = confirmed(a_transfer(), a_step(key_id="carrier-a-2"), TERMS)
    assert (offered.state, offered.confirmed_key_id, offered.log_entry_id) == (TransferState.OFFERED, "carrier-a-2", ID)
    with pytest.raises(SamePerson):
        confirmed(a_transfer(), a_step(key_id="carrier-a-1"), TERMS)


STEPS: dict[str, Callable[[Transfer], Transfer]] = {
    "confirmed": lambda transfer: confirmed(transfer, a_step(), TERMS),
    "accepted": lambda transfer: accepted(transfer, a_step(), TERMS),
    "cancelled": lambda transfer: cancelled(transfer, a_step()),
    "undo_proposed": lambda transfer: undo_proposed(transfer, a_step()),
    "undone": lambda transfer: undone(transfer, a_step()),
}
LAWFUL = {
    ("undo_proposed", TransferState.ACCEPTED),
    ("undone", TransferState.UNDO_PROPOSED),
    ("confirmed", TransferState.PROPOSED),
    ("accepted", TransferState.OFFERED),
    ("cancelled", TransferState.PROPOSED),
    ("cancelled", TransferState.OFFERED),
}


@pytest.mark.parametrize("state", TransferState)
@pytest.mark.parametrize("step", STEPS)
def test_each_step_has_its_states(step: str, state: TransferState) -> None:
    def take() -> Transfer:
        return STEPS[step](a_transfer(state=state, undo_ends_on=TODAY, undo_by="carrier-b"))

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
