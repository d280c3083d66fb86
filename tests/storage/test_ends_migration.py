"""Records from before get the ends of their debts from settlements, plans and transitions, as those of today have."""

import datetime as dt
from contextlib import closing
from typing import Any

import sqlalchemy as sa

from protocol.messages.settlements import SettlementReceipt
from protocol.states import RecordState
from registry.domain.records import Record
from registry.store.clearances import clearance
from registry.store.engines import make_engines
from registry.store.migrate import differences
from registry.store.records import record
from registry.store.settlements import settlement
from registry.store.transactions import Store, exclusive
from registry.work.worker import tick
from tests.storage.revisions import run_again
from tests.support.builders import TODAY, account, tokens
from tests.support.endings import key_of
from tests.support.money import a_debt, arranges, confirms, proposes
from tests.support.stories import lists, settles
from tests.support.transfers import accepts, offers
from tests.support.world import World, a_world, template_secrets

REVISION = "0058"
DAY = dt.timedelta(days=1)
NAMES = ("owes", "late", "twice", "runs", "kept", "broke", "sold", "lead", "unsigned")


def a_past(world: World) -> None:
    """A debtor for each way that a debt can go, in twenty days."""
    lead = {"notice_date": TODAY - 10 * DAY}
    ids = {
        name: lists(
            world,
            "carrier-a",
            a_debt(tokens=tokens(name), account_ref=account(name), **(lead if name == "lead" else {})),
        ).record_id
        for name in NAMES
    }

    def pays(name: str, **order: Any) -> SettlementReceipt:
        return settles(world, "carrier-a", tokens(name), account(name), **({"amount_fen": 400_00} | order))

    for name, day in {"broke": 0, "sold": 0, "runs": 300, "kept": 300}.items():
        arranges(world, ids[name], (day, 260_00))
    undone = pays("twice")
    pays("lead")
    pays("unsigned")
    world.clock.forward(days=8)
    tick(world.registry)
    arranges(world, ids["broke"], (10, 400_00))
    transfer_id = offers(world, ids["sold"])
    accepts(world, transfer_id, {ids["sold"]: "sold"})
    confirms(world, proposes(world, undone.settlement_id))
    world.clock.forward(days=12)
    tick(world.registry)
    for name in ("kept", "twice", "broke"):
        pays(name)
    pays("late", settled_at=world.clock() - 7 * DAY)


def remembered(store: Store, keys: dict[str, bytes]) -> dict[tuple[str, RecordState], tuple[object, ...]]:
    def all_of(name: str) -> tuple[Record, ...]:
        return store.read(lambda tx: tx.records.of_subjects([keys[name]]))[keys[name]]

    return {
        (name, each.state): (each.settled_on, each.plan_breaks, each.last_break_on)
        for name in NAMES
        for each in all_of(name)
    }


def test_records_from_before_remember_what_those_of_today_do(founded_url: str) -> None:
    with closing(Store(make_engines(founded_url))) as store:
        world = a_world(store, template_secrets())
        a_past(world)
        keys = {name: key_of(world, name) for name in NAMES}
        told = remembered(store, keys)
    with closing(make_engines(founded_url)) as engines, exclusive(engines) as connection:
        for table in (clearance, settlement):
            connection.execute(sa.delete(table).where(table.c.subject_key == keys["unsigned"]))
        for name in ("settled_on", "plan_breaks", "last_break_on"):
            connection.execute(sa.text(f"ALTER TABLE {record.name} DROP COLUMN {name}"))
        run_again(connection, REVISION)
    assert differences(founded_url) == []
    with closing(Store(make_engines(founded_url))) as store:
        assert remembered(store, keys) == told
    assert told == {
        ("owes", RecordState.ACTIVE): (None, 0, None),
        ("late", RecordState.CLEARED): (TODAY + 13 * DAY, 0, None),
        ("twice", RecordState.CLEARED): (TODAY + 20 * DAY, 0, None),
        ("runs", RecordState.ARRANGED): (TODAY, 0, None),
        ("kept", RecordState.CLEARED): (TODAY, 0, None),
        ("broke", RecordState.CLEARED): (TODAY + 20 * DAY, 2, TODAY + 16 * DAY),
        ("sold", RecordState.TRANSFERRED): (None, 1, TODAY + 6 * DAY),
        ("sold", RecordState.ACTIVE): (None, 1, TODAY + 6 * DAY),
        ("lead", RecordState.CANCELLED): (None, 0, None),
        ("unsigned", RecordState.CLEARED): (TODAY, 0, None),
    }
