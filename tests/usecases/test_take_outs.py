"""Rows that take records out are bounded a day, until a second person of the creditor confirms more."""

import datetime as dt
import json
import threading
from collections import Counter
from typing import Any

import pytest

from protocol.codes import WithdrawalReason
from protocol.events import EventKind
from protocol.log_entries import EntryKind
from protocol.messages.withdrawals import BatchWithdrawal, Withdrawal
from protocol.problems import Problem, Refusal
from protocol.wire.codec import Malformed, read, write
from registry.store.transactions import Store
from registry.usecases.archive.run_retention import run_retention
from registry.usecases.records.confirm_take_outs import read_take_outs
from registry.usecases.records.withdraw_many import withdraw_many
from tests.support.builders import TODAY, a_report
from tests.support.events import told
from tests.support.stories import lists
from tests.support.take_outs import confirms_take_outs, hold_rows, takes_out, with_key
from tests.support.world import World, found_world


def day_of(world: World, carrier: str = "carrier-a") -> dict[str, object]:
    return write(read_take_outs(world.registry, world.actor(carrier)))


def refusal(world: World, count: int, **more: Any) -> Refusal:
    with pytest.raises(Refusal) as refused:
        confirms_take_outs(world, count, **more)
    return refused.value


def test_twenty_records_a_day_go_on_one_key_and_the_next_is_held(world: World) -> None:
    lists(world, "carrier-a", a_report())
    assert day_of(world) | {"open_at_start": 1, "bound": 20, "taken": 0, "held": 0} == day_of(world)
    assert takes_out(world, 15) == (15, 0)
    assert takes_out(world, 15) == (5, 10)
    assert takes_out(world, 1, key=2) == (0, 1)
    day = day_of(world)
    assert (day["taken"], day["held"], day["held_key_id"], day["confirmation"]) == (20, 11, None, None)
    assert takes_out(world, 20, carrier="carrier-b") == (20, 0)


def test_the_next_day_begins_anew_in_beijing(world: World) -> None:
    hold_rows(world, 5)
    world.clock.forward(hours=11, minutes=59)
    assert takes_out(world, 1) == (0, 1)
    world.clock.forward(minutes=1)
    assert takes_out(world, 21) == (20, 1)
    assert day_of(world)["day"] == "2026-11-22"


def test_a_second_person_confirms_exactly_so_many_and_the_rows_are_sent_again(world: World) -> None:
    hold_rows(world, 480)
    confirmed = confirms_take_outs(world, 100)
    assert confirmed["held"] == 0
    assert confirmed["confirmation"]["unused"] == 100
    assert takes_out(world, 480) == (100, 380)
    assert takes_out(world, 380) == (0, 380)
    facts = [
        json.loads(each.core)["facts"]
        for each in world.registry.store.read(lambda tx: tx.openings.first(1_000))
        if each.kind == EntryKind.TAKE_OUTS_CONFIRMED
    ]
    assert facts == [{"day": "2026-11-21", "take_outs": 100, "held": 480, "key": "carrier-a-2"}]


def test_the_key_that_sent_the_rows_cannot_confirm_them(world: World) -> None:
    hold_rows(world, 5)
    assert refusal(world, 5, key=1).problem is Problem.ROLE_MISSING
    assert takes_out(world, 5) == (0, 5)


def test_nobody_uses_what_its_own_key_confirmed(world: World) -> None:
    hold_rows(world, 5)
    confirms_take_outs(world, 5)
    assert takes_out(world, 5, key=2) == (0, 5)
    assert takes_out(world, 5, key=3) == (5, 0)


def test_no_more_is_confirmed_than_is_held_and_only_today(world: World) -> None:
    assert refusal(world, 1).fields == {"take_outs": "more-than-held"}
    hold_rows(world, 5)
    assert refusal(world, 6).fields == {"take_outs": "more-than-held"}
    for day in (TODAY - dt.timedelta(days=1), TODAY + dt.timedelta(days=1)):
        refused = refusal(world, 5, day=day)
        assert (refused.problem, refused.fields) == (Problem.INVALID_FIELD, {"day": "not-today"})


def test_a_confirmation_ends_with_its_day(world: World) -> None:
    hold_rows(world, 100)
    confirms_take_outs(world, 100)
    world.clock.forward(days=1)
    assert takes_out(world, 100) == (20, 80)


def test_a_confirmation_that_is_sent_again_is_the_same_one_and_a_new_one_finds_nothing_held(world: World) -> None:
    hold_rows(world, 5)
    call = world.call()
    assert confirms_take_outs(world, 5, call=call) == confirms_take_outs(world, 5, call=call)
    assert refusal(world, 5).fields == {"take_outs": "more-than-held"}
    assert takes_out(world, 6) == (5, 1)


def test_a_later_confirmation_takes_the_place_of_the_one_before(world: World) -> None:
    hold_rows(world, 50)
    confirms_take_outs(world, 50)
    assert takes_out(world, 51) == (50, 1)
    confirms_take_outs(world, 1, key=3)
    assert takes_out(world, 5) == (1, 4)


def test_the_creditor_is_told_when_rows_are_held_first_and_not_of_each(world: World) -> None:
    hold_rows(world, 5)
    takes_out(world, 5)
    held = (EventKind.TAKE_OUTS_HELD.value, None, {"day": "2026-11-21", "bound": 20})
    assert told(world, "carrier-a") == [held]
    confirms_take_outs(world, 1)
    takes_out(world, 2)
    assert told(world, "carrier-a") == [held, held]


def test_nothing_taken_and_nothing_held_leaves_no_row(world: World) -> None:
    assert takes_out(world, 0) == (0, 0)


def test_only_a_creditors_own_rows_are_counted(world: World) -> None:
    assert with_key(world, 1).key_id == world.actor("carrier-a").key_id
    takes_out(world, 20)
    assert day_of(world, "carrier-b")["taken"] == 0


def test_old_days_are_dropped_with_their_confirmations(world: World) -> None:
    hold_rows(world, 5)
    confirms_take_outs(world, 5)
    world.clock.forward(days=40)
    assert run_retention(world.registry) >= 1
    gone = world.registry.store.read(
        lambda tx: (tx.take_outs.find("carrier-a", TODAY), tx.take_outs.confirmation("carrier-a", TODAY))
    )
    assert gone == (None, None)


def test_of_chunks_that_are_judged_at_once_no_two_use_the_same_room(store: Store) -> None:
    world = found_world(store)
    done: list[tuple[int, int]] = []
    threads = [threading.Thread(target=lambda: done.append(takes_out(world, 7))) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert sum(taken for taken, _ in done) == 20
    assert sum(held for _, held in done) == 22
    assert (day_of(world)["taken"], day_of(world)["held"]) == (20, 22)


def test_records_that_an_export_lacks_go_by_the_days_bound_and_a_second_key_lets_the_others_go(world: World) -> None:
    ids = [lists(world, "carrier-a", a_report(f"person-{each}", f"A{each}")).record_id for each in range(23)]
    named = [each for each in ids if each is not None]

    def withdraws(key: int = 1, reason: WithdrawalReason = WithdrawalReason.NOT_IN_EXPORT) -> Counter[str]:
        sender = with_key(world, key)
        done = withdraw_many(world.registry, sender, world.call(), record_ids=named, reason=reason)
        return Counter(each["outcome"] for each in json.loads(done.body)["outcomes"])

    assert withdraws() == {"WITHDRAWN": 20, "HELD": 3}
    assert EventKind.TAKE_OUTS_HELD in {each[0] for each in told(world, "carrier-a")}
    confirms_take_outs(world, 2)
    assert withdraws(key=2) == {"WITHDRAWN": 20, "HELD": 3}
    assert withdraws() == {"WITHDRAWN": 22, "HELD": 1}
    assert withdraws(reason=WithdrawalReason.CREDITOR_DECISION) == {"WITHDRAWN": 23}


def test_the_reason_of_the_bound_goes_with_the_operation_that_keeps_it() -> None:
    for message in (Withdrawal, BatchWithdrawal):
        with pytest.raises(Malformed):
            read(message, {"reason": "NOT_IN_EXPORT"})
