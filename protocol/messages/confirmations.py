"""A creditor says of open records that they are still owed: as such, or as the very rows that it reported last."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from protocol.codes import ConfirmationOutcome
from protocol.states import RecordState, UnchangedOutcome
from protocol.values import quick
from protocol.wire.fields import Count
from protocol.wire.kinds import Items

MAX_CONFIRMATIONS: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmations:
    """Records of the sender's own that are still unpaid."""

    record_ids: Annotated[tuple[UUID, ...], Items(least=1, most=MAX_CONFIRMATIONS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """The outcome of one confirmation."""

    record_id: UUID
    outcome: ConfirmationOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationsAnswer:
    """The outcomes of the confirmations, in order."""

    confirmations: Annotated[tuple[Confirmation, ...], Items(least=1, most=MAX_CONFIRMATIONS)]


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class UnchangedRecord:
    """A record, and its version after the row that reported it last."""

    record_id: UUID
    version: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class UnchangedRecords:
    """Records whose rows are to the letter those that were reported last: each is its row's report once more."""

    records: Annotated[tuple[UnchangedRecord, ...], Items(least=1, most=MAX_CONFIRMATIONS)]


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class UnchangedAnswer:
    """The outcome of one record; its present state, version and first day on which it may block, unless NOT_FOUND."""

    record_id: UUID
    outcome: UnchangedOutcome
    state: RecordState | None = None
    version: Count | None = None
    enforceable_from: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnchangedAnswers:
    """One outcome a record, in the order of the request."""

    records: Annotated[tuple[UnchangedAnswer, ...], Items(least=1, most=MAX_CONFIRMATIONS)]
