"""Void a record on an adjudicator's finding, without a case at a counter, that an identity was stolen."""

import uuid

from protocol.messages import records as messages
from protocol.messages.archive import Finding
from protocol.problems import Problem, Refusal
from protocol.states import Action, Party
from registry.domain.participants import Actor
from registry.usecases import edges
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.disputes.mark_victim import mark_victim
from registry.usecases.idempotency import answer_once
from registry.usecases.records.read import find_any, record_message
from registry.usecases.tidying import up_to_date


def void_record(
    registry: Registry,
    actor: Actor,
    call: IdempotentCall,
    *,
    record_id: uuid.UUID,
    finding: Finding,
) -> Outcome:
    """Take the edge VOID and mark the victim; its reason is the SHA-256 of the finding, which the adjudicator keeps.

    A record with an open dispute is decided with its case. Raises Refusal: NOT_FOUND, ROLE_MISSING (the creditor
    itself), VERSION_STALE, EDGE_NOT_ALLOWED.
    """

    def work(act: Act) -> tuple[int, messages.Record]:
        act.tx.subjects.lock((find_any(act.tx, record_id).subject_key,))
        # Read again under the lock: between the look-up and the lock the record may have moved.
        record = find_any(act.tx, record_id)
        if record.creditor_id == act.actor_id:
            raise Refusal(Problem.ROLE_MISSING, detail="Who reported a record does not judge it; it withdraws it.")
        if finding.expected_version not in (None, record.version):
            raise Refusal(Problem.VERSION_STALE)
        (record,) = up_to_date(act, (record,))
        if act.tx.disputes.open_of_record(record.subject_key, record.record_id) is not None:
            detail = f"The record is {record.state} and has an open dispute; it is decided with its case."
            raise Refusal(Problem.EDGE_NOT_ALLOWED, detail=detail)
        moved = edges.move(act, record, Action.VOID, Party.ADJUDICATOR, finding.finding_digest.hex())
        mark_victim(act, record.subject_key)
        return 200, record_message(moved)

    return answer_once(registry, actor, call, work)
