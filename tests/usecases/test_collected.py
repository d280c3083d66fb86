"""Paid at the other shop: cleared there and then, confirmed or doubted between the carriers, and settled net."""

import csv
import datetime as dt
import io
import json
import uuid
from typing import Any

import pytest

from crypto.signing.jws import verify_compact
from protocol.codes import (
    CollectionAnswer,
    CollectionRefusal,
    DecisionCode,
    DisputeGround,
    ServiceClass,
    SettlementKind,
    WithdrawalReason,
)
from protocol.events import EventKind
from protocol.messages.collected import NetStatementQuery
from protocol.messages.disputes import DisputeFiling
from protocol.problems import Problem, Refusal
from protocol.wire.codec import write
from registry.usecases.collected.read import (
    COLUMNS,
    read_collected,
    read_net_lines,
)
from registry.usecases.collected.run import run_collected
from registry.usecases.disputes.open import open_dispute
from registry.usecases.records.read import read_record
from registry.usecases.records.withdraw import withdraw
from registry.usecases.settlements.read import read_clearance
from registry.work.worker import tick
from tests.support.builders import NOW, a_report, account, tokens
from tests.support.collected import IN_FULL, NOTHING_READ, at_the_counter, month, record_of
from tests.support.counters import answers, collects, quote_for, told
from tests.support.money import WANG, a_debt, confirms, proposes, refused, second_person
from tests.support.statements import statement
from tests.support.stories import asks, lists, reports, settles
from tests.support.world import World


def test_who_pays_at_the_other_shop_is_served_there_in_the_same_second(world: World) -> None:
    receipt = at_the_counter(world)
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.ALLOW
    assert asks(world, "carrier-c", WANG).decision is DecisionCode.ALLOW
    (collection,) = receipt["collections"]
    assert (collection["state"], collection["amount_fen"], collection["record_id"]) == ("TO_CONFIRM", IN_FULL, None)
    (clearance,) = receipt["clearances"]
    found = read_clearance(world.registry, world.actor("carrier-c"), uuid.UUID(clearance["clearance_id"]))
    assert (found.state, found.clearance) == ("VALID", clearance["clearance"])
    record = record_of(world, collection)
    assert (record["state"], record["paid_fen"]) == ("CLEARED", IN_FULL)


def test_the_creditor_is_told_what_to_confirm_and_never_who_paid(world: World) -> None:
    (collection,) = at_the_counter(world)["collections"]
    (event,) = told(world, "carrier-a", EventKind.COLLECTION_TO_CONFIRM)
    assert event["facts"] == {
        "collection": collection["collection_id"],
        "collector": "carrier-b",
        "amount_fen": IN_FULL,
        "confirm_due": "2026-11-24",
    }
    assert event["record_id"] is not None
    seen = write(read_collected(world.registry, world.actor("carrier-a"), uuid.UUID(collection["collection_id"])))
    assert seen["record_id"] == event["record_id"]
    key = world.signing_keys["carrier-b"].public_key()
    _, said = verify_compact(seen["statement"], typ="clearline-collection+jws", resolve=lambda _: key)
    assert json.loads(said)["collector"] == "carrier-b"
    assert told(world, "carrier-b", EventKind.COLLECTION_TO_CONFIRM) == []


def test_whom_the_collection_does_not_concern_sees_none(world: World) -> None:
    (collection,) = at_the_counter(world)["collections"]
    collection_id = uuid.UUID(collection["collection_id"])
    assert refused(read_collected, world.registry, world.actor("carrier-c"), collection_id) is Problem.NOT_FOUND
    assert refused(read_collected, world.registry, world.actor("carrier-a"), NOTHING_READ) is Problem.NOT_FOUND
    assert refused(answers, world, "carrier-c", collection["collection_id"]) is Problem.NOT_FOUND
    assert refused(answers, world, "carrier-b", collection["collection_id"]) is Problem.NOT_THE_CREDITOR


def test_a_confirmed_collection_stands_in_the_net_statement(world: World) -> None:
    (collection,) = at_the_counter(world)["collections"]
    before = month(world, "carrier-a", "carrier-b")
    assert (before["counted"], [each["state"] for each in before["apart"]]) == ([], ["TO_CONFIRM"])
    assert before["net"] == {"payer": None, "payee": None, "amount_fen": 0}
    assert answers(world, "carrier-a", collection["collection_id"])["state"] == "CONFIRMED"
    after = month(world, "carrier-a", "carrier-b")
    assert after["net"] == {"payer": "carrier-b", "payee": "carrier-a", "amount_fen": IN_FULL}
    assert [each["collection_id"] for each in after["counted"]] == [collection["collection_id"]]
    assert refused(answers, world, "carrier-a", collection["collection_id"]) is Problem.EDGE_NOT_ALLOWED


def test_silence_is_consent_after_two_working_days(world: World) -> None:
    (collection,) = at_the_counter(world)["collections"]  # on a Saturday, so due on Tuesday
    world.clock.forward(days=3)
    assert run_collected(world.registry) == 0
    world.clock.forward(days=1)
    assert refused(answers, world, "carrier-a", collection["collection_id"]) is Problem.EDGE_NOT_ALLOWED
    tick(world.registry)
    assert run_collected(world.registry) == 0
    seen = write(read_collected(world.registry, world.actor("carrier-b"), uuid.UUID(collection["collection_id"])))
    assert seen["state"] == "CONFIRMED_BY_SILENCE"
    assert month(world, "carrier-b", "carrier-a")["net"]["amount_fen"] == IN_FULL


def test_a_refused_collection_is_not_the_debtors_trouble(world: World) -> None:
    (collection,) = at_the_counter(world)["collections"]
    why = CollectionRefusal.MONEY_NOT_RECEIVED
    refusal = answers(world, "carrier-a", collection["collection_id"], CollectionAnswer.REFUSED, why)
    assert (refusal["state"], refusal["refusal"]) == ("REFUSED", "MONEY_NOT_RECEIVED")
    (event,) = told(world, "carrier-b", EventKind.COLLECTION_REFUSED)
    assert event["facts"] == {"collection": collection["collection_id"], "reason": "MONEY_NOT_RECEIVED"}
    assert asks(world, "carrier-c", WANG).decision is DecisionCode.ALLOW
    world.clock.forward(days=30)
    tick(world.registry)
    statement = month(world, "carrier-b", "carrier-a")
    assert (statement["net"]["amount_fen"], [each["state"] for each in statement["apart"]]) == (0, ["REFUSED"])
    args = (world, "carrier-a", collection["collection_id"], CollectionAnswer.REFUSED, why)
    assert refused(answers, *args) is Problem.EDGE_NOT_ALLOWED
    assert answers(world, "carrier-a", collection["collection_id"])["refusal"] is None
    assert month(world, "carrier-b", "carrier-a")["net"]["amount_fen"] == IN_FULL


def test_a_refusal_has_a_reason_and_a_confirmation_has_none(world: World) -> None:
    (collection,) = at_the_counter(world)["collections"]
    for answer, reason, code in (
        (CollectionAnswer.REFUSED, None, "required"),
        (CollectionAnswer.CONFIRMED, CollectionRefusal.WRONG_AMOUNT, "invalid"),
    ):
        with pytest.raises(Refusal) as raised:
            answers(world, "carrier-a", collection["collection_id"], answer, reason)
        assert (raised.value.problem, raised.value.fields) == (Problem.INVALID_FIELD, {"reason": code})


def fields_of(world: World, counter: str, *arguments: Any, **order: Any) -> dict[str, str]:
    with pytest.raises(Refusal) as raised:
        collects(world, counter, *arguments, **order)
    assert raised.value.problem is Problem.INVALID_FIELD
    return raised.value.fields


def test_a_counter_collects_its_own_quote_whole_and_in_time(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    quote = quote_for(world, "carrier-b", WANG)
    assert refused(collects, world, "carrier-c", quote) is Problem.NOT_FOUND
    for amount_fen in (IN_FULL - 1, IN_FULL + 1):
        assert fields_of(world, "carrier-b", quote, amount_fen=amount_fen) == {"amount_fen": "not-the-quoted-total"}
    minutes, second = dt.timedelta(minutes=5), dt.timedelta(seconds=1)
    late, early = world.clock() + minutes + second, world.clock() - minutes - second
    assert fields_of(world, "carrier-b", quote, collected_at=late) == {"collected_at": "in-the-future"}
    assert fields_of(world, "carrier-b", quote, collected_at=early) == {"collected_at": "before-the-quote"}
    with pytest.raises(Refusal) as raised:
        collects(world, "carrier-b", quote, signer="carrier-a")
    assert raised.value.problem is Problem.STATEMENT_INVALID
    world.clock.now = quote.valid_until + second
    assert fields_of(world, "carrier-b", quote) == {"quote_reference": "no-longer-valid"}
    world.clock.now = quote.valid_until
    assert collects(world, "carrier-b", quote)["amount_fen"] == IN_FULL


def changed_by_settling(world: World, _: Any) -> None:
    settles(world, "carrier-a", WANG, account("A1"), amount_fen=IN_FULL)


def changed_by_a_part_payment(world: World, _: Any) -> None:
    settles(world, "carrier-a", WANG, account("A1"), kind=SettlementKind.PARTIAL, amount_fen=10_00)


def changed_by_a_dispute(world: World, _: Any) -> None:
    filing = DisputeFiling(tokens=WANG, ground=DisputeGround.ALREADY_PAID, creditor="carrier-a")
    open_dispute(world.registry, world.actor("carrier-c"), world.call(), filing)


def changed_by_withdrawing(world: World, record_id: Any) -> None:
    reason = WithdrawalReason.REPORTED_IN_ERROR
    actor = world.actor("carrier-a")
    withdraw(world.registry, actor, world.call(), record_id=record_id, reason=reason, expected_version=None)


def changed_by_a_correction(world: World, _: Any) -> None:
    reports(world, "carrier-a", a_debt(principal_fen=150_00))


@pytest.mark.parametrize(
    "change",
    [
        changed_by_settling,
        changed_by_a_part_payment,
        changed_by_a_dispute,
        changed_by_withdrawing,
        changed_by_a_correction,
    ],
)
def test_what_is_not_owed_any_more_as_it_was_quoted_is_collected_neither_whole_nor_in_part(
    world: World, change: Any
) -> None:
    listed = lists(world, "carrier-a", a_debt())
    lists(world, "carrier-c", a_report("wang", "C1"))
    quote = quote_for(world, "carrier-b", WANG)
    change(world, listed.record_id)
    assert refused(collects, world, "carrier-b", quote) is Problem.EDGE_NOT_ALLOWED
    assert told(world, "carrier-c", EventKind.COLLECTION_TO_CONFIRM) == []
    anew = quote_for(world, "carrier-b", WANG)
    assert collects(world, "carrier-b", anew)["amount_fen"] == anew.total_fen
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.ALLOW


def test_one_receipt_for_several_creditors_one_of_which_is_the_counter_itself(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    lists(world, "carrier-c", a_report("wang", "C1"))
    own = lists(world, "carrier-b", a_report("wang", "B1"))
    receipt = collects(world, "carrier-b", quote_for(world, "carrier-b", WANG))
    assert sorted(each["creditor"] for each in receipt["collections"]) == ["carrier-a", "carrier-c"]
    assert len(receipt["clearances"]) == 1
    assert own.record_id is not None
    assert read_record(world.registry, world.actor("carrier-b"), own.record_id).state == "CLEARED"
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.ALLOW


def test_a_member_of_the_household_pays_for_both_and_each_is_cleared(world: World) -> None:
    home: dict[str, Any] = {"register": "home-1"}
    father, son = tokens("father", **home), tokens("son", **home)
    for debtor, number in ((father, "A1"), (son, "A2")):
        lists(world, "carrier-a", a_report(number=number, tokens=debtor, service_class=ServiceClass.BROADBAND))
    quote = quote_for(world, "carrier-b", son, service=ServiceClass.BROADBAND)
    receipt = collects(world, "carrier-b", quote)
    assert len(receipt["collections"]) == len(receipt["clearances"]) == 2
    for member in (father, son):
        assert asks(world, "carrier-c", member, ServiceClass.BROADBAND).decision is DecisionCode.ALLOW


def test_the_same_collection_twice_is_one(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    quote, call = quote_for(world, "carrier-b", WANG), world.call()
    first = collects(world, "carrier-b", quote, call=call)
    assert collects(world, "carrier-b", quote, call=call) == first
    assert refused(collects, world, "carrier-b", quote) is Problem.EDGE_NOT_ALLOWED
    assert month(world, "carrier-a", "carrier-b")["directions"][1]["apart"] == 1


def test_nobody_makes_the_debtor_owe_a_collection_again_alone(world: World) -> None:
    receipt = at_the_counter(world)
    (collection,) = receipt["collections"]
    answers(world, "carrier-a", collection["collection_id"])
    settlement_id = uuid.UUID(collection["settlement_id"])
    assert refused(proposes, world, settlement_id, world.actor("carrier-b")) is Problem.NOT_FOUND
    reversal_id = proposes(world, settlement_id)
    (event,) = told(world, "carrier-b", EventKind.REVERSAL_TO_CONFIRM)
    assert event["facts"] == {"collection": collection["collection_id"], "reversal": str(reversal_id)}
    assert refused(confirms, world, reversal_id) is Problem.ROLE_MISSING
    assert refused(confirms, world, reversal_id, second_person(world, "carrier-c")) is Problem.NOT_FOUND
    assert asks(world, "carrier-c", WANG).decision is DecisionCode.ALLOW
    confirmed = confirms(world, reversal_id, world.actor("carrier-b"))
    assert (confirmed["confirmed_key_id"], confirmed["record_id"]) == ("carrier-b-1", None)
    assert asks(world, "carrier-c", WANG).decision is DecisionCode.PAY_FIRST
    found = read_clearance(
        world.registry, world.actor("carrier-c"), uuid.UUID(receipt["clearances"][0]["clearance_id"])
    )
    assert found.state == "REVOKED"
    statement = month(world, "carrier-a", "carrier-b")
    assert (statement["net"]["amount_fen"], statement["counted"]) == (0, [])
    assert statement["apart"][0]["reversed_at"] is not None
    (heard,) = told(world, "carrier-a", EventKind.RECORD_STATE_CHANGED)
    assert heard["facts"]["state"] == "ACTIVE"


def debts_both_ways(world: World) -> None:
    """B takes 260.00, 240.00 and 240.00 for A, A takes 192.00 for B, and all of it is confirmed but the last."""
    for place, (creditor, counter) in enumerate([("carrier-a", "carrier-b")] * 3 + [("carrier-b", "carrier-a")]):
        debtor = tokens(f"debtor-{place}")
        lists(world, creditor, a_report(number=f"N{place}", tokens=debtor))
        (taken,) = collects(world, counter, quote_for(world, counter, debtor))["collections"]
        if place != 2:
            answers(world, creditor, taken["collection_id"])
        world.clock.forward(minutes=1)


def test_both_carriers_read_the_same_figures(world: World) -> None:
    debts_both_ways(world)
    mine, theirs = month(world, "carrier-a", "carrier-b"), month(world, "carrier-b", "carrier-a")
    assert mine == theirs
    one, other = mine["directions"]
    assert (one["collector"], one["counted"], one["apart"]) == ("carrier-a", 1, 0)
    assert (other["collector"], other["counted"], other["apart"]) == ("carrier-b", 2, 1)
    assert mine["net"] == {
        "payer": "carrier-b",
        "payee": "carrier-a",
        "amount_fen": other["counted_fen"] - one["counted_fen"],
    }
    assert sum(each["amount_fen"] for each in mine["counted"]) == one["counted_fen"] + other["counted_fen"]
    assert (len(mine["apart"]), mine["next"], mine["month"]) == (1, None, "2026-11")
    assert month(world, "carrier-a", "carrier-c")["counted"] == []
    assert month(world, "carrier-a", "carrier-b", month=202612)["counted"] == []
    for other_carrier in ("carrier-a", "nobody"):
        assert refused(month, world, "carrier-a", other_carrier) is Problem.NOT_FOUND


def test_a_long_month_is_read_in_pages_and_its_sums_are_whole_on_each(world: World) -> None:
    debts_both_ways(world)
    whole = month(world, "carrier-a", "carrier-b")
    read: list[dict[str, Any]] = []
    after: str | None = str(NOTHING_READ)
    while after is not None:
        page = month(world, "carrier-a", "carrier-b", after=uuid.UUID(after), limit=1)
        assert page["directions"] == whole["directions"]
        read += page["counted"] + page["apart"]
        after = page["next"]
    by_id = sorted(whole["counted"] + whole["apart"], key=lambda each: str(each["collection_id"]))
    assert read == by_id


def test_the_table_says_what_the_statement_says(world: World) -> None:
    debts_both_ways(world)
    text = read_net_lines(world.registry, world.actor("carrier-a"), 202611, "carrier-b", NetStatementQuery())
    assert text.count("\r\n") == text.count("\n") == 5
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert tuple(header) == COLUMNS
    whole = month(world, "carrier-a", "carrier-b")
    lines = sorted(whole["counted"] + whole["apart"], key=lambda each: str(each["collection_id"]))
    told_as = [["" if each[name] is None else str(each[name]) for name in COLUMNS[:-1]] for each in lines]
    assert [row[:-1] for row in rows] == told_as
    assert [row[-1] for row in rows] == [str(each["counts"]).lower() for each in lines]


def test_a_month_is_a_month_in_beijing(world: World) -> None:
    world.clock.now = dt.datetime(2026, 11, 30, 15, 59, 59, tzinfo=dt.UTC)
    at_the_counter(world)
    assert len(month(world, "carrier-a", "carrier-b")["apart"]) == 1
    world.clock.forward(seconds=1)
    lists(world, "carrier-a", a_report("li"))
    collects(world, "carrier-b", quote_for(world, "carrier-b", tokens("li")))
    assert len(month(world, "carrier-a", "carrier-b", month=202612)["apart"]) == 1
    assert len(month(world, "carrier-a", "carrier-b")["apart"]) == 1


def test_a_past_month_loses_no_line_when_records_are_sealed_and_is_kept_for_five_years(world: World) -> None:
    (collection,) = at_the_counter(world)["collections"]
    answers(world, "carrier-a", collection["collection_id"])
    before = month(world, "carrier-a", "carrier-b")
    for days in (200, 530):
        world.clock.forward(days=days)
        tick(world.registry)
        later = month(world, "carrier-b", "carrier-a")
        assert {**later, "stated_at": None} == {**before, "stated_at": None}
    assert later["net"] == {"payer": "carrier-b", "payee": "carrier-a", "amount_fen": IN_FULL}
    (told_of,) = statement(world)["collections"]
    assert (told_of["record"], told_of["amount_fen"]) == (None, IN_FULL)
    world.clock.now = NOW.replace(year=NOW.year + 5) - dt.timedelta(days=1)
    tick(world.registry)
    assert month(world, "carrier-a", "carrier-b")["counted"] == before["counted"]
    world.clock.forward(days=1)
    tick(world.registry)
    assert month(world, "carrier-a", "carrier-b")["counted"] == []


def test_a_collection_of_a_sealed_record_is_read_without_the_signature_and_never_reversed(world: World) -> None:
    (collection,) = at_the_counter(world)["collections"]
    collection_id = uuid.UUID(collection["collection_id"])
    world.clock.forward(days=200)
    tick(world.registry)
    seen = write(read_collected(world.registry, world.actor("carrier-a"), collection_id))
    assert (seen["state"], seen["statement"]) == ("CONFIRMED_BY_SILENCE", None)
    assert refused(proposes, world, uuid.UUID(seen["settlement_id"])) is Problem.NOT_FOUND
