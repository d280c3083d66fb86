"""Reports of defaulted accounts, one at a time or as a stream, and a creditor's own records."""

import uuid
from typing import Final

from flask import Response, request

from api.answers import document, outcome
from api.blueprint import DoorBlueprint
from api.door import IDEMPOTENCY_HEADER, actor, call, reading, registry
from api.examples import records as examples
from api.operations import NDJSON, OVERSEERS, Answer, Input, operation
from api.rows import parse_record
from api.streaming import Batches, answer_batch
from protocol.codes import Role
from protocol.messages.confirmations import Confirmations, ConfirmationsAnswer, UnchangedAnswers, UnchangedRecords
from protocol.messages.records import (
    BatchesQuery,
    BatchPage,
    BatchProgress,
    BatchQuery,
    OverseenRecordPage,
    OverseenRecordsQuery,
    Record,
    RecordReport,
    RefusedRow,
    RowVerdict,
    ShownRecord,
)
from protocol.messages.withdrawals import (
    BatchWithdrawal,
    BatchWithdrawalProgress,
    ManyWithdrawals,
    Withdrawal,
    WithdrawalOutcomes,
)
from registry.usecases.records.confirm import confirm_unpaid
from registry.usecases.records.oversee import oversee_records
from registry.usecases.records.read import batch_progress, list_batches, read_record
from registry.usecases.records.report import report, report_chunk
from registry.usecases.records.unchanged import confirm_unchanged
from registry.usecases.records.withdraw import withdraw
from registry.usecases.records.withdraw_many import withdraw_batch, withdraw_many

BLUEPRINT: Final = DoorBlueprint("records", __name__, description="Report, read and withdraw records of arrears.")
_BATCHES: Final = Batches(parse=parse_record, judge=report_chunk, progress=batch_progress)


@operation(
    BLUEPRINT,
    "POST",
    "/v1/records",
    operation_id="reportRecord",
    roles=(Role.REPORTER,),
    reads=Input(message=RecordReport, example=examples.REPORT),
    answer=Answer(
        message=RowVerdict,
        status=201,
        also={200: "The report was judged and lists nothing new (rejected, repeated or updated)."},
        description="The account is listed.",
        example=examples.VERDICT,
    ),
    one_transaction=True,
)
def report_record(*, body: RecordReport) -> Response:
    """Report one defaulted account."""
    return outcome(report(registry(), actor(), call("reportRecord"), body))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/record-batches",
    operation_id="reportRecordBatch",
    roles=(Role.REPORTER,),
    reads=Input(message=RecordReport, example=examples.ROWS, rows=(RecordReport, RefusedRow)),
    query=BatchQuery,
    answer=Answer(
        message={"type": "string", "description": "One JSON object a line: BatchLine."},
        description="A verdict a row, in order, then a closing line; see docs/spec/record-batches.md.",
        example=examples.VERDICT_ROWS,
        content_type=NDJSON,
    ),
    batch=True,
)
def report_record_batch(*, query: BatchQuery) -> Response:
    """Report any number of accounts; the Idempotency-Key names the batch."""
    key, encoding = request.headers[IDEMPOTENCY_HEADER], request.headers.get("Content-Encoding")
    return answer_batch(_BATCHES, key, encoding, query.first_chunk)


@operation(
    BLUEPRINT,
    "GET",
    "/v1/record-batches",
    operation_id="listRecordBatches",
    roles=(Role.REPORTER,),
    query=BatchesQuery,
    answer=Answer(message=BatchPage, description="A page.", example=examples.BATCH_PAGE),
)
def get_record_batches(*, query: BatchesQuery) -> Response:
    """The sender's own batches, by their keys."""
    return document(list_batches(registry(), actor(), query))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/record-batches/<batch:batch_key>",
    operation_id="readRecordBatch",
    roles=(Role.REPORTER,),
    answer=Answer(message=BatchProgress, description="What is committed.", example=examples.PROGRESS),
)
def get_record_batch(*, batch_key: str) -> Response:
    """Read the progress of a batch."""
    return document(batch_progress(registry(), actor(), batch_key))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/records/<id:record_id>",
    operation_id="readRecord",
    overseen=True,
    roles=(Role.REPORTER, *OVERSEERS),
    answer=Answer(message=ShownRecord, description="The record.", example=examples.SHOWN_RECORD),
)
def get_record(*, record_id: uuid.UUID) -> Response:
    """A record of the creditor's own; an auditor and a regulator read any, with its creditor and its events."""
    return document(read_record(registry(), actor(), record_id, reading=reading()))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/oversight/records",
    operation_id="overseeRecords",
    overseen=True,
    roles=OVERSEERS,
    query=OverseenRecordsQuery,
    answer=Answer(message=OverseenRecordPage, description="A page.", example=examples.OVERSEEN_RECORDS),
)
def get_overseen_records(*, query: OverseenRecordsQuery) -> Response:
    """The records of all creditors by page, for an auditor and a regulator; a page may hold few and go on."""
    return document(oversee_records(registry(), actor(), query, reading=reading()))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/records/<id:record_id>/withdrawal",
    operation_id="withdrawRecord",
    roles=(Role.REPORTER,),
    reads=Input(message=Withdrawal, example=examples.WITHDRAWAL),
    answer=Answer(message=Record, description="The record as it is now.", example=examples.RECORD),
)
def withdraw_record(*, record_id: uuid.UUID, body: Withdrawal) -> Response:
    """Take a record back."""
    return outcome(
        withdraw(
            registry(),
            actor(),
            call("withdrawRecord"),
            record_id=record_id,
            reason=body.reason,
            expected_version=body.expected_version,
        )
    )


@operation(
    BLUEPRINT,
    "POST",
    "/v1/withdrawals",
    operation_id="withdrawRecords",
    roles=(Role.REPORTER,),
    reads=Input(message=ManyWithdrawals, example=examples.MANY_WITHDRAWALS),
    answer=Answer(
        message=WithdrawalOutcomes,
        description="What became of each record, in the order of the request.",
        example=examples.WITHDRAWAL_OUTCOMES,
    ),
)
def withdraw_records(*, body: ManyWithdrawals) -> Response:
    """Take many records back; each answers for itself."""
    return outcome(
        withdraw_many(registry(), actor(), call("withdrawRecords"), record_ids=body.record_ids, reason=body.reason)
    )


@operation(
    BLUEPRINT,
    "POST",
    "/v1/record-batches/<batch:batch_key>/withdrawal",
    operation_id="withdrawRecordBatch",
    roles=(Role.REPORTER,),
    reads=Input(message=BatchWithdrawal, example=examples.BATCH_WITHDRAWAL),
    answer=Answer(
        message=BatchWithdrawalProgress,
        description="How far it has come; send it again, under another key, until it is finished.",
        example=examples.BATCH_WITHDRAWAL_PROGRESS,
    ),
    batch=True,
)
def withdraw_record_batch(*, batch_key: str, body: BatchWithdrawal) -> Response:
    """Take back what a batch listed, some chunks a call."""
    given = withdraw_batch(registry(), actor(), call("withdrawRecordBatch"), batch_key=batch_key, reason=body.reason)
    return outcome(given)


@operation(
    BLUEPRINT,
    "POST",
    "/v1/records/confirmations",
    operation_id="confirmRecords",
    roles=(Role.REPORTER,),
    reads=Input(message=Confirmations, example=examples.CONFIRMATIONS),
    answer=Answer(
        message=ConfirmationsAnswer,
        description="What became of each.",
        example=examples.CONFIRMED_RECORDS,
    ),
)
def confirm_records(*, body: Confirmations) -> Response:
    """Say of records that wait that they are still unpaid."""
    return outcome(confirm_unpaid(registry(), actor(), call("confirmRecords"), record_ids=body.record_ids))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/records/unchanged",
    operation_id="confirmUnchanged",
    roles=(Role.REPORTER,),
    reads=Input(message=UnchangedRecords, example=examples.UNCHANGED_RECORDS),
    answer=Answer(
        message=UnchangedAnswers,
        description="What became of each, in the order of the request.",
        example=examples.UNCHANGED_ANSWERS,
    ),
)
def confirm_unchanged_records(*, body: UnchangedRecords) -> Response:
    """Report records again whose rows are the same to the letter, by their ids and without a token."""
    return outcome(confirm_unchanged(registry(), actor(), call("confirmUnchanged"), records=body.records))
