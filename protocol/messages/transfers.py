"""Debts that change hands."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from protocol.codes import TransferGround, TransferOutcome
from protocol.messages.limits import MAX_BATCH
from protocol.states import TransferState
from protocol.wire.fields import KeyId, Octets32, ParticipantId, RulesName
from protocol.wire.kinds import Items


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTransfer:
    """Up to 1,000 ACTIVE records of the sender's own, the buyer, and the ground."""

    to: ParticipantId
    ground: TransferGround
    record_ids: Annotated[tuple[UUID, ...], Items(least=1, most=MAX_BATCH)]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """The buyer's own keyed reference of the account that a record stands on from now on."""

    record_id: UUID
    account_ref: Octets32 = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """The buyer's accounts; a record without one stays with the seller."""

    accounts: Annotated[tuple[NewAccount, ...], Items(least=1, most=MAX_BATCH)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferItem:
    """One record of a transfer; its outcomes are null until the buyer accepts, and until that is undone."""

    record_id: UUID
    outcome: TransferOutcome | None
    new_record_id: UUID | None
    undo_outcome: TransferOutcome | None
    undo_record_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A transfer with the keys that stand for it; neither a pseudonym nor an account reference is in it."""

    transfer_id: UUID
    state: TransferState
    ground: TransferGround
    seller: ParticipantId
    buyer: ParticipantId
    proposed_at: dt.datetime
    proposed_key_id: KeyId
    confirmed_at: dt.datetime | None
    confirmed_key_id: KeyId | None
    ended_at: dt.datetime | None
    ended_key_id: KeyId | None
    lapses_on: dt.date
    undo_ends_on: dt.date | None
    undo_by: ParticipantId | None
    undo_at: dt.datetime | None
    undo_key_id: KeyId | None
    undone_at: dt.datetime | None
    undone_key_id: KeyId | None
    rules_version: RulesName
    records: Annotated[tuple[TransferItem, ...], Items(least=1, most=MAX_BATCH)]
