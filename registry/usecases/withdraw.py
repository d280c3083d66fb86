"""A creditor takes its record back."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from protocol.codes import WithdrawalReason
from protocol.problems import Problem, Refusal
from registry.domain.participant import Actor
from registry.domain.record import Action, Party
from registry.policy.rules import beijing_date
from registry.store.transactions import Transaction
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.read_record import find_own, record_document
from registry.usecases.transitions import move


def withdraw(
    registry: Registry,
    actor: Actor,
    call: IdempotentCall,
    record_id: uuid.UUID,
    reason: WithdrawalReason,
    expected_version: int | None,
) -> Outcome:
    """ACTIVE -> WITHDRAWN or PENDING -> CANCELLED; raises Refusal NOT_FOUND, VERSION_STALE, EDGE_NOT_ALLOWED."""

    def work(tx: Transaction, now: dt.datetime) -> tuple[int, Mapping[str, Any]]:
        found = find_own(tx, actor, record_id)
        tx.subjects.lock((found.subject_key,))
        # Read again under the lock: between the look-up and the lock the record may have moved.
        record = find_own(tx, actor, record_id)
        if expected_version is not None and record.version != expected_version:
            raise Refusal(Problem.VERSION_STALE)
        rules = registry.rules.in_force(beijing_date(now))
        changed = move(registry, tx, record, Action.WITHDRAW, Party.CREDITOR, actor, reason.value, now, rules)
        return 200, record_document(changed)

    return answer_once(registry, actor, call, work)
