"""Debts, payments, plans and reversals."""

import datetime as dt
import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from protocol.codes import ReversalReason, SettlementKind
from protocol.messages.plans import Instalment, PlanArrangement
from protocol.messages.records import RecordReport
from protocol.messages.reversals import ReversalProposal
from protocol.messages.settlements import SettlementReceipt
from protocol.problems import Problem, Refusal
from registry.domain.participants import Actor
from registry.usecases.plans.arrange import arrange_plan
from registry.usecases.plans.read import read_plan
from registry.usecases.reversals.confirm import confirm_reversal
from registry.usecases.reversals.propose import propose_reversal
from registry.usecases.settlements.read import read_clearance
from tests.support.builders import TODAY, a_report, account, tokens
from tests.support.stories import asks, lists, settles
from tests.support.world import World

WANG = tokens("wang")


def a_debt(**changes: Any) -> RecordReport:
    """200.00 yuan, 100 days past due: a late fee of 60.00 yuan."""
    values: dict[str, Any] = {
        "principal_fen": 200_00,
        "due_date": TODAY - dt.timedelta(days=100),
        "notice_date": TODAY - dt.timedelta(days=60),
    }
    return a_report("wang", **(values | changes))


def quoted(world: World) -> int:
    answer = asks(world, "carrier-b", WANG)
    assert answer.quote is not None
    return answer.quote.total_fen


def paid(world: World, **order: object) -> SettlementReceipt:
    lists(world, "carrier-a", a_debt())
    return settles(world, "carrier-a", WANG, account("A1"), **({"amount_fen": 260_00} | order))


def proposes(world: World, settlement_id: uuid.UUID, who: Actor | None = None) -> uuid.UUID:
    outcome = propose_reversal(
        world.registry,
        who or world.actor("carrier-a"),
        world.call(),
        settlement_id=settlement_id,
        body=ReversalProposal(reason=ReversalReason.CHARGEBACK, evidence_digest=b"e" * 32),
    )
    return uuid.UUID(json.loads(outcome.body)["reversal_id"])


def second_person(world: World, carrier: str = "carrier-a") -> Actor:
    return replace(world.actor(carrier), key_id=f"{carrier}-2")


def confirms(world: World, reversal_id: uuid.UUID, who: Actor | None = None) -> dict[str, Any]:
    outcome = confirm_reversal(world.registry, who or second_person(world), world.call(), reversal_id)
    return dict(json.loads(outcome.body))


def refused(step: Callable[..., object], *arguments: Any) -> Problem:
    with pytest.raises(Refusal) as raised:
        step(*arguments)
    return raised.value.problem


def clearance_state(world: World, receipt: SettlementReceipt) -> str:
    assert receipt.clearance_id is not None
    return read_clearance(world.registry, world.actor("carrier-b"), receipt.clearance_id).state.value


def arranges(world: World, record_id: uuid.UUID | None, *agreed: tuple[int, int], **more: Any) -> dict[str, Any]:
    assert record_id is not None
    outcome = arrange_plan(
        world.registry,
        more.pop("who", world.actor("carrier-a")),
        world.call(),
        PlanArrangement(
            record_id=record_id,
            instalments=tuple(
                Instalment(due_date=TODAY + dt.timedelta(days=day), amount_fen=fen) for day, fen in agreed
            ),
            expected_version=more.pop("expected_version", None),
        ),
    )
    return dict(json.loads(outcome.body))


def pays(world: World, amount_fen: int) -> SettlementReceipt:
    return settles(world, "carrier-a", WANG, account("A1"), kind=SettlementKind.PARTIAL, amount_fen=amount_fen)


def plan_state(world: World, plan: dict[str, Any]) -> str:
    return str(read_plan(world.registry, world.actor("carrier-a"), uuid.UUID(plan["plan_id"])).state)
