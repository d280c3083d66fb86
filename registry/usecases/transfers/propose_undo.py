"""Propose as one party that an accepted transfer is undone; nothing changes before the other one confirms."""

import uuid

from protocol.events import EventKind
from protocol.log_entries import EntryKind, Facts
from protocol.problems import Problem, Refusal
from registry.domain.participants import Actor
from registry.domain.transfers import Transfer, TransferStateForbids, UndoTooLate, undo_proposed
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.notify import notify
from registry.usecases.transfers.shared import shared_transfer, state_refusal, step_of, transfer_message


def propose_undo(registry: Registry, actor: Actor, call: IdempotentCall, transfer_id: uuid.UUID) -> Outcome:
    """Take the edge ACCEPTED -> UNDO_PROPOSED, within its days; raises Refusal NOT_FOUND or EDGE_NOT_ALLOWED."""

    def work(act: Act) -> tuple[int, object]:
        wanted = _proposed(act, shared_transfer(act.tx, actor, transfer_id), actor.key_id)
        items = act.tx.transfers.items(wanted)
        facts: Facts = {"transfer": str(transfer_id), "seller": wanted.participant_id, "buyer": wanted.buyer_id}
        act.log(EntryKind.TRANSFER_UNDO_PROPOSED, wanted.log_entry_id, facts)
        act.tx.transfers.update(wanted)
        notify(act, [wanted.other_party(act.actor_id)], EventKind.TRANSFER_UNDO_PROPOSED, facts=facts)
        return 200, transfer_message(wanted, items, act.today)

    return answer_once(registry, actor, call, work)


def _proposed(act: Act, transfer: Transfer, key_id: str) -> Transfer:
    try:
        return undo_proposed(transfer, step_of(act, key_id))
    except TransferStateForbids as refused:
        raise state_refusal(refused) from None
    except UndoTooLate:
        raise Refusal(Problem.EDGE_NOT_ALLOWED, detail="The days in which it can be undone are over.") from None
