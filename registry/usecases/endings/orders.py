"""A regulator's orders on a record: frozen, unfrozen, or discharged by a court."""

import uuid
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from protocol.problems import Problem, Refusal
from registry.domain.life import Action, Party
from registry.domain.participant import Actor
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.reports.read_record import find_any, record_document


class Order(StrEnum):
    """What is ordered; the values are the edges of a record's life that only a regulator takes."""

    FREEZE = Action.FREEZE.value
    UNFREEZE = Action.UNFREEZE.value
    DISCHARGE = Action.DISCHARGE.value


def carry_out_order(
    registry: Registry,
    actor: Actor,
    call: IdempotentCall,
    *,
    record_id: uuid.UUID,
    order: Order,
    order_digest: bytes,
    expected_version: int | None,
) -> Outcome:
    """Take the order's edge; its reason is the SHA-256 of the order, which the regulator produces when it is asked to.

    A frozen record blocks nobody, its late fee and its years run on. Raises Refusal: NOT_FOUND, VERSION_STALE,
    EDGE_NOT_ALLOWED.
    """

    def work(act: Act) -> tuple[int, Mapping[str, Any]]:
        act.tx.subjects.lock((find_any(act.tx, record_id).subject_key,))
        # Read again under the lock: between the look-up and the lock the record may have moved.
        record = find_any(act.tx, record_id)
        if expected_version is not None and record.version != expected_version:
            raise Refusal(Problem.VERSION_STALE)
        # No case and no plan hangs on a state that these edges leave.
        moved = act.move(record, Action(order.value), Party.REGULATOR, order_digest.hex())
        return 200, record_document(moved)

    return answer_once(registry, actor, call, work)
