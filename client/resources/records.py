"""Call the registry about records: report them, list them, take them back, confirm them."""

from collections.abc import Iterator, Sequence
from typing import Final
from uuid import UUID

from client.answers import message, read_object
from client.errors import RegistryAnswerBroken, RegistryRefused
from client.paging import pages
from client.registry import RegistryClient
from protocol import strict_json
from protocol.codes import WithdrawalReason
from protocol.messages.limits import MAX_BATCH
from protocol.messages.records import (
    Confirmation,
    Confirmations,
    ConfirmationsAnswer,
    ListedRecord,
    RecordPage,
    RecordReport,
    RecordsQuery,
    RefusedRow,
    RowVerdict,
)
from protocol.messages.take_outs import NewTakeOutConfirmation, TakeOuts
from protocol.messages.withdrawals import (
    BatchWithdrawal,
    BatchWithdrawalProgress,
    ManyWithdrawals,
    WithdrawalOutcome,
    WithdrawalOutcomes,
)
from protocol.problems import Problem
from protocol.states import OPEN_STATES, RecordState

_MAX_LINE: Final = 256 * 1024
"""A verdict may name many records that its row took out."""


def report_batch(registry: RegistryClient, key: str, rows: Sequence[RecordReport | RefusedRow]) -> Sequence[RowVerdict]:
    """Report the rows of one batch; ``key`` names the batch, so that the same call again doubles nothing."""
    verdicts = registry.post_rows("/v1/record-batches", rows, _whole, key=key)
    if [verdict.row_id for verdict in verdicts] != [row.row_id for row in rows]:
        raise RegistryAnswerBroken("the registry's verdicts are not those of the rows")
    return verdicts


def own_records(
    registry: RegistryClient, state: RecordState | None = None, *, limit: int = MAX_BATCH
) -> Iterator[ListedRecord]:
    """Yield this carrier's open records, or those in one state, in an order that stays while it is read."""

    def page(after: UUID | None) -> RecordPage:
        return registry.get("/v1/records", RecordPage, RecordsQuery(state=state, after=after, limit=limit))

    for read in pages(registry, "records", page):
        yield from (record for record in read.records if state is not None or record.state in OPEN_STATES)


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


def read_take_outs(registry: RegistryClient) -> TakeOuts:
    """Read this carrier's present day: its bound, its take-outs, its held rows, and their confirmation."""
    return registry.get("/v1/take-outs", TakeOuts)


def confirm_take_outs(
    registry: RegistryClient, confirmation: NewTakeOutConfirmation, *, key: str | None = None
) -> TakeOuts:
    """Confirm held take-outs of the present day."""
    return registry.post("/v1/take-outs/confirmation", confirmation, TakeOuts, key=key)


def _whole(stream: bytes) -> Sequence[RowVerdict] | None:
    """Return the verdict lines of a whole answer; None where the closing line is missing."""
    *lines, rest = stream.split(b"\n")
    closing = read_object(lines.pop(), _MAX_LINE) if lines and not rest else {}
    if closing.get("end") is True:
        return [message(RowVerdict, read_object(line, _MAX_LINE)) for line in lines]
    _check_end(stream)
    return None


def _check_end(stream: bytes) -> None:
    """Raise RegistryRefused where an answer that is not whole ends with a refusal that the same rows get again."""
    last = stream.rstrip(b"\n").rpartition(b"\n")[2]
    try:
        problem = strict_json.load_object(last, max_bytes=_MAX_LINE).get("problem")
    except strict_json.StrictJsonError:
        return  # the answer was cut off in the middle of a line
    for hopeless in (Problem.TOO_MANY_MALFORMED_ROWS.value, Problem.IDEMPOTENCY_KEY_REUSED.value):
        if isinstance(problem, dict) and problem.get("type") == hopeless.urn:
            raise RegistryRefused(hopeless.name, hopeless.status, ())
