"""Lock a case with its record, and apply every passed deadline of theirs."""

import uuid

from protocol.problems import Problem, Refusal
from registry.domain.disputes import Dispute
from registry.domain.participants import Actor
from registry.domain.records import Record
from registry.usecases.act import Act
from registry.usecases.disputes.shared import record_of, visible_case
from registry.usecases.tidying import up_to_date


def locked_case(act: Act, actor: Actor, dispute_id: uuid.UUID, expected_version: int | None) -> tuple[Dispute, Record]:
    """Lock the case and its record as they are today; raises Refusal NOT_FOUND or VERSION_STALE.

    The version is compared before that: a timely reader of the case did not see the scheduler's overdue edges.
    """
    act.tx.subjects.lock((visible_case(act.tx, actor, dispute_id).subject_key,))
    # Read again under the lock: the scheduler or the other side may have changed the case in between.
    dispute = visible_case(act.tx, actor, dispute_id)
    if expected_version is not None and dispute.version != expected_version:
        raise Refusal(Problem.VERSION_STALE)
    before = record_of(act.tx, dispute)
    (record,) = up_to_date(act, (before,))
    # A passed deadline may have changed the case and left a FROZEN record as it was.
    return visible_case(act.tx, actor, dispute_id), record
