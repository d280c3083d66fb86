"""Rows that take records out, counted against the bound of the day as whoever judges reports does it."""

import json
from dataclasses import replace
from typing import Any

from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.act import act_in
from registry.usecases.records.confirm_take_outs import confirm_take_outs
from registry.usecases.records.take_outs import room_today, spend
from tests.support.world import World


def with_key(world: World, number: int, carrier: str = "carrier-a") -> Actor:
    """A person of the carrier, who signs with a key of their own."""
    return replace(world.actor(carrier), key_id=f"{carrier}-{number}")


def takes_out(world: World, rows: int, *, key: int = 1, carrier: str = "carrier-a") -> tuple[int, int]:
    """So many rows that would take out a record: how many did, and how many were held."""

    def work(tx: Transaction) -> tuple[int, int]:
        act = act_in(world.registry, tx, with_key(world, key, carrier))
        taken = min(rows, room_today(act))
        spend(act, taken=taken, held=rows - taken)
        return taken, rows - taken

    return world.registry.store.write(work)


def hold_rows(world: World, held: int) -> None:
    """Take out as much as one key may, and let so many rows of it be held."""
    takes_out(world, 20 + held)


def confirms_take_outs(world: World, count: int, *, key: int = 2, **more: Any) -> dict[str, Any]:
    """A second person confirms held rows of today."""
    day = more.get("day", world.clock().date())
    call = more.get("call") or world.call()
    outcome = confirm_take_outs(world.registry, with_key(world, key), call, day=day, take_outs=count)
    return dict(json.loads(outcome.body))
