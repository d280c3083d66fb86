"""Approve an entry of the red list as the operator or the regulator; the second approval makes it effective."""

import uuid

from protocol.log_entries import EntryKind
from protocol.problems import Problem, Refusal
from registry.domain.participants import Actor
from registry.domain.red_list import Approval, ApprovedAlready, EntryStateForbids, NotIndependent, approve
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.red_list.shared import locked_entry, red_list_message, state_refusal


def approve_red_list(registry: Registry, actor: Actor, call: IdempotentCall, entry_id: uuid.UUID) -> Outcome:
    """Add one approval to a proposed entry.

    Raises Refusal: NOT_FOUND, ROLE_MISSING (the proposer approves), ALREADY_EXISTS (the same approver again),
    EDGE_NOT_ALLOWED (effective, expired or revoked).
    """

    def work(act: Act) -> tuple[int, object]:
        entry = locked_entry(act.tx, entry_id)
        approval = Approval(approver_id=act.actor_id, approved_at=act.now, log_entry_id=act.new_id())
        try:
            approved = approve(entry, approval, act.today)
        except NotIndependent:
            raise Refusal(Problem.ROLE_MISSING, detail="Who proposed an entry does not approve it.") from None
        except ApprovedAlready:
            raise Refusal(Problem.ALREADY_EXISTS, detail="Another participant has to approve.") from None
        except EntryStateForbids as refused:
            raise state_refusal(refused) from None
        act.log(
            EntryKind.RED_LIST_APPROVED,
            approval.log_entry_id,
            {"entry": str(entry_id)},
            subject_key=entry.subject_key,
            personal={"subject": entry.subject_key.hex()},
        )
        act.tx.red_list.approve(approved, approval)
        return 201, red_list_message(approved, act.today)

    return answer_once(registry, actor, call, work)
