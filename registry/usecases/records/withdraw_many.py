"""Take many records of a creditor back: by their ids, or all that a streamed batch listed."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from protocol.codes import DisputeOutcome, WithdrawalReason
from protocol.log_entries import EntryKind, Facts
from protocol.messages.records import RowVerdict
from protocol.messages.withdrawals import BatchWithdrawalProgress, WithdrawalOutcome, WithdrawalOutcomes
from protocol.problems import Problem, Refusal
from protocol.states import Action, Party
from protocol.wire.codec import message_of, read
from registry.domain.batches import BatchChunk, ChunkWithdrawal, listed_by
from registry.domain.life import EDGES
from registry.domain.participants import Actor
from registry.domain.records import Record
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.chunks import claim_batch
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_given, answer_once
from registry.usecases.leaving import leave_many
from registry.usecases.records.shared import hold_own
from registry.usecases.records.take_outs import Allowance

CHUNKS_A_CALL: Final = 10
"""Chunks of a batch that one call takes back, each in a transaction of its own: some seconds of work."""
_NOT_FOUND: Final = "NOT_FOUND"
_HELD: Final = "HELD"


def withdraw_many(
    registry: Registry,
    actor: Actor,
    call: IdempotentCall,
    *,
    record_ids: Sequence[uuid.UUID],
    reason: WithdrawalReason,
) -> Outcome:
    """Take up to 1,000 records back; each has its own outcome.

    The outcome of an id is the state that its record came to, the state it stays in where that has no such edge, or
    NOT_FOUND, also for records of others. For NOT_IN_EXPORT the records count as the day's take-outs: beyond the bound
    they stand and are HELD, which another key of the creditor may confirm.
    """

    def work(act: Act) -> tuple[int, WithdrawalOutcomes]:
        done = _take_back(act, record_ids, reason)
        return 200, WithdrawalOutcomes(
            outcomes=tuple(
                WithdrawalOutcome(record_id=each, outcome=done.outcomes.get(each, _NOT_FOUND)) for each in record_ids
            ),
            withdrawn=len(done.withdrawn),
        )

    return answer_once(registry, actor, call, work)


def withdraw_batch(
    registry: Registry, actor: Actor, call: IdempotentCall, *, batch_key: str, reason: WithdrawalReason
) -> Outcome:
    """Take back the records of a batch's next chunks, and return the progress: a further call goes on.

    If we die in between, the chunks that were committed stay taken back and the next call goes on behind them. Two
    that run at once share the work: a chunk is taken back by one of them. Raises Refusal NOT_FOUND for a batch that
    is unknown or whose verdicts are not kept any more, IN_FLIGHT while another call has the batch.
    """
    given = registry.store.read(lambda tx: answer_given(tx, actor, call))
    if given is not None:
        return given
    for _ in range(CHUNKS_A_CALL):
        if not registry.store.write(lambda tx: _withdraw_next(registry, tx, actor, batch_key, reason)):
            break

    def work(act: Act) -> tuple[int, BatchWithdrawalProgress]:
        progress = act.tx.batches.withdrawal(actor.participant_id, batch_key)
        if progress is None:
            raise Refusal(Problem.NOT_FOUND)
        return 200, message_of(BatchWithdrawalProgress, progress)

    return answer_once(registry, actor, call, work)


def _withdraw_next(registry: Registry, tx: Transaction, actor: Actor, batch_key: str, reason: WithdrawalReason) -> bool:
    """Take one chunk back; returns False when none is left."""
    claim_batch(tx, actor, batch_key)
    chunk = tx.batches.next_to_withdraw(actor.participant_id, batch_key)
    if chunk is None:
        return False
    act = act_in(registry, tx, actor)
    listed, others = listed_by(_verdicts(chunk))
    done = _take_back(act, listed, reason)
    withdrawal = ChunkWithdrawal(
        participant_id=actor.participant_id,
        batch_key=batch_key,
        chunk_number=chunk.chunk_number,
        withdrawn=len(done.withdrawn),
        left_alone=len(listed) - len(done.withdrawn) + others,
        withdrawn_at=act.now,
        log_entry_id=act.new_id(),
    )
    facts: Facts = {
        "batch": batch_key,
        "chunk": withdrawal.chunk_number,
        "reason": reason.value,
        "withdrawn": withdrawal.withdrawn,
        "left_alone": withdrawal.left_alone,
    }
    act.log(EntryKind.BATCH_WITHDRAWN, withdrawal.log_entry_id, facts)
    tx.batches.keep_withdrawal(withdrawal)
    return True


@dataclass(frozen=True, slots=True)
class _Taken:
    """The state that each found record is in now, and which of them left the list just now."""

    outcomes: Mapping[uuid.UUID, str]
    withdrawn: frozenset[uuid.UUID]


def _take_back(act: Act, record_ids: Sequence[uuid.UUID], reason: WithdrawalReason) -> _Taken:
    """Take every possible edge WITHDRAW of these records; the plain ones are written in bulk."""
    found = hold_own(act, record_ids)
    may_leave = [each for each in found if (each.state, Action.WITHDRAW) in EDGES]
    leaving = _within_bound(act, may_leave) if reason is WithdrawalReason.NOT_IN_EXPORT else may_leave
    left = leave_many(
        act,
        leaving,
        Action.WITHDRAW,
        party=Party.CREDITOR,
        reason=reason.value,
        outcome=DisputeOutcome.WITHDRAWN,
    )
    after = {each.record_id: each for each in left}
    outcomes = {each.record_id: after.get(each.record_id, each).state.value for each in found}
    outcomes |= {each.record_id: _HELD for each in may_leave if each.record_id not in after}
    return _Taken(outcomes, frozenset(after))


def _within_bound(act: Act, records: Sequence[Record]) -> list[Record]:
    """Return those that the day's bound on take-outs lets go; the others are counted as held."""
    allowance = Allowance(act)
    granted = [each for each in records if allowance.grants()]
    allowance.spend()
    return granted


def _verdicts(chunk: BatchChunk) -> list[RowVerdict]:
    # The lines are our own, as they were stored with the records.
    return [read(RowVerdict, json.loads(line)) for line in chunk.verdicts.splitlines()]
