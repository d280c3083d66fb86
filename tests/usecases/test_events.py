"""A correction reaches every carrier that got a hit, once for each of its inquiries, and nobody else."""

import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from protocol.codes import ServiceClass, SettlementKind
from protocol.events import EventKind
from protocol.messages.inquiries import InquiryRequest
from registry.store.transactions import Store
from registry.usecases.act import act_in
from registry.usecases.inquiries.inquire import inquire_batch
from registry.usecases.notify import notify
from tests.support.builders import a_report, account, tokens
from tests.support.events import told, withdraws
from tests.support.sizes import FULL_SIZE
from tests.support.stories import asks, lists, reports, settles
from tests.support.world import World, found_world


def test_who_got_a_hit_hears_that_it_was_withdrawn_with_its_own_inquiry(world: World) -> None:
    record_id = lists(world, "carrier-a", a_report("wang")).record_id
    first, second = asks(world, "carrier-b", tokens("wang")), asks(world, "carrier-b", tokens("wang"))
    other = asks(world, "carrier-c", tokens("wang"))
    asks(world, "carrier-c", tokens("li"))
    withdraws(world, "carrier-a", record_id)
    said = {"blocks": False}
    assert sorted(told(world, "carrier-b"), key=str) == sorted(
        [("RECORD_WITHDRAWN", each.inquiry_id, said) for each in (first, second)], key=str
    )
    assert told(world, "carrier-c") == [("RECORD_WITHDRAWN", other.inquiry_id, said)]


def test_the_creditor_is_not_told_of_its_own_act(world: World) -> None:
    record_id = lists(world, "carrier-a", a_report("wang")).record_id
    asks(world, "carrier-a", tokens("wang"))
    withdraws(world, "carrier-a", record_id)
    assert told(world, "carrier-a") == []


def test_a_payment_is_told_once_the_debt_is_closed(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    asked = asks(world, "carrier-b", tokens("wang"))
    settles(world, "carrier-a", tokens("wang"), account("A1"), kind=SettlementKind.PARTIAL, amount_fen=1_00)
    assert told(world, "carrier-b") == []
    settles(world, "carrier-a", tokens("wang"), account("A1"), kind=SettlementKind.WAIVER)
    assert told(world, "carrier-b") == [("RECORD_CLEARED", asked.inquiry_id, {"blocks": False})]


def test_a_corrected_amount_is_told_and_a_repeated_report_is_not(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    asked = asks(world, "carrier-b", tokens("wang"))
    reports(world, "carrier-a", a_report("wang"))
    assert told(world, "carrier-b") == []
    reports(world, "carrier-a", a_report("wang", principal_fen=110_00))
    assert told(world, "carrier-b") == [("RECORD_CORRECTED", asked.inquiry_id, {"blocks": True})]


def test_a_hit_in_the_household_is_a_hit(world: World) -> None:
    debtor = a_report("father", tokens=tokens("father", register="r"), service_class=ServiceClass.BROADBAND)
    record_id = lists(world, "carrier-a", debtor).record_id
    asked = asks(world, "carrier-b", tokens("son", register="r"), ServiceClass.BROADBAND)
    asks(world, "carrier-c", tokens("son"), ServiceClass.BROADBAND)
    withdraws(world, "carrier-a", record_id)
    assert told(world, "carrier-b") == [("RECORD_WITHDRAWN", asked.inquiry_id, {"blocks": False})]
    assert told(world, "carrier-c") == []


def test_nothing_in_an_event_names_record_creditor_or_debtor(world: World) -> None:
    record_id = lists(world, "carrier-a", a_report("wang")).record_id
    asks(world, "carrier-b", tokens("wang"))
    withdraws(world, "carrier-a", record_id)
    told(world, "carrier-b")
    (event,) = world.registry.store.read(lambda tx: tx.events.page("carrier-b", 0, 10))
    assert event.record_id is None
    assert (event.kind, json.loads(event.payload)) == (EventKind.RECORD_WITHDRAWN, {"blocks": False})


def test_many_wrong_rows_are_taken_back_and_every_asker_is_told_once(world: World) -> None:
    debtors = [f"debtor-{number}" for number in range(300 if FULL_SIZE else 40)]
    records = [lists(world, "carrier-a", a_report(each, each)).record_id for each in debtors]
    inquiries = {}
    for carrier in ("carrier-b", "carrier-c"):
        asked = [
            InquiryRequest(inquiry_ref=each, tokens=tokens(each), service_class=ServiceClass.MOBILE) for each in debtors
        ]
        answers = json.loads(inquire_batch(world.registry, world.actor(carrier), world.call(), asked).body)["answers"]
        assert {each["decision"] for each in answers} == {"PAY_FIRST"}
        inquiries[carrier] = {UUID(each["inquiry_id"]) for each in answers}
    for record_id in records:
        withdraws(world, "carrier-a", record_id)
    for carrier, expected in inquiries.items():
        events = told(world, carrier)
        assert {kind for kind, _, _ in events} == {"RECORD_WITHDRAWN"}
        assert Counter(inquiry_id for _, inquiry_id, _ in events) == Counter(expected)


def test_several_participants_are_told_the_same_once_each(world: World) -> None:
    facts = {"version": "2027-01", "effective_from": "2027-01-01", "sha256": "0" * 64}

    def work(tx: Any) -> None:
        act = act_in(world.registry, tx, None)
        notify(act, ["carrier-b", "carrier-a", "carrier-b"], EventKind.RULES_CHANGED, facts=facts)

    world.registry.store.write(work)
    for carrier in ("carrier-a", "carrier-b"):
        assert told(world, carrier) == [("RULES_CHANGED", None, facts)]
    assert told(world, "carrier-c") == []


def test_an_answer_under_way_and_a_withdrawal_never_miss_each_other(store: Store) -> None:
    """Whoever was told to collect is told to stop: the inquiry saw the record and the withdrawal saw the hit, or
    neither did."""
    world = found_world(store)
    names = [f"debtor-{number}" for number in range(25)]
    records = [lists(world, "carrier-a", a_report(each, each)).record_id for each in names]
    calls = iter(range(10_000))
    lock = threading.Lock()
    plain = world.call

    def call(*given: Any, **named: Any) -> Any:
        with lock:
            return plain(f"call-at-once-{next(calls)}", *given, **named)

    world.call = call  # type: ignore[method-assign]
    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(asks, world, who, tokens(each)) for each in names for who in ("carrier-b", "carrier-c")]
        gone = [threads.submit(withdraws, world, "carrier-a", each) for each in records]
        answers = [each.result(60) for each in asked]
        for each in gone:
            each.result(60)
    hit = sorted(each.inquiry_id for each in answers if each.decision == "PAY_FIRST")
    heard = [inquiry_id for who in ("carrier-b", "carrier-c") for _, inquiry_id, _ in told(world, who)]
    assert sorted(heard, key=str) == sorted(hit, key=str)
