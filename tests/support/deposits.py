"""Deposits in stories: taken on an order, given back, listed; and what the carrier is told of them."""

import datetime as dt
import json
import uuid
from typing import Any

from protocol.activations import ActivationOutcome
from protocol.deposits import ReturnKind
from protocol.events import EventKind
from protocol.messages.activations import ActivationReport
from protocol.messages.deposits import Deposit, DepositReturn, Deposits, DepositsQuery
from protocol.messages.tokens import SubjectTokens
from protocol.wire.codec import read
from registry.usecases.deposits.give_back import return_deposit
from registry.usecases.deposits.read import list_deposits
from registry.usecases.events.read import read_events
from tests.support.activations import a_report_on, tells
from tests.support.contexts import asks_in_context
from tests.support.world import World

TAKEN = 118_00


def an_order_on_deposit(
    world: World, whose: SubjectTokens, fen: int = TAKEN, *, order: bytes = b"o" * 16
) -> ActivationReport:
    """A report that carrier B took a deposit for the order of a person."""
    world.clock.forward(milliseconds=1)
    answer = asks_in_context(world, "carrier-b", whose, order=order)
    return a_report_on(world, answer, ActivationOutcome.DEPOSIT_TAKEN, deposit_fen=fen)


def takes(world: World, whose: SubjectTokens, fen: int = TAKEN, **order: bytes) -> uuid.UUID:
    """Carrier B takes a deposit; returns the id of its report."""
    return tells(world, "carrier-b", an_order_on_deposit(world, whose, fen, **order)).activation_id


def gives_back(
    world: World,
    activation_id: uuid.UUID,
    fen: int = TAKEN,
    kept_fen: int = 0,
    *,
    at: dt.datetime | None = None,
    ended_on: dt.date | None = None,
    kind: ReturnKind | None = None,
    who: str = "carrier-b",
) -> Deposit:
    """A carrier reports a return, and the registry's answer is the deposit after it."""
    world.clock.forward(milliseconds=1)
    told = DepositReturn(
        fen=fen,
        kept_fen=kept_fen,
        kind=kind or (ReturnKind.SET_OFF if kept_fen else ReturnKind.RETURNED),
        at=world.clock() if at is None else at,
        service_ended_on=ended_on,
    )
    outcome = return_deposit(world.registry, world.actor(who), world.call(), activation_id=activation_id, body=told)
    assert outcome.status == 201
    return read(Deposit, json.loads(outcome.body))


def held(world: World, who: str = "carrier-b", **page: Any) -> Deposits:
    """The deposits that a carrier holds."""
    return list_deposits(world.registry, world.actor(who), DepositsQuery(**page))


def told_of(world: World, who: str = "carrier-b") -> list[dict[str, Any]]:
    """The facts of each event that told a carrier of a deposit."""
    page = read_events(world.registry, world.actor(who), 0, 500)
    return [each.facts for each in page.events if each.kind is EventKind.DEPOSIT_DUE_BACK]
