"""A debt gets another creditor: two people of the seller offer it, the buyer accepts, and every clock runs on."""

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
    """Who proposes a transfer, or to undo one, does not confirm it."""


class UndoTooLate(Exception):
    """The days in which a transfer can be undone are over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One transfer of some records; ``participant_id`` is the seller. Nothing changes before ``ended_at``."""

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
    """Of an accepted one: the last day on which it can be undone."""
    undo_by: str | None = None
    """The party that proposed to undo it."""
    undo_at: dt.datetime | None = None
    undo_key_id: str | None = None
    undone_at: dt.datetime | None = None
    undone_key_id: str | None = None
    rules_version: str
    log_entry_id: uuid.UUID

    def state_on(self, today: dt.date) -> TransferState:
        """The state by its date, whether or not the clock has written it yet."""
        if self.state in WAITING_STATES and self.lapses_on <= today:
            return TransferState.LAPSED
        if self.state is TransferState.UNDO_PROPOSED and not self._may_be_undone(today):
            return TransferState.ACCEPTED
        return self.state

    def other_party(self, participant_id: str) -> str:
        """The buyer for the seller, and the seller for the buyer."""
        return self.buyer_id if participant_id == self.participant_id else self.participant_id

    def _may_be_undone(self, today: dt.date) -> bool:
        return self.undo_ends_on is not None and today <= self.undo_ends_on


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferItem:
    """One record of a transfer; what became of it is known once the buyer accepted, and once that was undone."""

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
    """Who takes a step of a transfer, under which key and when; ``today`` is the Beijing date."""

    party: str
    key_id: str
    at: dt.datetime
    today: dt.date
    log_entry_id: uuid.UUID


def confirmed(transfer: Transfer, step: Step, terms: TransferTerms) -> Transfer:
    """The transfer, offered under another key than it was proposed with; raises TransferStateForbids or SamePerson."""
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
    """The transfer, executed; raises TransferStateForbids unless it is on offer."""
    _check_state(transfer, step, TransferState.OFFERED)
    undo_ends_on = step.today + dt.timedelta(days=terms.undo_days)
    return replace(_ended(transfer, step, TransferState.ACCEPTED), undo_ends_on=undo_ends_on)


def cancelled(transfer: Transfer, step: Step) -> Transfer:
    """The transfer, taken back by its seller; raises TransferStateForbids once it is over."""
    _check_state(transfer, step, *WAITING_STATES)
    return _ended(transfer, step, TransferState.CANCELLED)


def lapsed(transfer: Transfer, *, at: dt.datetime, log_entry_id: uuid.UUID) -> Transfer:
    """The transfer that nobody accepted in time; the clock has no key."""
    return replace(transfer, state=TransferState.LAPSED, ended_at=at, log_entry_id=log_entry_id)


def undo_proposed(transfer: Transfer, step: Step) -> Transfer:
    """The transfer that one party wants undone; raises TransferStateForbids or UndoTooLate."""
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
    """The transfer, undone by the other party; raises TransferStateForbids or SamePerson."""
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
    """The first day on which what is proposed or offered today is over."""
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
    """What acceptance does with a record: TRANSFERRED, or why it stays with the seller.

    ``of_subject`` are all records of its debtor, ``archived`` the digests of its closed debts that left the list, and
    ``open_accounts`` the buyer's accounts with an open record of anybody. Only
    what is plainly owed is sold: while a case, a plan or a lead time runs, the debtor keeps the creditor that he is
    dealing with.
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
    """What the undoing does with a buyer's record: TRANSFERRED back, or why it stays with the buyer.

    ``former`` is the seller's record, on whose account the debt goes on, and ``open_accounts`` are the seller's with an
    open record of anybody. What the debtor deals with at the buyer stays there, as it stays with a seller.
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
    """The buyer's record, RECEIVED: every clock and figure as it was, the days of old disputes still free of fee.

    The seller's reference of the person is nothing to the buyer, which has another key; undone, a debt has it again.
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
    """Who has a record's debt by now, over any number of transfers; None where nobody took it over.

    The record itself may have left the list: the one that goes on with it names it still.
    """
    following = {each.origin_record_id: each for each in of_subject if each.origin_record_id is not None}
    last = None
    while (later := following.get(record_id)) is not None:
        last, record_id = later, later.record_id
    return None if last is None else last.creditor_id
