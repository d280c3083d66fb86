"""Settlements of debts, the creditor's signed statements, and clearances."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from protocol.codes import ORDERED_KINDS, SettlementKind
from protocol.encodings import MAX_JSON_INTEGER, b64url_encode, format_time
from protocol.messages.limits import MAX_OVERSEEN
from protocol.messages.tokens import SubjectTokens
from protocol.names import MAX_COUNT
from protocol.states import ClearanceState, RecordState
from protocol.wire.fields import Fen, Jws, Octets32, ParticipantId, Sum
from protocol.wire.kinds import Added, Code, Items, Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementOrder:
    """A creditor's word that a debt is settled, with the statement (compact JWS) that it signed.

    The debtor's tokens find the open record of the account, or ``record_id`` names it: one of the two.
    FULL covers what was owed on the Beijing day of ``settled_at``, or gives up the rest with ``waive_rest``.
    """

    account_ref: Octets32 = field(repr=False)
    kind: Annotated[SettlementKind, Code(ORDERED_KINDS)]
    amount_fen: Fen
    settled_at: dt.datetime
    statement: Jws = field(repr=False)
    tokens: SubjectTokens | None = None
    record_id: UUID | None = None
    waive_rest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementReceipt:
    """The result of the settlement, and the clearance where it was the last blocking record."""

    settlement_id: UUID
    record_id: UUID
    state: RecordState
    outstanding_fen: Sum
    waived_fen: Annotated[int, Whole(least=1, most=MAX_JSON_INTEGER)] | None = None
    clearance_id: UUID | None = None
    clearance: Jws | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """A clearance: a compact JWS that can be checked offline, and what became of its person since.

    It is REVOKED where its payment came undone. ``listed_again`` says that another record of the person blocks now;
    None in the answer of a registry of before, which does not tell.
    """

    clearance_id: UUID
    issued_at: dt.datetime
    state: ClearanceState
    revoked_at: dt.datetime | None
    listed_again: Annotated[bool | None, Added(None)]
    clearance: Jws = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearanceReading:
    """A participant was shown a clearance, and asked what became of it."""

    at: dt.datetime
    by: ParticipantId


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedClearance:
    """A clearance that was issued; ``readings`` are those of the last months, oldest first, absent without any."""

    clearance_id: UUID
    issued_at: dt.datetime
    state: ClearanceState
    revoked_at: dt.datetime | None
    readings: Annotated[tuple[ClearanceReading, ...], Items(least=1, most=MAX_COUNT)] = ()


def statement_claims(
    *,
    creditor: str,
    account_ref: bytes,
    kind: SettlementKind,
    amount_fen: int,
    settled_at: dt.datetime,
    waive_rest: bool = False,
) -> dict[str, str | int]:
    """Build the claims that a creditor signs when a debt is settled; no token and no raw account number is in it.

    ``waive_rest`` is a claim only where it is true, so that a statement without it is the one that it always was.
    """
    claims: dict[str, str | int] = {
        "v": 1,
        "creditor": creditor,
        "account_ref": b64url_encode(account_ref),
        "kind": kind.value,
        "amount_fen": amount_fen,
        "settled_at": format_time(settled_at),
    }
    return claims | {"waive_rest": True} if waive_rest else claims


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """A settlement without the creditor's statement, which has the reference of the account.

    ``reversed_at`` is the time at which a reversal of the payment was confirmed.
    """

    settlement_id: UUID
    record_id: UUID
    creditor: ParticipantId
    kind: SettlementKind
    amount_fen: Sum
    waived_fen: Sum
    settled_at: dt.datetime
    received_at: dt.datetime
    reversed_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedPayment:
    """A settlement of a record, and what it waived; it no longer counts from ``reversed_at`` on."""

    kind: SettlementKind
    amount_fen: Sum
    waived_fen: Sum
    settled_at: dt.datetime
    received_at: dt.datetime
    reversed_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementsQuery:
    """The creditor of the settlements, which only an office chooses, the one before the first, and their number."""

    creditor: ParticipantId | None = None
    after: UUID | None = None
    limit: Annotated[int, Whole(least=1, most=MAX_OVERSEEN)] = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementPage:
    """A page of settlements by their ids; ``next`` is the ``after`` of the next page, null on the last one."""

    settlements: Annotated[tuple[Settlement, ...], Items(least=0, most=MAX_OVERSEEN)]
    next: UUID | None
