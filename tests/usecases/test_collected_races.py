"""Two who take or settle the same debt at the same moment, on both databases: one of them, and never both."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from protocol.codes import CollectionAnswer, CollectionRefusal, DecisionCode
from registry.store.transactions import Store
from registry.usecases.collected.run import run_collected
from tests.support.builders import account
from tests.support.collected import at_the_counter, month, record_of
from tests.support.counters import answers, collects, quote_for
from tests.support.money import WANG, a_debt, confirms, proposes, second_person
from tests.support.races import outcome_of
from tests.support.stories import asks, lists, settles
from tests.support.world import found_world

AT_ONCE = 6
REFUSED = "edge-not-allowed"


def together(steps: list[Callable[[], object]]) -> list[str]:
    with ThreadPoolExecutor(len(steps)) as threads:
        return [each.result() for each in [threads.submit(outcome_of, step) for step in steps]]


def test_counters_that_collect_the_same_quote_at_once_take_it_once(store: Store) -> None:
    world = found_world(store)
    lists(world, "carrier-a", a_debt())
    quotes = [(counter, quote_for(world, counter, WANG)) for counter in ("carrier-b", "carrier-c") * 3]
    calls = [world.call() for _ in quotes]

    def taking(place: int) -> Callable[[], object]:
        counter, quote = quotes[place]
        return lambda: collects(world, counter, quote, call=calls[place])["amount_fen"]

    outcomes = sorted(together([taking(place) for place in range(AT_ONCE)]))
    assert outcomes == ["26000", *[REFUSED] * (AT_ONCE - 1)]
    taken = [month(world, "carrier-a", other)["apart"] for other in ("carrier-b", "carrier-c")]
    assert sum(map(len, taken)) == 1
    assert asks(world, "carrier-c", WANG).decision is DecisionCode.ALLOW


def test_a_creditor_settles_while_a_counter_collects_and_the_money_is_booked_once(store: Store) -> None:
    world = found_world(store)
    lists(world, "carrier-a", a_debt())
    quote = quote_for(world, "carrier-b", WANG)
    outcomes = together(
        [
            lambda: collects(world, "carrier-b", quote)["amount_fen"],
            lambda: settles(world, "carrier-a", WANG, account("A1"), amount_fen=260_00).state,
        ]
    )
    assert sorted(outcomes) in (["26000", REFUSED], ["CLEARED", REFUSED])
    assert len(month(world, "carrier-a", "carrier-b")["apart"]) == (outcomes[0] == "26000")


def test_an_answer_at_the_moment_of_silence_counts_or_is_refused(store: Store) -> None:
    world = found_world(store)
    (collection,) = at_the_counter(world)["collections"]
    world.clock.forward(days=4)
    outcomes = together(
        [
            lambda: answers(
                world,
                "carrier-a",
                collection["collection_id"],
                CollectionAnswer.REFUSED,
                CollectionRefusal.WRONG_AMOUNT,
            ),
            *[lambda: run_collected(world.registry)] * 3,
        ]
    )
    assert outcomes[0] == REFUSED
    assert sorted(outcomes[1:]) == ["0", "0", "1"]


def test_a_collector_that_confirms_twice_at_once_takes_the_money_back_once(store: Store) -> None:
    world = found_world(store)
    (collection,) = at_the_counter(world)["collections"]
    reversal_id = proposes(world, uuid.UUID(collection["settlement_id"]))
    people = [world.actor("carrier-b"), second_person(world, "carrier-b")]
    outcomes = together([lambda each=each: confirms(world, reversal_id, each)["confirmed_key_id"] for each in people])
    assert min(outcomes) == "already-exists"
    record = record_of(world, collection)
    assert (record["state"], record["paid_fen"]) == ("ACTIVE", 0)
