"""What is refused, and that a refusal leaves nothing behind."""

import datetime as dt
import uuid

import pytest

from protocol.codes import SettlementKind, Verdict, WithdrawalReason
from protocol.messages.settlements import SettlementOrder
from protocol.messages.tokens import SubjectTokens
from protocol.problems import Problem, Refusal
from registry.usecases.authenticate import IncomingRequest, authenticate
from registry.usecases.records.read import read_record
from registry.usecases.records.report import report
from registry.usecases.records.withdraw import withdraw
from registry.usecases.settlements.settle import settle
from tests.support.builders import a_report, account, tokens
from tests.support.stories import asks, lists, settles
from tests.support.world import World


def pending_entries(world: World) -> int:
    return world.registry.store.read(lambda tx: len(tx.openings.first(10_000)))


def refused_settlement(world: World, carrier: str, order: SettlementOrder) -> Problem:
    before = pending_entries(world)
    with pytest.raises(Refusal) as refused:
        settle(world.registry, world.actor(carrier), world.call(), order)
    assert pending_entries(world) == before
    return refused.value.problem


def test_a_statement_signed_by_somebody_else_settles_nothing(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    forged = world.order("carrier-a", tokens("wang"), account("A1"), signer="carrier-b")
    assert refused_settlement(world, "carrier-a", forged) is Problem.STATEMENT_INVALID


def test_a_statement_over_another_amount_settles_nothing(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    order = world.order("carrier-a", tokens("wang"), account("A1"), amount_fen=1)
    other = SettlementOrder(
        tokens=order.tokens,
        account_ref=order.account_ref,
        kind=order.kind,
        amount_fen=2,
        settled_at=order.settled_at,
        statement=order.statement,
    )
    assert refused_settlement(world, "carrier-a", other) is Problem.STATEMENT_INVALID


def test_a_settlement_in_the_future_is_refused(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    order = world.order("carrier-a", tokens("wang"), account("A1"), settled_at=world.clock() + dt.timedelta(minutes=6))
    assert refused_settlement(world, "carrier-a", order) is Problem.INVALID_FIELD


def test_a_creditor_orders_no_collection_at_its_own_counter(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    order = world.order("carrier-a", tokens("wang"), account("A1"), kind=SettlementKind.COLLECTED)
    assert refused_settlement(world, "carrier-a", order) is Problem.INVALID_FIELD


def test_one_creditor_cannot_settle_what_is_owed_to_another(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    order = world.order("carrier-b", tokens("wang"), account("A1"))
    assert refused_settlement(world, "carrier-b", order) is Problem.NOT_FOUND


def test_a_debt_that_is_settled_cannot_be_settled_again(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    settles(world, "carrier-a", tokens("wang"), account("A1"))
    order = world.order("carrier-a", tokens("wang"), account("A1"))
    assert refused_settlement(world, "carrier-a", order) is Problem.EDGE_NOT_ALLOWED


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (SubjectTokens(epoch=9, subject=tokens("wang").subject), Problem.EPOCH_UNKNOWN),
        (SubjectTokens(epoch=1, subject=bytes(32)), Problem.BAD_ELEMENT),
        (SubjectTokens(epoch=1, subject=b"\xff" * 32), Problem.BAD_ELEMENT),
    ],
)
def test_tokens_that_are_no_tokens_are_refused(world: World, bad: SubjectTokens, problem: Problem) -> None:
    with pytest.raises(Refusal) as refused:
        report(world.registry, world.actor("carrier-a"), world.call(), a_report(tokens=bad))
    assert refused.value.problem is problem
    with pytest.raises(Refusal) as refused:
        asks(world, "carrier-b", bad)
    assert refused.value.problem is problem


def test_a_creditor_sees_its_own_records_only(world: World) -> None:
    verdict = lists(world, "carrier-a", a_report("wang"))
    assert verdict.record_id is not None
    with pytest.raises(Refusal) as refused:
        read_record(world.registry, world.actor("carrier-b"), verdict.record_id)
    assert refused.value.problem is Problem.NOT_FOUND


def withdrawal(world: World, record_id: uuid.UUID, expected_version: int | None) -> None:
    withdraw(
        world.registry,
        world.actor("carrier-a"),
        world.call(),
        record_id=record_id,
        reason=WithdrawalReason.WRONG_AMOUNT,
        expected_version=expected_version,
    )


def test_a_withdrawal_of_a_stale_version_is_refused(world: World) -> None:
    verdict = lists(world, "carrier-a", a_report("wang"))
    assert verdict.record_id is not None
    with pytest.raises(Refusal) as refused:
        withdrawal(world, verdict.record_id, 1)
    assert refused.value.problem is Problem.VERSION_STALE
    withdrawal(world, verdict.record_id, 2)


def test_an_edge_that_the_table_lacks_names_the_state_and_its_edges(world: World) -> None:
    verdict = lists(world, "carrier-a", a_report("wang"))
    assert verdict.record_id is not None
    withdrawal(world, verdict.record_id, None)
    with pytest.raises(Refusal) as refused:
        withdrawal(world, verdict.record_id, None)
    assert refused.value.problem is Problem.EDGE_NOT_ALLOWED
    assert refused.value.detail == "The record is WITHDRAWN; allowed: none."


def test_a_rejected_report_leaves_a_log_entry_and_no_record(world: World) -> None:
    before = pending_entries(world)
    outcome = report(world.registry, world.actor("carrier-a"), world.call(), a_report(principal_fen=99_00))
    assert Verdict.REJ_BELOW_MINIMUM.value.encode() in outcome.body
    assert pending_entries(world) == before + 1
    assert world.registry.store.read(lambda tx: tx.records.count_by_state()) == {}


def test_a_request_without_a_signature_is_told_so(world: World) -> None:
    request = IncomingRequest(method="GET", target_uri="https://registry.test/v1/rules", headers={}, has_body=False)
    with pytest.raises(Refusal) as refused:
        authenticate(world.registry, request)
    assert refused.value.problem is Problem.SIGNATURE_MISSING
