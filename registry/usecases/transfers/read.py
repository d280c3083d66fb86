"""Read a transfer, as its seller or, once it was offered, as its buyer; nobody else finds one."""

import uuid

from protocol.beijing import beijing_date
from protocol.messages.transfers import Transfer
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.transfers.shared import transfer_message, visible_transfer


def read_transfer(registry: Registry, actor: Actor, transfer_id: uuid.UUID) -> Transfer:
    """Read a transfer with its records; raises Refusal NOT_FOUND, also for those of others."""

    def work(tx: Transaction) -> Transfer:
        transfer = visible_transfer(tx, actor, transfer_id)
        return transfer_message(transfer, tx.transfers.items(transfer), beijing_date(registry.clock()))

    return registry.store.read(work)
