"""A transition that fails half-way changes nothing: every statement of every step is made to fail once."""

import datetime as dt
import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from protocol.codes import DisputeDecision, DisputeGround, SettlementKind, WithdrawalReason
from protocol.messages.disputes import DisputeFiling
from protocol.states import RecordState
from registry.store.columns import metadata
from registry.store.transactions import Store
from registry.usecases.disputes.open import open_dispute
from registry.usecases.disputes.run import run_disputes
from registry.usecases.records.withdraw import withdraw
from tests.stateful import steps
from tests.stateful.model import Debt
from tests.support.builders import TODAY, a_report, account, tokens
from tests.support.stories import asks, reports, settles
from tests.support.world import found_world

WANG = tokens("wang", register="home")


class Broken(Exception):
    """The statement was not executed."""


class Breaker:
    """Fails one statement of the write engine, counted from 1; None lets everything through."""

    def __init__(self) -> None:
        self.at: int | None = None
        self.seen = 0

    def __call__(self, *_: Any) -> None:
        self.seen += 1
        if self.seen == self.at:
            raise Broken


@pytest.fixture
def breaker(store: Store) -> Iterator[Breaker]:
    breaker = Breaker()
    sa.event.listen(store._engines.write, "before_cursor_execute", breaker)
    yield breaker
    sa.event.remove(store._engines.write, "before_cursor_execute", breaker)


def everything(store: Store) -> dict[str, list[str]]:
    """Every row of every table, in the order of its text."""
    # The driver's own connection: the store's statements are watched, and these ask every node.
    with closing(store._engines.read.raw_connection()) as connection:
        cursor = connection.cursor()
        rows = {}
        for table in metadata.tables:
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 - a name of our own
            rows[table] = sorted(map(repr, cursor.fetchall()))
        return rows


def fails_everywhere_first(store: Store, breaker: Breaker, step: Callable[[], object]) -> int:
    """Take ``step``, but only after each of its statements has failed once; the number of them."""
    before = everything(store)
    for place in range(1, 400):
        breaker.seen, breaker.at = 0, place
        try:
            step()
        except Broken:
            assert everything(store) == before
        else:
            assert everything(store) != before
            breaker.at = None
            return place - 1
    raise AssertionError("the step never came to its end")


def test_whatever_fails_half_way_has_changed_nothing(store: Store, breaker: Breaker) -> None:
    world = found_world(store)
    steps.admit_judges(world)
    debt = Debt(
        "wang", "carrier-a", "1", a_report("wang").service_class, 120_00, TODAY, blocks_from=TODAY, listed_on=TODAY
    )
    receipts: list[uuid.UUID] = []
    second = replace(world.actor("carrier-a"), key_id="carrier-a-2")

    def lists() -> None:
        debt.record = reports(world, "carrier-a", a_report("wang", tokens=WANG, account_ref=account("1"))).record_id

    def disputes() -> None:
        filing = DisputeFiling(tokens=tokens("wang"), ground=DisputeGround.ALREADY_PAID)
        open_dispute(world.registry, world.actor("carrier-b"), world.call(), filing)

    def arranges() -> None:
        steps.arrange(world, debt, [(TODAY + dt.timedelta(days=100), 500_00)])

    def pays(kind: SettlementKind, amount_fen: int) -> None:
        receipt = settles(world, "carrier-a", WANG, account("1"), kind=kind, amount_fen=amount_fen)
        receipts.append(receipt.settlement_id)

    def withdraws() -> None:
        assert debt.record is not None
        withdraw(
            world.registry,
            world.actor("carrier-a"),
            world.call(),
            record_id=debt.record,
            reason=WithdrawalReason.REPORTED_IN_ERROR,
            expected_version=None,
        )

    story: list[tuple[Callable[[], object], RecordState]] = [
        (lists, RecordState.ACTIVE),
        (lambda: asks(world, "carrier-b", WANG), RecordState.ACTIVE),
        (disputes, RecordState.DISPUTED),
        (lambda: steps.answer(world, debt), RecordState.DISPUTED),
        (lambda: steps.decide(world, debt, DisputeDecision.UPHOLD), RecordState.ACTIVE),
        (arranges, RecordState.ARRANGED),
        (lambda: pays(SettlementKind.PARTIAL, 10_00), RecordState.ARRANGED),
        (lambda: pays(SettlementKind.FULL, 500_00), RecordState.CLEARED),
        (lambda: steps.propose(world, debt, receipts[-1]), RecordState.CLEARED),
        (lambda: steps.confirm(world, debt, second), RecordState.ACTIVE),
        (withdraws, RecordState.WITHDRAWN),
    ]
    for step, state in story:
        assert fails_everywhere_first(store, breaker, step) > 1
        assert steps.states(world, [debt]) == [state.value]


def test_the_clock_that_fails_half_way_has_changed_nothing(store: Store, breaker: Breaker) -> None:
    world = found_world(store)
    debt = Debt(
        "wang", "carrier-a", "1", a_report("wang").service_class, 120_00, TODAY, blocks_from=TODAY, listed_on=TODAY
    )
    debt.record = reports(world, "carrier-a", a_report("wang", account_ref=account("1"))).record_id
    filing = DisputeFiling(tokens=tokens("wang"), ground=DisputeGround.NO_NOTICE)
    outcome = open_dispute(world.registry, world.actor("carrier-b"), world.call(), filing)
    assert json.loads(outcome.body)["disputes"]
    for days, state in ((16, RecordState.SUSPENDED), (30, RecordState.WITHDRAWN)):
        world.clock.forward(days=days)
        assert fails_everywhere_first(store, breaker, lambda: run_disputes(world.registry)) > 1
        assert steps.states(world, [debt]) == [state.value]
