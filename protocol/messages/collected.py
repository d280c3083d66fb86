"""Payments that one carrier's counter takes for another: the order, the collector's statement, a month of both."""

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from typing import Annotated, Final
from uuid import UUID

from protocol.codes import CollectionAnswer, CollectionRefusal
from protocol.encodings import MAX_FEN, b64url_encode, format_time
from protocol.names import MONTH
from protocol.states import CollectionState, Form
from protocol.wire.fields import Jws, ParticipantId, Reference, RulesName, Sum
from protocol.wire.kinds import Items, Text, Whole

COLLECTION_TYPE: Final = "clearline-collection+jws"
QUOTE_DIGEST_BYTES: Final = 32
MAX_LINES: Final = 1_000
_BEFORE_ALL: Final = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionOrder:
    """The applicant paid the whole quote at the sender's counter; ``statement`` is the sender's compact JWS on it."""

    quote_reference: Reference = field(repr=False)
    amount_fen: Annotated[int, Whole(least=1, most=MAX_FEN)]
    collected_at: dt.datetime
    statement: Jws = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """One creditor's share of a collection; ``record_id`` is told to the creditor, and to an office."""

    collection_id: UUID
    collector: ParticipantId
    creditor: ParticipantId
    record_id: UUID | None
    settlement_id: UUID
    amount_fen: Sum
    collected_at: dt.datetime
    received_at: dt.datetime
    confirm_due: dt.date
    state: CollectionState
    refusal: CollectionRefusal | None
    answered_at: dt.datetime | None
    reversed_at: dt.datetime | None
    rules_version: RulesName


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCollection(Collection):
    """A collection with the collector's signed statement, which is sealed with the record."""

    statement: Jws | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedClearance:
    """A clearance as it is issued."""

    clearance_id: UUID
    clearance: Jws = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionReceipt:
    """The result of a collection: a line for each debt to another carrier, a clearance for each unblocked debtor."""

    amount_fen: Annotated[int, Whole(least=1, most=MAX_FEN)]
    collected_at: dt.datetime
    collections: Annotated[tuple[Collection, ...], Items(least=0, most=MAX_LINES)]
    clearances: Annotated[tuple[IssuedClearance, ...], Items(least=0, most=MAX_LINES)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionAnswerBody:
    """The creditor's answer; a refusal, and no other, has a reason."""

    answer: CollectionAnswer
    reason: CollectionRefusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NetStatementQuery:
    """The form of the answer, the line before its first one, and the number of lines.

    ``between`` is the other one of the two carriers; an office names it, and a carrier is it.
    """

    between: ParticipantId | None = None
    format: Form = Form.JSON
    after: UUID = _BEFORE_ALL
    limit: Annotated[int, Whole(least=1, most=MAX_LINES)] = MAX_LINES


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """The payments that one of the two took for the other in the whole month."""

    collector: ParticipantId
    creditor: ParticipantId
    counted: Sum
    counted_fen: Sum
    apart: Sum
    apart_fen: Sum


@dataclass(frozen=True, slots=True, kw_only=True)
class Net:
    """The debtor and the creditor of the difference; null where both directions are equal."""

    payer: ParticipantId | None
    payee: ParticipantId | None
    amount_fen: Sum


@dataclass(frozen=True, slots=True, kw_only=True)
class NetLine:
    """One collection; it counts when it was confirmed, by word or by silence, and not reversed."""

    collection_id: UUID
    settlement_id: UUID
    collector: ParticipantId
    creditor: ParticipantId
    amount_fen: Sum
    collected_at: dt.datetime
    state: CollectionState
    refusal: CollectionRefusal | None
    reversed_at: dt.datetime | None
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NetStatement:
    """Sums of the whole month and one page of its lines; ``next`` is the ``after`` of the next page."""

    month: Annotated[str, Text(MONTH, most=7)]
    stated_at: dt.datetime
    directions: Annotated[tuple[Direction, ...], Items(least=2, most=2)]
    net: Net
    counted: Annotated[tuple[NetLine, ...], Items(least=0, most=MAX_LINES)]
    apart: Annotated[tuple[NetLine, ...], Items(least=0, most=MAX_LINES)]
    next: UUID | None


def quote_digest(quote_reference: str) -> bytes:
    """Compute the SHA-256 of a quote's reference, which recognises the quote without opening it.

    The statement travels on to the creditor and inside the clearance, and a holder of the reference itself may read
    the other debts and their creditors.
    """
    return hashlib.sha256(quote_reference.encode("ascii")).digest()


def collection_claims(
    *, collector: str, quote_reference: str, amount_fen: int, collected_at: dt.datetime
) -> dict[str, str | int]:
    """Build the claims that a collector signs when it has taken a whole quote's amount."""
    return {
        "v": 1,
        "collector": collector,
        "quote": b64url_encode(quote_digest(quote_reference)),
        "amount_fen": amount_fen,
        "collected_at": format_time(collected_at),
    }
