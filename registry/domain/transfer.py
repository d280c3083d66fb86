"""A debt gets another creditor: two people of the seller offer it, the buyer accepts, and every clock runs on."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from protocol.codes import TransferGround, TransferOutcome
from registry.domain.life import RecordState
from registry.domain.money import Pause, paused_days
from registry.domain.record import Record
from registry.domain.retention import debt_digest


class TransferState(StrEnum):
    """PROPOSED by one person of the seller, OFFERED once another confirmed; the buyer's acceptance ends it."""

    PROPOSED = "PROPOSED"
    OFFERED = "OFFERED"
    ACCEPTED = "ACCEPTED"
    CANCELLED = "CANCELLED"


class TransferStateForbids(Exception):
    """The transfer is not in a state for this step."""

    def __init__(self, state: TransferState) -> None:
        super().__init__(f"the transfer is {state}")
        self.state = state


class SamePerson(Exception):
    """Who proposes a transfer does not confirm it."""


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
    rules_version: str
    log_entry_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferItem:
    """One record of a transfer; what became of it is known once the buyer accepted."""

    participant_id: str
    transfer_id: uuid.UUID
    record_id: uuid.UUID
    outcome: TransferOutcome | None = None
    new_record_id: uuid.UUID | None = None


def confirmed(transfer: Transfer, *, key_id: str, at: dt.datetime, log_entry_id: uuid.UUID) -> Transfer:
    """The transfer, offered under another key than it was proposed with; raises TransferStateForbids or SamePerson."""
    if transfer.state is not TransferState.PROPOSED:
        raise TransferStateForbids(transfer.state)
    if transfer.proposed_key_id == key_id:
        raise SamePerson
    return replace(
        transfer, state=TransferState.OFFERED, confirmed_at=at, confirmed_key_id=key_id, log_entry_id=log_entry_id
    )


def accepted(transfer: Transfer, *, key_id: str, at: dt.datetime, log_entry_id: uuid.UUID) -> Transfer:
    """The transfer, executed; raises TransferStateForbids unless it is on offer."""
    if transfer.state is not TransferState.OFFERED:
        raise TransferStateForbids(transfer.state)
    return replace(transfer, state=TransferState.ACCEPTED, ended_at=at, ended_key_id=key_id, log_entry_id=log_entry_id)


def cancelled(transfer: Transfer, *, key_id: str, at: dt.datetime, log_entry_id: uuid.UUID) -> Transfer:
    """The transfer, taken back by its seller; raises TransferStateForbids once it is over."""
    if transfer.state not in (TransferState.PROPOSED, TransferState.OFFERED):
        raise TransferStateForbids(transfer.state)
    return replace(transfer, state=TransferState.CANCELLED, ended_at=at, ended_key_id=key_id, log_entry_id=log_entry_id)


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


def successor(
    record: Record,
    *,
    record_id: uuid.UUID,
    buyer_id: str,
    account_ref: bytes,
    pauses: Sequence[Pause],
    today: dt.date,
) -> Record:
    """The buyer's record, RECEIVED: every clock and figure as it was, the days of old disputes still free of fee.

    The seller's reference of the person is nothing to the buyer, which has another key.
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
        person_ref=None,
    )
