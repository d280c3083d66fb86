"""Reports of defaulted accounts, their verdicts, and a creditor's view of its own records."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Annotated, Any, Final
from uuid import UUID

from protocol.codes import Category, NoticeChannel, ServiceClass, Verdict
from protocol.encodings import MAX_FEN
from protocol.incarnation import FIRST, MOST
from protocol.messages.evidence import EvidenceManifest
from protocol.messages.limits import MAX_BATCH, MAX_OVERSEEN
from protocol.messages.tokens import SubjectTokens
from protocol.names import IDEMPOTENCY_KEY, MAX_COUNT, VISIBLE
from protocol.states import Action, Party, RecordState, RowNote
from protocol.values import quick
from protocol.wire.fields import Count, Dealer, DebtFen, Fen, Octets32, ParticipantId, RowId, RulesName, Sum
from protocol.wire.kinds import Items, OpenObject, Text, Whole

MAX_DEALER: Final = 32
WITHDRAWING: Final = frozenset(
    {
        Verdict.REJ_INVALID_AMOUNT,
        Verdict.REJ_OPEN_DISPUTE,
        Verdict.REJ_CARRIER_CAUSED,
        Verdict.REJ_STOLEN_IDENTITY,
        Verdict.REJ_SP_FEE,
        Verdict.REJ_MINOR,
    }
)
"""The codes of rows that may speak against the record of their account: nothing owed, a category, a minor."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReport:
    """One defaulted account: money in fen, dates of China's civil calendar."""

    row_id: RowId
    tokens: SubjectTokens
    account_ref: Octets32 = field(repr=False)
    service_class: ServiceClass
    category: Category
    principal_fen: DebtFen
    due_date: dt.date
    debtor_of_age: bool
    costs_fen: DebtFen = 0
    """The costs of collecting it so far, court fees for example."""
    suspended_on: dt.date | None = None
    ended_on: dt.date | None = None
    notice_date: dt.date | None = None
    notice_channel: NoticeChannel | None = None
    dealer: Dealer | None = None
    evidence: EvidenceManifest | None = None
    former_account_ref: Octets32 | None = field(default=None, repr=False)
    """The reference of the same account as it was written before account numbers had one form."""
    collective_household: bool = False
    """The debtor is registered in a dormitory or with an employer: an earlier register key no longer holds."""
    person_ref: Octets32 | None = field(default=None, repr=False)
    """Only its creditor can tell by it that a later row gives the account to another person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """A row of a batch that its gateway refuses, about an account with an open record: no token, no figure.

    ``code`` is the gateway's verdict. ``withdraws`` says that the row itself speaks against the record: nothing is
    owed (REJ_INVALID_AMOUNT), the debtor was a minor, or the category is not listable.
    """

    row_id: RowId
    account_ref: Octets32 = field(repr=False)
    code: Verdict
    withdraws: bool
    due_date: dt.date | None = None
    former_account_ref: Octets32 | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Raises ValueError for a code that is no refusal, or that speaks against no record and is said to."""
        if not self.code.value.startswith("REJ_") or (self.withdraws and self.code not in WITHDRAWING):
            raise ValueError("a row is not refused so")


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class RowVerdict:
    """The registry's verdict on one reported row, or the gateway's on a row that never leaves.

    ``record_id`` is the record that the verdict speaks of, ``reason`` the code for which it was WITHDRAWN. ``withdrew``
    are other records of the creditor that the row took out: of the person who had the account wrongly, or of the same
    debt under another spelling of the account. ``version`` is the record's after a row that stands (ACTIVE, PENDING,
    UPDATED, DUPLICATE).
    """

    row_id: RowId
    verdict: Verdict
    record_id: UUID | None = None
    enforceable_from: dt.date | None = None
    rules_version: RulesName | None = None
    reason: Verdict | None = None
    notes: Annotated[tuple[RowNote, ...], Items(least=1, most=len(RowNote))] = ()
    withdrew: Annotated[tuple[UUID, ...], Items(least=1, most=MAX_COUNT)] = ()
    version: Count | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLine:
    """One line of a batch's answer: a verdict, or one of the two closing lines (see docs/spec/record-batches.md)."""

    row_id: RowId | None = None
    verdict: Verdict | None = None
    record_id: UUID | None = None
    enforceable_from: dt.date | None = None
    rules_version: RulesName | None = None
    reason: Verdict | None = None
    notes: Annotated[tuple[RowNote, ...], Items(least=1, most=len(RowNote))] = ()
    withdrew: Annotated[tuple[UUID, ...], Items(least=1, most=MAX_COUNT)] = ()
    version: Count | None = None
    end: bool = False
    rows: Sum | None = None
    chunks: Count | None = None
    problem: Annotated[dict[str, Any], OpenObject()] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchQuery:
    """The first chunk of a resumed batch."""

    first_chunk: Count = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchProgress:
    """The committed chunks and rows of a batch."""

    batch_key: Annotated[str, Text(IDEMPOTENCY_KEY, most=128)]
    chunks: Count
    rows: Sum
    incarnation: Annotated[int, Whole(least=FIRST, most=MOST)]


BatchKey = Annotated[str, Text(IDEMPOTENCY_KEY, most=128)]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchTotals:
    """The committed chunks and rows of a batch, and the time of its last chunk."""

    batch_key: BatchKey
    chunks: Count
    rows: Sum
    completed_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchesQuery:
    """The key of the batch before the first, and the number of batches."""

    after: BatchKey | None = None
    limit: Annotated[int, Whole(least=1, most=MAX_OVERSEEN)] = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPage:
    """A page of the sender's batches by their keys; ``next`` is the ``after`` of the next page, null on the last."""

    batches: Annotated[tuple[BatchTotals, ...], Items(least=0, most=MAX_OVERSEEN)]
    next: BatchKey | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record as its creditor sees it: neither a pseudonym nor an account reference."""

    record_id: UUID
    state: RecordState
    version: Count
    service_class: ServiceClass
    category: Category
    principal_fen: Annotated[int, Whole(least=1, most=MAX_FEN)]
    costs_fen: Fen
    paid_fen: Sum
    due_date: dt.date
    notice_date: dt.date
    enforceable_from: dt.date
    origin_record_id: UUID | None
    rules_version: RulesName
    received_at: dt.datetime
    state_since: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordEvent:
    """One change of a record's state; ``actor`` is a participant, or ``registry`` for the scheduler.

    ``log_entry_id`` is the entry of the change in the access log.
    """

    at: dt.datetime
    source: RecordState
    target: RecordState
    action: Action
    party: Party
    actor: ParticipantId
    reason: Annotated[str, Text(VISIBLE, most=64)]
    rules_version: RulesName
    log_entry_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRecord(Record):
    """A record as its creditor sees it; an office is told its creditor and its events too, oldest first."""

    creditor: ParticipantId | None = None
    events: Annotated[tuple[RecordEvent, ...], Items(least=1, most=MAX_COUNT)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OverseenRecord(Record):
    """A record of a page that an office reads."""

    creditor: ParticipantId


@dataclass(frozen=True, slots=True, kw_only=True)
class OverseenRecordsQuery:
    """The state, the creditor and the first and last due date of the records, and the place and length of the page."""

    state: RecordState | None = None
    creditor: ParticipantId | None = None
    due_from: dt.date | None = None
    due_to: dt.date | None = None
    after: UUID | None = None
    limit: Annotated[int, Whole(least=1, most=MAX_OVERSEEN)] = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class OverseenRecordPage:
    """A page of records; ``next`` is the ``after`` of the next page, null on the last one. A page may be short."""

    records: Annotated[tuple[OverseenRecord, ...], Items(least=0, most=MAX_OVERSEEN)]
    next: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRecord(Record):
    """A record with the creditor's own references of its account, and of the account's person where it gave one."""

    account_ref: Octets32 = field(repr=False)
    person_ref: Octets32 | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsQuery:
    """The state of the sender's records, the record before the first, and their number."""

    state: RecordState | None = None
    after: UUID | None = None
    limit: Annotated[int, Whole(least=1, most=MAX_BATCH)] = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPage:
    """A page of the sender's records; ``next`` is the ``after`` of the next page, null on the last one."""

    records: Annotated[tuple[ListedRecord, ...], Items(least=0, most=MAX_BATCH)]
    next: UUID | None
