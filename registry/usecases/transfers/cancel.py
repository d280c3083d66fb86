"""Cancel a transfer, as its seller, that the buyer has not accepted."""

import uuid

from protocol.log_entries import EntryKind
from registry.domain.participants import Actor
from registry.domain.transfers import TransferStateForbids, cancelled
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.transfers.shared import sold_transfer, state_refusal, step_of, transfer_message


def cancel_transfer(registry: Registry, actor: Actor, call: IdempotentCall, transfer_id: uuid.UUID) -> Outcome:
    """Cancel the transfer as any person of the seller; raises Refusal NOT_FOUND or EDGE_NOT_ALLOWED (it is over)."""

    def work(act: Act) -> tuple[int, object]:
        transfer = sold_transfer(act.tx, actor, transfer_id)
        try:
            over = cancelled(transfer, step_of(act, actor.key_id))
        except TransferStateForbids as refused:
            raise state_refusal(refused) from None
        act.log(EntryKind.TRANSFER_CANCELLED, over.log_entry_id, {"transfer": str(transfer_id)})
        act.tx.transfers.update(over)
        return 200, transfer_message(over, act.tx.transfers.items(over), act.today)

    return answer_once(registry, actor, call, work)
