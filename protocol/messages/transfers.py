"""Debts that change hands."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Annotated, Final
from uuid import UUID

from protocol.codes import TransferGround, TransferOutcome
from protocol.messages.limits import MAX_BATCH
from protocol.states import TransferState
from protocol.wire.fields import KeyId, Octets32, ParticipantId, RulesName
from protocol.wire.kinds import Items, Whole

MAX_PAGE: Final = 10
"""Each transfer of a page has up to 1,000 records."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class TransfersQuery:
    """The state and a party of the transfers (all by default), the transfer before the first, and their number."""

    state: TransferState | None = None
    party: ParticipantId | None = None
    after: UUID | None = None
    limit: Annotated[int, Whole(least=1, most=MAX_PAGE)] = MAX_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferPage:
    """A page of transfers; ``next`` is the ``after`` of the next page, null on the last one. A page may be short."""

    transfers: Annotated[tuple[Transfer, ...], Items(least=0, most=MAX_PAGE)]
    next: UUID | None
