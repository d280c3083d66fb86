"""Report defaulted accounts: every row gets a verdict, and a listed record is logged with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from protocol.codes import Verdict
from protocol.messages.records import RecordReport, RefusedRow, RowVerdict
from protocol.problems import Problem, Refusal
from registry.domain.batches import BatchChunk
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.context import IdempotentCall, Outcome, Registry, json_body
from registry.usecases.idempotency import answer_once
from registry.usecases.pseudonyms import pseudonyms
from registry.usecases.records.files import NamedReport
from registry.usecases.records.judge_reports import judge

MOST_MALFORMED: Final = 100
"""So many malformed rows one after the other end a batch: the file is no file of reports."""


def report(registry: Registry, actor: Actor, call: IdempotentCall, submitted: RecordReport) -> Outcome:
    """Judge one report; raises Refusal EPOCH_UNKNOWN or BAD_ELEMENT. A row that the rules reject gets a verdict."""
    named = NamedReport(report=submitted, names=pseudonyms(registry, submitted.tokens))

    def work(act: Act) -> tuple[int, RowVerdict]:
        (verdict,) = judge(act, (named,))
        return 201 if verdict.verdict in (Verdict.ACTIVE, Verdict.PENDING) else 200, verdict

    return answer_once(registry, actor, call, work)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A piece of a streamed batch: its number from 0, the SHA-256 of its lines as sent, and its rows.

    A ``RowVerdict`` among the rows is one that the door found malformed: it is passed through in its place. A
    ``RefusedRow`` is one that the gateway refuses: it may take an open record of its account out, and lists nothing.
    """

    batch_key: str
    number: int
    rows_digest: bytes
    rows: tuple[RecordReport | RefusedRow | RowVerdict, ...]


class MalformedRun:
    """The number of malformed rows one after the other, up to now and over all chunks of one request."""

    __slots__ = ("length",)

    def __init__(self) -> None:
        self.length = 0


def report_chunk(registry: Registry, actor: Actor, chunk: Chunk, malformed: MalformedRun | None = None) -> bytes:
    """Judge one chunk of a streamed batch: a verdict line (NDJSON) for each row, in order, committed with the records.

    A chunk that was committed before gives its earlier verdicts; raises Refusal IDEMPOTENCY_KEY_REUSED when its
    rows were others, IN_FLIGHT while another request writes it, EDGE_NOT_ALLOWED when the batch was taken back: the
    earlier verdicts would tell its sender that something is listed, and its other rows are as wrong.
    Raises Refusal TOO_MANY_MALFORMED_ROWS, and nothing of the chunk has happened, when ``malformed``, which goes on
    over this chunk, reaches ``MOST_MALFORMED`` in it.
    """
    malformed = malformed or MalformedRun()
    named = [_named(registry, row) for row in chunk.rows]
    judgeable = [each for each in named if not isinstance(each, RowVerdict)]
    longest, length = _malformed(named, malformed.length)

    def work(tx: Transaction) -> bytes:
        claim_batch(tx, actor, chunk.batch_key)
        if tx.batches.is_withdrawn(actor.participant_id, chunk.batch_key):
            raise Refusal(Problem.EDGE_NOT_ALLOWED, detail="The batch was taken back.")
        stored = tx.batches.chunk(actor.participant_id, chunk.batch_key, chunk.number)
        if stored is not None:
            if stored.rows_digest != chunk.rows_digest:
                raise Refusal(Problem.IDEMPOTENCY_KEY_REUSED)
            return stored.verdicts
        if longest >= MOST_MALFORMED:
            raise Refusal(Problem.TOO_MANY_MALFORMED_ROWS, detail=f"{MOST_MALFORMED} rows, in chunk {chunk.number}.")
        act = act_in(registry, tx, actor)
        judged = iter(judge(act, judgeable))
        verdicts = [each if isinstance(each, RowVerdict) else next(judged) for each in named]
        lines = b"".join(json_body(verdict) + b"\n" for verdict in verdicts)
        tx.batches.keep(
            BatchChunk(
                participant_id=actor.participant_id,
                batch_key=chunk.batch_key,
                chunk_number=chunk.number,
                rows=len(chunk.rows),
                rows_digest=chunk.rows_digest,
                verdicts=lines,
                completed_at=act.now,
            )
        )
        return lines

    verdicts_given = registry.store.write(work)
    malformed.length = length
    return verdicts_given


def _malformed(rows: Sequence[NamedReport | RefusedRow | RowVerdict], before: int) -> tuple[int, int]:
    """Count the longest run of malformed rows, of which ``before`` came before these, and the run at the end."""
    longest = running = before
    for each in rows:
        running = running + 1 if isinstance(each, RowVerdict) else 0
        longest = max(longest, running)
    return longest, running


def claim_batch(tx: Transaction, actor: Actor, batch_key: str) -> None:
    """Claim a batch until the transaction ends; raises Refusal IN_FLIGHT while another request has it.

    Listing a chunk and taking the batch back claim the same key, so that no row is listed during a withdrawal.
    """
    if not tx.idempotency.try_claim(actor.participant_id, f"{batch_key}/batch"):
        raise Refusal(Problem.IN_FLIGHT)


def _named(registry: Registry, row: RecordReport | RefusedRow | RowVerdict) -> NamedReport | RefusedRow | RowVerdict:
    if not isinstance(row, RecordReport):
        return row
    try:
        return NamedReport(report=row, names=pseudonyms(registry, row.tokens))
    except Refusal:
        # In a stream a bad token rejects its row alone, by a verdict; it never stops the file.
        return RowVerdict(row_id=row.row_id, verdict=Verdict.REJ_MALFORMED_ROW)
