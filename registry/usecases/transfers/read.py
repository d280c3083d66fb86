"""Read transfers: the seller, the buyer once it was offered, and an auditor or a regulator any."""

import uuid
from typing import Final

from protocol.beijing import beijing_date
from protocol.messages import transfers as messages
from protocol.problems import Problem, Refusal
from protocol.readings import UNTOLD, Reading
from protocol.states import TransferState
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.overseeing import note_page, note_reading, oversees, read_as
from registry.usecases.transfers.shared import is_party, transfer_message

_BEFORE: Final = {
    TransferState.LAPSED: (TransferState.LAPSED, TransferState.PROPOSED, TransferState.OFFERED),
    TransferState.ACCEPTED: (TransferState.ACCEPTED, TransferState.UNDO_PROPOSED),
}
"""The stored states of transfers that may be in a state today, since a term has ended; only themselves elsewhere."""


def read_transfer(
    registry: Registry, actor: Actor, transfer_id: uuid.UUID, *, reading: Reading = UNTOLD
) -> messages.Transfer:
    """Read a transfer with its records; a reading by an office that is no party is logged.

    Raises Refusal NOT_FOUND, also for a creditor's transfers of others, or CONTEXT_REQUIRED.
    """

    def work(tx: Transaction) -> messages.Transfer:
        transfer = tx.transfers.find(transfer_id)
        if transfer is None or not (is_party(actor, transfer) or oversees(actor)):
            raise Refusal(Problem.NOT_FOUND)
        if not is_party(actor, transfer):
            note_reading(registry, tx, actor, reading, what="transfer", of=transfer_id, subject_key=None)
        return transfer_message(transfer, tx.transfers.items(transfer), beijing_date(registry.clock()))

    return read_as(registry, actor, work)


def list_transfers(
    registry: Registry, actor: Actor, query: messages.TransfersQuery, *, reading: Reading = UNTOLD
) -> messages.TransferPage:
    """Read a page of all transfers in their states of today, as an auditor or a regulator; it is logged.

    A page may hold fewer than it has room for, and go on. Raises Refusal CONTEXT_REQUIRED.
    """
    states = tuple(TransferState) if query.state is None else _BEFORE.get(query.state, (query.state,))
    today = beijing_date(registry.clock())

    def work(tx: Transaction) -> messages.TransferPage:
        found, following = tx.transfers.page(query.party, states, query.after, query.limit)
        page = tuple(
            transfer_message(transfer, tx.transfers.items(transfer), today)
            for transfer in found
            if query.state in (None, transfer.state_on(today))
        )
        note_page(registry, tx, actor, reading, what="transfers", shown=[each.transfer_id for each in page])
        return messages.TransferPage(transfers=page, next=following)

    return registry.store.write(work)
