"""A transfer is read by its seller and, once it was offered, by its buyer; for others there is none."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from protocol.beijing import beijing_date
from protocol.encodings import format_time
from protocol.problems import Problem, Refusal
from registry.domain.participants import Actor
from registry.domain.transfers import Step, Transfer, TransferItem, TransferStateForbids
from registry.store.transactions import Transaction
from registry.usecases.act import Act
from registry.usecases.context import Registry


def read_transfer(registry: Registry, actor: Actor, transfer_id: uuid.UUID) -> dict[str, Any]:
    """The transfer with its records; raises Refusal NOT_FOUND, also for those of others."""

    def work(tx: Transaction) -> dict[str, Any]:
        transfer = visible_transfer(tx, actor, transfer_id)
        return transfer_document(transfer, tx.transfers.items(transfer), beijing_date(registry.clock()))

    return registry.store.read(work)


def visible_transfer(tx: Transaction, actor: Actor, transfer_id: uuid.UUID) -> Transfer:
    """The transfer for its two parties; raises Refusal NOT_FOUND for everybody else, giving nothing away."""
    found = tx.transfers.find(transfer_id)
    offered_to = None if found is None or found.confirmed_at is None else found.buyer_id
    if found is None or actor.participant_id not in (found.participant_id, offered_to):
        raise Refusal(Problem.NOT_FOUND)
    return found


def sold_transfer(tx: Transaction, actor: Actor, transfer_id: uuid.UUID) -> Transfer:
    """The seller's own transfer, held; raises Refusal NOT_FOUND for its buyer too."""
    found = visible_transfer(tx, actor, transfer_id)
    if found.participant_id != actor.participant_id:
        raise Refusal(Problem.NOT_FOUND)
    return tx.transfers.lock(found)


def shared_transfer(tx: Transaction, actor: Actor, transfer_id: uuid.UUID) -> Transfer:
    """A transfer of which the actor is either party, held; raises Refusal NOT_FOUND."""
    return tx.transfers.lock(visible_transfer(tx, actor, transfer_id))


def step_of(act: Act, key_id: str) -> Step:
    """A step that the act takes, under a key of its actor."""
    return Step(party=act.actor_id, key_id=key_id, at=act.now, today=act.today, log_entry_id=act.new_id())


def transfer_document(transfer: Transfer, items: Sequence[TransferItem], today: dt.date) -> dict[str, Any]:
    """What both parties see: neither a pseudonym nor an account reference is in it. The state is that of the day."""
    return {
        "transfer_id": str(transfer.transfer_id),
        "state": transfer.state_on(today).value,
        "ground": transfer.ground.value,
        "seller": transfer.participant_id,
        "buyer": transfer.buyer_id,
        "proposed_at": format_time(transfer.proposed_at),
        "proposed_key_id": transfer.proposed_key_id,
        "confirmed_at": None if transfer.confirmed_at is None else format_time(transfer.confirmed_at),
        "confirmed_key_id": transfer.confirmed_key_id,
        "ended_at": None if transfer.ended_at is None else format_time(transfer.ended_at),
        "ended_key_id": transfer.ended_key_id,
        "lapses_on": transfer.lapses_on.isoformat(),
        "undo_ends_on": None if transfer.undo_ends_on is None else transfer.undo_ends_on.isoformat(),
        "undo_by": transfer.undo_by,
        "undo_at": None if transfer.undo_at is None else format_time(transfer.undo_at),
        "undo_key_id": transfer.undo_key_id,
        "undone_at": None if transfer.undone_at is None else format_time(transfer.undone_at),
        "undone_key_id": transfer.undone_key_id,
        "rules_version": transfer.rules_version,
        "records": [
            {
                "record_id": str(each.record_id),
                "outcome": None if each.outcome is None else each.outcome.value,
                "new_record_id": None if each.new_record_id is None else str(each.new_record_id),
                "undo_outcome": None if each.undo_outcome is None else each.undo_outcome.value,
                "undo_record_id": None if each.undo_record_id is None else str(each.undo_record_id),
            }
            for each in items
        ],
    }


def state_refusal(refused: TransferStateForbids) -> Refusal:
    """What a step that the transfer's state forbids comes to."""
    return Refusal(Problem.EDGE_NOT_ALLOWED, detail=f"The transfer is {refused.state}.")
