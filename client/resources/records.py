"""Call the registry about records: report them, list them, take them back, confirm them."""

from collections.abc import Iterator, Sequence
from functools import partial
from uuid import UUID

from client.batches import whole
from client.errors import RegistryAnswerBroken
from client.paging import pages
from client.registry import RegistryClient
from protocol.codes import WithdrawalReason
from protocol.messages.confirmations import (
    Confirmation,
    Confirmations,
    ConfirmationsAnswer,
    UnchangedAnswer,
    UnchangedAnswers,
    UnchangedRecord,
    UnchangedRecords,
)
from protocol.messages.limits import MAX_BATCH
from protocol.messages.records import (
    BatchesQuery,
    BatchPage,
    ListedRecord,
    OverseenRecordPage,
    OverseenRecordsQuery,
    RecordPage,
    RecordReport,
    RecordsQuery,
    RefusedRow,
    RowVerdict,
    ShownRecord,
)
from protocol.messages.take_outs import NewTakeOutConfirmation, TakeOuts
from protocol.messages.withdrawals import (
    BatchWithdrawal,
    BatchWithdrawalProgress,
    ManyWithdrawals,
    WithdrawalOutcome,
    WithdrawalOutcomes,
)
from protocol.states import OPEN_STATES, RecordState


def report_batch(registry: RegistryClient, key: str, rows: Sequence[RecordReport | RefusedRow]) -> Sequence[RowVerdict]:
    """Report the rows of one batch; ``key`` names the batch, so that the same call again doubles nothing."""
    verdicts = registry.post_rows("/v1/record-batches", rows, partial(whole, RowVerdict), key=key)
    if [verdict.row_id for verdict in verdicts] != [row.row_id for row in rows]:
        raise RegistryAnswerBroken("the registry's verdicts are not those of the rows")
    return verdicts


def own_records(
    registry: RegistryClient, state: RecordState | None = None, *, limit: int = MAX_BATCH
) -> Iterator[ListedRecord]:
    """Yield this carrier's open records, or those in one state, in an order that stays while it is read."""
    found = every_own_record(registry, state, limit=limit)
    yield from (record for record in found if state is not None or record.state in OPEN_STATES)


def every_own_record(
    registry: RegistryClient, state: RecordState | None = None, *, limit: int = MAX_BATCH
) -> Iterator[ListedRecord]:
    """Yield this carrier's records, closed ones too until the registry seals them, in the same order."""

    def page(after: UUID | None) -> RecordPage:
        return registry.get("/v1/records", RecordPage, RecordsQuery(state=state, after=after, limit=limit))

    for read in pages(registry, "records", page):
        yield from read.records


def withdraw_many(
    registry: RegistryClient, record_ids: Sequence[UUID], reason: WithdrawalReason
) -> tuple[WithdrawalOutcome, ...]:
    """Take up to 1,000 records back; the outcomes are in their order."""
    body = ManyWithdrawals(record_ids=tuple(record_ids), reason=reason)
    outcomes = registry.post("/v1/withdrawals", body, WithdrawalOutcomes).outcomes
    if [outcome.record_id for outcome in outcomes] != list(record_ids):
        raise RegistryAnswerBroken("the registry's outcomes are not those of the records")
    return outcomes


def withdraw_batch(registry: RegistryClient, key: str, reason: WithdrawalReason) -> BatchWithdrawalProgress:
    """Take back all that a batch listed; the registry does some chunks a call."""
    path, done = f"/v1/record-batches/{key}/withdrawal", -1
    while True:
        progress = registry.post(path, BatchWithdrawal(reason=reason), BatchWithdrawalProgress)
        if progress.finished:
            return progress
        if progress.done <= done:
            raise RegistryAnswerBroken("the registry does not get on with the withdrawal of a batch")
        done = progress.done


def confirm_unpaid(registry: RegistryClient, record_ids: Sequence[UUID]) -> tuple[Confirmation, ...]:
    """Say of up to 1,000 records that they are still unpaid."""
    body = Confirmations(record_ids=tuple(record_ids))
    return registry.post("/v1/records/confirmations", body, ConfirmationsAnswer).confirmations


def confirm_unchanged(
    registry: RegistryClient, key: str, records: Sequence[UnchangedRecord]
) -> tuple[UnchangedAnswer, ...]:
    """Say of up to 1,000 records that the rows that reported them are the same; the answers are in their order."""
    answers = registry.post(
        "/v1/records/unchanged", UnchangedRecords(records=tuple(records)), UnchangedAnswers, key=key
    ).records
    if [answer.record_id for answer in answers] != [record.record_id for record in records]:
        raise RegistryAnswerBroken("the registry's answers are not those of the records")
    return answers


def read_take_outs(registry: RegistryClient) -> TakeOuts:
    """Read this carrier's present day: its bound, its take-outs, its held rows, and their confirmation."""
    return registry.get("/v1/take-outs", TakeOuts)


def confirm_take_outs(
    registry: RegistryClient, confirmation: NewTakeOutConfirmation, *, key: str | None = None
) -> TakeOuts:
    """Confirm held take-outs of the present day."""
    return registry.post("/v1/take-outs/confirmation", confirmation, TakeOuts, key=key)


def batches(registry: RegistryClient, query: BatchesQuery) -> BatchPage:
    """Read one page of this carrier's own batches."""
    return registry.get("/v1/record-batches", BatchPage, query)


def oversee(registry: RegistryClient, record_id: UUID) -> ShownRecord:
    """Read any record as an office, with its creditor and its events."""
    return registry.get(f"/v1/records/{record_id}", ShownRecord)


def overseen_page(registry: RegistryClient, query: OverseenRecordsQuery) -> OverseenRecordPage:
    """Read one page of all creditors' records as an office."""
    return registry.get("/v1/oversight/records", OverseenRecordPage, query)
