"""Steps of a debt's transfer."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from protocol.codes import (
    TransferGround,
)
from protocol.messages.transfers import Acceptance, NewAccount, NewTransfer
from registry.domain.participants import Actor
from registry.store.accounts import account
from registry.usecases.records.read import read_record
from registry.usecases.transfers.accept import accept_transfer
from registry.usecases.transfers.confirm import confirm_transfer
from registry.usecases.transfers.confirm_undo import confirm_undo
from registry.usecases.transfers.propose import propose_transfer
from registry.usecases.transfers.propose_undo import propose_undo
from tests.support.builders import tokens
from tests.support.money import second_person
from tests.support.stories import asks
from tests.support.world import World

WANG = tokens("wang")


def wants_back(world: World, transfer_id: uuid.UUID, who: str = "carrier-a") -> Any:
    outcome = propose_undo(world.registry, world.actor(who), world.call(), transfer_id)
    return json.loads(outcome.body)


def gives_back(world: World, transfer_id: uuid.UUID, who: str = "carrier-b") -> Any:
    return json.loads(confirm_undo(world.registry, world.actor(who), world.call(), transfer_id).body)


def undoes(world: World, record_id: uuid.UUID, number: str) -> None:
    """A sale and its undoing."""
    transfer_id = offers(world, record_id)
    accepts(world, transfer_id, {record_id: number})
    wants_back(world, transfer_id)
    gives_back(world, transfer_id)


def proposes(world: World, *record_ids: uuid.UUID | None, to: str = "carrier-b", who: Actor | None = None) -> Any:
    outcome = propose_transfer(
        world.registry,
        who or world.actor("carrier-a"),
        world.call(),
        NewTransfer(
            to=to, ground=TransferGround.SALE, record_ids=tuple(each for each in record_ids if each is not None)
        ),
    )
    return json.loads(outcome.body)


def offers(world: World, *record_ids: uuid.UUID | None, to: str = "carrier-b") -> uuid.UUID:
    transfer_id = uuid.UUID(proposes(world, *record_ids, to=to)["transfer_id"])
    confirm_transfer(world.registry, second_person(world), world.call(), transfer_id)
    return transfer_id


def an_acceptance(accounts: Mapping[uuid.UUID | None, str]) -> Acceptance:
    return Acceptance(
        accounts=tuple(
            NewAccount(record_id=record_id, account_ref=account(number))
            for record_id, number in accounts.items()
            if record_id is not None
        )
    )


def accepts(
    world: World, transfer_id: uuid.UUID, accounts: Mapping[uuid.UUID | None, str], who: str = "carrier-b"
) -> Any:
    outcome = accept_transfer(world.registry, world.actor(who), world.call(), transfer_id, an_acceptance(accounts))
    return json.loads(outcome.body)


def sells(world: World, record_id: uuid.UUID | None, number: str = "B1") -> uuid.UUID:
    (sold,) = accepts(world, offers(world, record_id), {record_id: number})["records"]
    assert sold["outcome"] == "TRANSFERRED"
    return uuid.UUID(sold["new_record_id"])


def state(world: World, who: str, record_id: uuid.UUID | None) -> str:
    assert record_id is not None
    return read_record(world.registry, world.actor(who), record_id).state.value


def quoted(world: World) -> tuple[int, int]:
    answer = asks(world, "carrier-c", WANG)
    assert answer.quote is not None
    return answer.quote.creditors, answer.quote.total_fen
