"""Reads the events that a participant was told."""

import json
from typing import Any
from uuid import UUID

from protocol.codes import WithdrawalReason
from registry.usecases.records.withdraw import withdraw
from tests.support.world import World


def told(world: World, who: str) -> list[tuple[str, UUID | None, Any]]:
    """Everything in a participant's feed: kind, inquiry and what was said."""

    def work(tx: Any) -> Any:
        while tx.events.number(who, 1000):
            pass
        return tx.events.page(who, 0, 10_000)

    return [(each.kind.value, each.inquiry_id, json.loads(each.payload)) for each in world.registry.store.write(work)]


def withdraws(world: World, carrier: str, record_id: UUID | None) -> None:
    assert record_id is not None
    withdraw(
        world.registry,
        world.actor(carrier),
        world.call(),
        record_id=record_id,
        reason=WithdrawalReason.REPORTED_IN_ERROR,
        expected_version=None,
    )
