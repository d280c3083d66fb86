"""Take a record back on its creditor's word."""

import uuid

from protocol.codes import DisputeOutcome, WithdrawalReason
from protocol.messages.records import Record
from protocol.problems import Problem, Refusal
from protocol.states import Action, Party
from registry.domain.participants import Actor
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.leaving import leave
from registry.usecases.records.read import find_own, record_message
from registry.usecases.tidying import up_to_date


def withdraw(
    registry: Registry,
    actor: Actor,
    call: IdempotentCall,
    *,
    record_id: uuid.UUID,
    reason: WithdrawalReason,
    expected_version: int | None,
) -> Outcome:
    """Take the edge WITHDRAW and close an open case; raises Refusal NOT_FOUND, VERSION_STALE, EDGE_NOT_ALLOWED."""

    def work(act: Act) -> tuple[int, Record]:
        found = find_own(act.tx, actor, record_id)
        act.tx.subjects.lock((found.subject_key,))
        # Read again under the lock: between the look-up and the lock the record may have moved.
        record = find_own(act.tx, actor, record_id)
        if expected_version is not None and record.version != expected_version:
            raise Refusal(Problem.VERSION_STALE)
        (record,) = up_to_date(act, (record,))
        withdrawn = leave(
            act, record, Action.WITHDRAW, party=Party.CREDITOR, reason=reason.value, outcome=DisputeOutcome.WITHDRAWN
        )
        return 200, record_message(withdrawn)

    return answer_once(registry, actor, call, work)
