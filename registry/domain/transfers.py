"""A transfer gives a debt another creditor: two people of the seller offer it, the buyer accepts, deadlines run on."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from protocol.codes import TransferGround, TransferOutcome
from protocol.messages.rules import TransferTerms
from protocol.states import RecordState, TransferState
from registry.domain.money import Pause, paused_days
from registry.domain.records import Record
from registry.domain.retention import debt_digest

WAITING_STATES: Final = (TransferState.PROPOSED, TransferState.OFFERED)
"""The states that end by their date."""


class TransferStateForbids(Exception):
    """The transfer is not in a state for this step."""

    def __init__(self, state: TransferState) -> None:
        super().__init__(f"the transfer is {state}")
        self.state = state


class SamePerson(Exception):
    """The proposer of a transfer, or of its undoing, may not confirm it."""


class UndoTooLate(Exception):
    """The days in which a transfer can be undone are over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One transfer of some records; ``participant_id`` is the seller. No record changes before ``ended_at``."""

    participant_id: str
    transfer_id: uuid.UUID
    buyer_id: str
    ground: TransferGround
    state: TransferState
    proposed_at: dt.datetime
    proposed_key_id: str
    confirmed_at: dt.datetime | None = None
    confirmed_key_id: str | None = None
    ended_at: dt.datetime | None = None
    ended_key_id: str | None = None
    lapses_on: dt.date
    """The first day on which it cannot be confirmed or accepted any more."""
    undo_ends_on: dt.date | None = None
    """The last day on which an accepted transfer can be undone."""
    undo_by: str | None = None
    """The party that proposed to undo it."""
    undo_at: dt.datetime | None = None
    undo_key_id: str | None = None
    undone_at: dt.datetime | None = None
    undone_key_id: str | None = None
    rules_version: str
    log_entry_id: uuid.UUID

    def state_on(self, today: dt.date) -> TransferState:
        """Return the state on a date, even before the scheduler has stored it."""
        if self.state in WAITING_STATES and self.lapses_on <= today:
            return TransferState.LAPSED
        if self.state is TransferState.UNDO_PROPOSED and not self._may_be_undone(today):
            return TransferState.ACCEPTED
        return self.state

    def other_party(self, participant_id: str) -> str:
        """Return the buyer for the seller, and the seller for the buyer."""
        return self.buyer_id if participant_id == self.participant_id else self.participant_id

    def _may_be_undone(self, today: dt.date) -> bool:
        return self.undo_ends_on is not None and today <= self.undo_ends_on


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferItem:
    """One record of a transfer; its outcome is set when the buyer accepts, and again when that is undone."""

    participant_id: str
    transfer_id: uuid.UUID
    record_id: uuid.UUID
    outcome: TransferOutcome | None = None
    new_record_id: uuid.UUID | None = None
    undo_outcome: TransferOutcome | None = None
    undo_record_id: uuid.UUID | None = None
    """The seller's record after the undoing; its first one stays closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The participant, key and time of a step of a transfer; ``today`` is the Beijing date."""

    party: str
    key_id: str
    at: dt.datetime
    today: dt.date
    log_entry_id: uuid.UUID


def confirmed(transfer: Transfer, step: Step, terms: TransferTerms) -> Transfer:
    """Offer the transfer under another key than its proposer's; raises TransferStateForbids or SamePerson."""
    _check_state(transfer, step, TransferState.PROPOSED)
    if transfer.proposed_key_id == step.key_id:
        raise SamePerson
    return replace(
        transfer,
        state=TransferState.OFFERED,
        confirmed_at=step.at,
        confirmed_key_id=step.key_id,
        lapses_on=lapse_date(step.today, terms),
        log_entry_id=step.log_entry_id,
    )


def accepted(transfer: Transfer, step: Step, terms: TransferTerms) -> Transfer:
    """Accept the transfer; raises TransferStateForbids unless it is on offer."""
    _check_state(transfer, step, TransferState.OFFERED)
    undo_ends_on = step.today + dt.timedelta(days=terms.undo_days)
    return replace(_ended(transfer, step, TransferState.ACCEPTED), undo_ends_on=undo_ends_on)


def cancelled(transfer: Transfer, step: Step) -> Transfer:
    """Return the transfer as cancelled by its seller; raises TransferStateForbids if it has ended."""
    _check_state(transfer, step, *WAITING_STATES)
    return _ended(transfer, step, TransferState.CANCELLED)


def lapsed(transfer: Transfer, *, at: dt.datetime, log_entry_id: uuid.UUID) -> Transfer:
    """Return the transfer as lapsed, without a key, since the scheduler ends it."""
    return replace(transfer, state=TransferState.LAPSED, ended_at=at, log_entry_id=log_entry_id)


def undo_proposed(transfer: Transfer, step: Step) -> Transfer:
    """Return the transfer with one party's proposal to undo it; raises TransferStateForbids or UndoTooLate."""
    _check_state(transfer, step, TransferState.ACCEPTED)
    if transfer.undo_ends_on is None or step.today > transfer.undo_ends_on:
        raise UndoTooLate
    return replace(
        transfer,
        state=TransferState.UNDO_PROPOSED,
        undo_by=step.party,
        undo_at=step.at,
        undo_key_id=step.key_id,
        log_entry_id=step.log_entry_id,
    )


def undone(transfer: Transfer, step: Step) -> Transfer:
    """Return the transfer as undone by the other party; raises TransferStateForbids or SamePerson."""
    _check_state(transfer, step, TransferState.UNDO_PROPOSED)
    if transfer.undo_by == step.party:
        raise SamePerson
    return replace(
        transfer,
        state=TransferState.UNDONE,
        undone_at=step.at,
        undone_key_id=step.key_id,
        log_entry_id=step.log_entry_id,
    )


def lapse_date(today: dt.date, terms: TransferTerms) -> dt.date:
    """Return the first day on which a proposal or offer of today has lapsed."""
    return today + dt.timedelta(days=terms.offer_days)


def _check_state(transfer: Transfer, step: Step, *allowed: TransferState) -> None:
    state = transfer.state_on(step.today)
    if state not in allowed:
        raise TransferStateForbids(state)


def _ended(transfer: Transfer, step: Step, state: TransferState) -> Transfer:
    return replace(transfer, state=state, ended_at=step.at, ended_key_id=step.key_id, log_entry_id=step.log_entry_id)


def judge(
    record: Record,
    buyer_id: str,
    account_ref: bytes | None,
    of_subject: Iterable[Record],
    *,
    archived: Collection[bytes] = (),
    open_accounts: Collection[bytes] = (),
) -> TransferOutcome:
    """Return the outcome of acceptance for a record: TRANSFERRED, or the reason for which it stays with the seller.

    ``of_subject`` are all records of its debtor, ``archived`` the digests of its closed debts that left the list, and
    ``open_accounts`` the buyer's accounts with an open record of any person. Only an undoubted debt is sold: while a
    case, a plan or a lead time runs, the debtor keeps its creditor.
    """
    if record.state is not RecordState.ACTIVE:
        return TransferOutcome.NOT_ACTIVE
    if account_ref is None:
        return TransferOutcome.NOT_TAKEN
    on_account = [each for each in of_subject if (each.creditor_id, each.account_ref) == (buyer_id, account_ref)]
    if account_ref in open_accounts or any(each.is_open for each in on_account):
        return TransferOutcome.ACCOUNT_OPEN
    known = debt_digest(buyer_id, account_ref, record.due_date) in archived
    if known or any(each.due_date == record.due_date for each in on_account):
        return TransferOutcome.DEBT_KNOWN
    return TransferOutcome.TRANSFERRED


def judge_undoing(record: Record, former: Record | None, *, open_accounts: Collection[bytes] = ()) -> TransferOutcome:
    """Return the outcome of an undoing for a buyer's record: TRANSFERRED back, or the reason for which it stays.

    ``former`` is the seller's record, on whose account the debt goes on, and ``open_accounts`` are the seller's with an
    open record of any person. A record with a case, a plan or a lead time stays with the buyer.
    """
    if record.state is not RecordState.ACTIVE:
        return TransferOutcome.NOT_ACTIVE
    if former is None or former.state is not RecordState.TRANSFERRED:
        return TransferOutcome.ACCOUNT_GONE
    if former.account_ref in open_accounts:
        return TransferOutcome.ACCOUNT_OPEN
    return TransferOutcome.TRANSFERRED


def successor(
    record: Record,
    *,
    record_id: uuid.UUID,
    buyer_id: str,
    account_ref: bytes,
    pauses: Sequence[Pause],
    today: dt.date,
    person_ref: bytes | None = None,
) -> Record:
    """Return the buyer's record, RECEIVED: all dates and figures stay, and the days of old disputes stay free of fee.

    The buyer does not get the seller's reference of the person, since it has another key; an undone debt has it again.
    """
    last = today if record.ended_on is None else min(today, record.ended_on)
    return replace(
        record,
        record_id=record_id,
        creditor_id=buyer_id,
        account_ref=account_ref,
        state=RecordState.RECEIVED,
        fee_free_days=record.fee_free_days + paused_days(record.due_date, last, pauses),
        version=0,
        log_entry_id=record_id,
        origin_record_id=record.record_id,
        person_ref=person_ref,
    )


def present_creditor(record_id: uuid.UUID, of_subject: Iterable[Record]) -> str | None:
    """Return the present creditor of a record's debt, after any number of transfers; None without a transfer.

    The record itself may have left the list: its successor still names it.
    """
    following = {each.origin_record_id: each for each in of_subject if each.origin_record_id is not None}
    last = None
    while (later := following.get(record_id)) is not None:
        last, record_id = later, later.record_id
    return None if last is None else last.creditor_id
