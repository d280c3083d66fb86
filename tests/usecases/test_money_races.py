"""Two who act on one debt at the same moment, on both databases: it happens once."""

from concurrent.futures import ThreadPoolExecutor

from protocol.wire.codec import write
from registry.store.transactions import Store
from registry.usecases.context import IdempotentCall
from registry.usecases.plans.run import break_plans
from registry.usecases.records.read import read_record
from registry.usecases.reversals.confirm import confirm_reversal
from tests.support.builders import account
from tests.support.money import WANG, a_debt, arranges, paid, proposes, second_person
from tests.support.races import outcome_of
from tests.support.stories import lists, settles
from tests.support.world import found_world

AT_ONCE = 6


def test_two_workers_break_a_plan_once(store: Store) -> None:
    world = found_world(store)
    listed = lists(world, "carrier-a", a_debt())
    arranges(world, listed.record_id, (1, 260_00))
    world.clock.forward(days=7)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        broken = list(threads.map(lambda _: break_plans(world.registry), range(AT_ONCE)))
    assert sum(broken) == 1
    assert listed.record_id is not None
    record = write(read_record(world.registry, world.actor("carrier-a"), listed.record_id))
    assert (record["version"], record["state"]) == (4, "ACTIVE")


def test_a_payment_at_the_moment_of_breaking_is_never_lost(store: Store) -> None:
    world = found_world(store)
    listed = lists(world, "carrier-a", a_debt())
    arranges(world, listed.record_id, (1, 260_00))
    world.clock.forward(days=7)
    with ThreadPoolExecutor(2) as threads:
        clock = threads.submit(break_plans, world.registry)
        payment = threads.submit(settles, world, "carrier-a", WANG, account("A1"), amount_fen=260_00)
    assert clock.result() in (0, 1)
    assert payment.result().state == "CLEARED"
    assert payment.result().clearance is not None


def test_two_who_confirm_a_reversal_at_once_take_the_money_back_once(store: Store) -> None:
    world = found_world(store)
    receipt = paid(world)
    reversal_id = proposes(world, receipt.settlement_id)
    calls = [world.call() for _ in range(AT_ONCE)]

    def confirmation(call: IdempotentCall) -> str:
        return outcome_of(lambda: confirm_reversal(world.registry, second_person(world), call, reversal_id).status)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        outcomes = sorted(threads.map(confirmation, calls))
    assert outcomes == ["200", *["already-exists"] * (AT_ONCE - 1)]
    record = write(read_record(world.registry, world.actor("carrier-a"), receipt.record_id))
    assert (record["state"], record["paid_fen"]) == ("ACTIVE", 0)
