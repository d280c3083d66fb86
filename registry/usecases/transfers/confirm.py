"""Confirm a transfer as a second person of the seller, and tell the buyer of the offer."""

import uuid

from protocol.events import EventKind
from protocol.log_entries import EntryKind, Facts
from protocol.problems import Problem, Refusal
from registry.domain.participants import Actor
from registry.domain.transfers import SamePerson, Transfer, TransferStateForbids, confirmed
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.notify import notify
from registry.usecases.transfers.shared import sold_transfer, state_refusal, step_of, transfer_message


def confirm_transfer(registry: Registry, actor: Actor, call: IdempotentCall, transfer_id: uuid.UUID) -> Outcome:
    """Take the edge PROPOSED -> OFFERED; raises Refusal NOT_FOUND, ROLE_MISSING (proposing key), EDGE_NOT_ALLOWED."""

    def work(act: Act) -> tuple[int, object]:
        offered = _confirmed(act, sold_transfer(act.tx, actor, transfer_id), actor.key_id)
        items = act.tx.transfers.items(offered)
        act.log(EntryKind.TRANSFER_CONFIRMED, offered.log_entry_id, {"transfer": str(transfer_id)})
        act.tx.transfers.update(offered)
        facts: Facts = {
            "transfer": str(transfer_id),
            "seller": offered.participant_id,
            "records": len(items),
            "lapses_on": offered.lapses_on.isoformat(),
        }
        notify(act, [offered.buyer_id], EventKind.TRANSFER_OFFERED, facts=facts)
        return 200, transfer_message(offered, items, act.today)

    return answer_once(registry, actor, call, work)


def _confirmed(act: Act, transfer: Transfer, key_id: str) -> Transfer:
    try:
        return confirmed(transfer, step_of(act, key_id), act.rules.transfers)
    except TransferStateForbids as refused:
        raise state_refusal(refused) from None
    except SamePerson:
        raise Refusal(Problem.ROLE_MISSING, detail="Another person, with another key, has to confirm.") from None
