"""Read the deposits that a carrier holds, with the days by which they are due back."""

import uuid

from protocol.messages.deposits import Deposits, DepositsQuery
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.act import act_in
from registry.usecases.context import Registry
from registry.usecases.deposits.shared import deposit_message


def list_deposits(registry: Registry, actor: Actor, query: DepositsQuery) -> Deposits:
    """Read a page of the actor's own deposits that are held; the first page counts how they were given back."""

    def work(tx: Transaction) -> Deposits:
        act = act_in(registry, tx, actor)
        held = tx.deposits.held_by(actor.participant_id, query.after or uuid.UUID(int=0), query.limit + 1)
        page = held[: query.limit]
        is_first = query.after is None
        due, in_time = tx.deposits.figures(actor.participant_id, act.today) if is_first else (None, None)
        return Deposits(
            due=due,
            returned_in_time=in_time,
            deposits=tuple(deposit_message(act, each) for each in page),
            next=page[-1].activation_id if len(held) > query.limit else None,
        )

    return registry.store.read(work)
