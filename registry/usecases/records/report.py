"""Report defaulted accounts: every row gets a verdict, and a listed record is logged with it."""

from collections.abc import Iterator
from typing import TypeAlias

from protocol.codes import Verdict
from protocol.messages.records import RecordReport, RefusedRow, RowVerdict
from protocol.problems import Problem, Refusal
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.act import Act
from registry.usecases.chunks import Chunk, Judging, MalformedRun, answer_chunk
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.pseudonyms import pseudonyms
from registry.usecases.records.files import NamedReport
from registry.usecases.records.judge_reports import judge

ReportedRow: TypeAlias = RecordReport | RefusedRow | RowVerdict
"""A row of a batch. A ``RefusedRow`` may take an open record of its account out, and lists nothing."""


def report(registry: Registry, actor: Actor, call: IdempotentCall, submitted: RecordReport) -> Outcome:
    """Judge one report; raises Refusal EPOCH_UNKNOWN or BAD_ELEMENT. A row that the rules reject gets a verdict."""
    named = NamedReport(report=submitted, names=pseudonyms(registry, submitted.tokens))

    def work(act: Act) -> tuple[int, RowVerdict]:
        (verdict,) = judge(act, (named,))
        return 201 if verdict.verdict in (Verdict.ACTIVE, Verdict.PENDING) else 200, verdict

    return answer_once(registry, actor, call, work)


def report_chunk(
    registry: Registry, actor: Actor, chunk: Chunk[ReportedRow], malformed: MalformedRun | None = None
) -> bytes:
    """Judge one chunk of a streamed batch of reports, as ``answer_chunk`` says.

    Raises Refusal as there, and EDGE_NOT_ALLOWED when the batch was taken back: the earlier verdicts would tell its
    sender that something is listed, and its other rows are as wrong.
    """
    named = [_named(registry, row) for row in chunk.rows]

    def require(tx: Transaction) -> None:
        if tx.batches.is_withdrawn(actor.participant_id, chunk.batch_key):
            raise Refusal(Problem.EDGE_NOT_ALLOWED, detail="The batch was taken back.")

    def verdicts(act: Act) -> Iterator[RowVerdict]:
        judged = iter(judge(act, [each for each in named if not isinstance(each, RowVerdict)]))
        return (each if isinstance(each, RowVerdict) else next(judged) for each in named)

    judging = Judging(is_malformed=[isinstance(each, RowVerdict) for each in named], judge=verdicts, require=require)
    return answer_chunk(registry, actor, chunk, judging, malformed or MalformedRun())


def _named(registry: Registry, row: ReportedRow) -> NamedReport | RefusedRow | RowVerdict:
    if not isinstance(row, RecordReport):
        return row
    try:
        return NamedReport(report=row, names=pseudonyms(registry, row.tokens))
    except Refusal:
        # In a stream a bad token rejects its row alone, by a verdict; it never stops the file.
        return RowVerdict(row_id=row.row_id, verdict=Verdict.REJ_MALFORMED_ROW)
