"""Take a household rebuttal back, as its filer, or as an adjudicator where it was not true."""

import uuid

from protocol.log_entries import EntryKind
from protocol.problems import Problem, Refusal
from protocol.states import RebuttalState
from registry.domain.disassociations import state_on, withdrawn
from registry.domain.participants import Actor
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.disassociations.shared import note_rebuttal, rebuttal_message, visible_rebuttal
from registry.usecases.idempotency import answer_once


def withdraw_rebuttal(registry: Registry, actor: Actor, call: IdempotentCall, rebuttal_id: uuid.UUID) -> Outcome:
    """Let the household weigh again from the next inquiry on; raises Refusal NOT_FOUND or EDGE_NOT_ALLOWED (over)."""

    def work(act: Act) -> tuple[int, object]:
        act.tx.subjects.lock({each.subject_key for each in visible_rebuttal(act.tx, actor, rebuttal_id)})
        # Read again under the lock: of two simultaneous withdrawals the second is refused.
        filed = visible_rebuttal(act.tx, actor, rebuttal_id)
        state = state_on(filed[0], act.today)
        if state is not RebuttalState.HOLDS:
            raise Refusal(Problem.EDGE_NOT_ALLOWED, detail=f"The rebuttal is {state}.")
        entry_id = act.new_id()
        rows = [withdrawn(each, at=act.now, by=act.actor_id, log_entry_id=entry_id) for each in filed]
        note_rebuttal(act, EntryKind.HOUSEHOLD_REBUTTAL_ENDED, rows)
        for each in rows:
            act.tx.disassociations.end(each)
        return 200, rebuttal_message(rows, act.today)

    return answer_once(registry, actor, call, work)
