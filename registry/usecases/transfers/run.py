"""Write that nobody accepted an offer in time; by its date it was over already."""

from protocol.events import EventKind
from protocol.log_entries import EntryKind, Facts
from protocol.states import TransferState
from registry.domain.transfers import Transfer, lapsed
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.context import Registry
from registry.usecases.notify import notify


def lapse_transfers(registry: Registry, limit: int = 500) -> int:
    """Lapse up to ``limit`` PROPOSED or OFFERED transfers; returns their number. Safe to repeat and to run twice."""

    def work(tx: Transaction) -> int:
        act = act_in(registry, tx, None)
        due = sorted(tx.transfers.lapsing(act.today, limit), key=lambda each: (each.participant_id, each.transfer_id))
        # Read again under its lock: in between another worker may have written it.
        over = [each for each in map(tx.transfers.lock, due) if each.state_on(act.today) is not each.state]
        for each in over:
            _lapse(act, each)
        return len(over)

    return registry.store.write(work)


def _lapse(act: Act, transfer: Transfer) -> None:
    """Write the lapse with its entry; tell the seller, and the buyer if it had the offer."""
    over = lapsed(transfer, at=act.now, log_entry_id=act.new_id())
    facts: Facts = {"transfer": str(transfer.transfer_id), "seller": transfer.participant_id}
    act.log(EntryKind.TRANSFER_LAPSED, over.log_entry_id, facts)
    act.tx.transfers.update(over)
    offered = transfer.state is TransferState.OFFERED
    parties = [transfer.participant_id, *([transfer.buyer_id] if offered else [])]
    notify(act, parties, EventKind.TRANSFER_LAPSED, facts=facts)
