"""A creditor may name the record that a payment settles, in place of the debtor: then nobody is asked for a token."""

import datetime as dt
import uuid
from typing import Any

import pytest

from protocol.codes import DecisionCode, SettlementKind
from protocol.messages.settlements import SettlementReceipt
from protocol.problems import Problem, Refusal
from registry.usecases.settlements.settle import settle
from tests.support.builders import TODAY, account, tokens
from tests.support.money import WANG, a_debt
from tests.support.stories import asks, lists, settles
from tests.support.world import World


def listed(world: World, **changes: Any) -> uuid.UUID:
    record_id = lists(world, "carrier-a", a_debt(**changes)).record_id
    assert record_id is not None
    return record_id


def says(
    world: World, record_id: uuid.UUID, name: str = "A1", *, carrier: str = "carrier-a", **order: Any
) -> SettlementReceipt:
    values = {"amount_fen": 260_00} | order
    return settles(world, carrier, None, account(name), record_id=record_id, **values)


def refusal(world: World, record_id: uuid.UUID, name: str = "A1", **order: Any) -> tuple[Problem, dict[str, str]]:
    with pytest.raises(Refusal) as raised:
        says(world, record_id, name, **order)
    return raised.value.problem, raised.value.fields


def test_the_named_record_is_closed_and_its_debtor_gets_the_clearance(world: World) -> None:
    record_id = listed(world)
    receipt = says(world, record_id)
    assert (receipt.record_id, receipt.state) == (record_id, "CLEARED")
    assert receipt.clearance is not None
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.ALLOW


def test_only_the_named_record_is_settled_and_a_part_payment_leaves_it_open(world: World) -> None:
    first = listed(world)
    other = listed(world, account_ref=account("A2"))
    assert says(world, other, "A2", kind=SettlementKind.PARTIAL, amount_fen=50_00).outstanding_fen == 210_00
    assert says(world, first).clearance is None
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.PAY_FIRST


def test_a_record_of_another_creditor_or_of_another_account_is_not_there(world: World) -> None:
    record_id = listed(world)
    nothing: tuple[Problem, dict[str, str]] = Problem.NOT_FOUND, {}
    assert refusal(world, record_id, carrier="carrier-b") == nothing
    assert refusal(world, record_id, "A2") == nothing
    assert refusal(world, uuid.uuid4()) == nothing


def test_a_closed_record_is_not_settled_though_the_account_has_another_open_one(world: World) -> None:
    closed = listed(world)
    says(world, closed)
    world.clock.forward(days=200)
    later = {"due_date": TODAY + dt.timedelta(days=50), "notice_date": TODAY + dt.timedelta(days=80)}
    opened = listed(world, **later)
    assert refusal(world, closed) == (Problem.EDGE_NOT_ALLOWED, {})
    assert says(world, opened, amount_fen=400_00).state == "CLEARED"


def test_the_debtor_or_the_record_is_named_and_never_both_or_none(world: World) -> None:
    record_id = listed(world)
    both = world.order("carrier-a", tokens("wang"), account("A1"), record_id=record_id)
    none = world.order("carrier-a", None, account("A1"))
    for order, fields in ((both, {"record_id": "invalid"}), (none, {"tokens": "required"})):
        with pytest.raises(Refusal) as raised:
            settle(world.registry, world.actor("carrier-a"), world.call(), order)
        assert (raised.value.problem, raised.value.fields) == (Problem.INVALID_FIELD, fields)


def test_the_same_call_again_gets_the_same_answer(world: World) -> None:
    record_id = listed(world)
    order = world.order("carrier-a", None, account("A1"), record_id=record_id, amount_fen=260_00)
    call = world.call("once")
    first, again = (settle(world.registry, world.actor("carrier-a"), call, order) for _ in range(2))
    assert (again.body, again.replayed) == (first.body, True)
