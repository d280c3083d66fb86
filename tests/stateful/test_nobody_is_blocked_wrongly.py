"""Random people act for thousands of steps; after each, who is blocked is exactly who should be."""

# ruff: noqa: PLR0917 (a rule takes what it draws)

import dataclasses
import datetime as dt
import json
import os
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from protocol.codes import (
    ORDERED_KINDS,
    DisputeAnswer,
    DisputeDecision,
    DisputeGround,
    Role,
    ServiceClass,
    SettlementKind,
    WithdrawalReason,
)
from protocol.disputes import DisputeFiling
from protocol.messages import InquiryRequest, SubjectTokens
from registry.domain.dispute import DisputeState
from registry.store.transactions import Transaction
from registry.usecases.answer_dispute import answer_dispute
from registry.usecases.decide_dispute import decide_dispute
from registry.usecases.inquire import inquire_batch
from registry.usecases.open_dispute import open_dispute
from registry.usecases.withdraw import withdraw
from registry.worker import tick
from tests.builders import TODAY, a_report, account, tokens
from tests.stateful.model import LEAD_DAYS, Debt, Model
from tests.usecases.stories import reports, settles
from tests.world import Clock, World, found_world

HOMES = {"father": "home-1", "mother": "home-1", "son": "home-1", "stranger": "home-2"}
PEOPLE = sorted(HOMES)
CARRIERS = ["carrier-a", "carrier-b", "carrier-c"]
ACCOUNTS = ["1", "2"]
SERVICES = [ServiceClass.MOBILE, ServiceClass.BROADBAND]


def names(person: str) -> SubjectTokens:
    return tokens(person, register=HOMES[person])


class Carriers(RuleBasedStateMachine):
    """Three carriers, four people in two homes, two accounts each."""

    make_world: Callable[[], World]

    def __init__(self) -> None:
        super().__init__()
        self.world = self.make_world()
        self.model = Model(today=TODAY, homes=HOMES)
        self.records: dict[tuple[str, str, str], uuid.UUID] = {}
        self.grounds: dict[int, DisputeGround] = {}

    @rule(
        carrier=st.sampled_from(CARRIERS),
        person=st.sampled_from(PEOPLE),
        number=st.sampled_from(ACCOUNTS),
        service=st.sampled_from(SERVICES),
        principal=st.sampled_from([100_00, 150_00]),
        due_days=st.sampled_from([120, 200]),
        notice_days=st.sampled_from([1, 29, 30, 31, 100]),
    )
    def report_a_debt(
        self,
        carrier: str,
        person: str,
        number: str,
        service: ServiceClass,
        principal: int,
        due_days: int,
        notice_days: int,
    ) -> None:
        # Dates are those of the first day: the same draw later is the same report again.
        due, notice = TODAY - dt.timedelta(days=due_days), TODAY - dt.timedelta(days=notice_days)
        known = self.model.open_on(carrier, person, number)
        if known is not None:
            notice = known.blocks_from - dt.timedelta(days=LEAD_DAYS)
        said = Debt(person, carrier, number, service, principal, due, blocks_from=notice + dt.timedelta(days=LEAD_DAYS))
        submitted = a_report(
            number=number,
            tokens=names(person),
            account_ref=account(f"{person}/{number}"),
            service_class=service,
            principal_fen=principal,
            due_date=due,
            notice_date=notice,
        )
        verdict = reports(self.world, carrier, submitted)
        assert verdict.verdict == self.model.report(said)
        if verdict.record_id is not None and verdict.verdict in ("ACTIVE", "PENDING"):
            self.records[carrier, person, number] = verdict.record_id

    @precondition(lambda self: any(each.creditor_may_act for each in self.model.debts))
    @rule(data=st.data(), kind=st.sampled_from(ORDERED_KINDS), amount=st.sampled_from([50, 60_00, 400_00]))
    def settle_a_debt(self, data: st.DataObject, kind: SettlementKind, amount: int) -> None:
        debt = data.draw(st.sampled_from([each for each in self.model.debts if each.creditor_may_act]))
        receipt = settles(
            self.world,
            debt.carrier,
            names(debt.person),
            account(f"{debt.person}/{debt.account}"),
            kind=kind,
            amount_fen=amount,
        )
        self.model.settle(debt, kind.value, amount)
        assert receipt.state == debt.state
        owes_more = any(each.person == debt.person and each.state == "ACTIVE" for each in self.model.debts)
        assert (receipt.clearance is not None) == (debt.state == "CLEARED" and not owes_more)

    @precondition(lambda self: any(each.creditor_may_act for each in self.model.debts))
    @rule(data=st.data())
    def withdraw_a_record(self, data: st.DataObject) -> None:
        debt = data.draw(st.sampled_from([each for each in self.model.debts if each.creditor_may_act]))
        outcome = withdraw(
            self.world.registry,
            self.world.actor(debt.carrier),
            self.world.call(),
            record_id=self.records[debt.carrier, debt.person, debt.account],
            reason=WithdrawalReason.REPORTED_IN_ERROR,
            expected_version=None,
        )
        debt.state = "CANCELLED" if debt.state == "PENDING" else "WITHDRAWN"
        assert json.loads(outcome.body)["state"] == debt.state

    @rule(person=st.sampled_from(PEOPLE), ground=st.sampled_from(DisputeGround))
    def dispute_what_there_is(self, person: str, ground: DisputeGround) -> None:
        assume(self.model.disputable(person, ground.value))
        filing = DisputeFiling(tokens=tokens(person), ground=ground)
        open_dispute(self.world.registry, self.world.actor("carrier-c"), self.world.call(), filing)
        for debt in self.model.disputable(person, ground.value):
            self.grounds[id(debt)] = ground
        self.model.dispute(person, ground.value)

    @precondition(lambda self: any(self.may_be_upheld(each) for each in self.model.debts))
    @rule(data=st.data())
    def find_that_a_debt_stands(self, data: st.DataObject) -> None:
        debt = data.draw(st.sampled_from([each for each in self.model.debts if self.may_be_upheld(each)]))
        registry = self.world.registry
        case = registry.store.read(lambda tx: self.case_of(tx, debt))
        answer_dispute(
            registry,
            self.world.actor(debt.carrier),
            self.world.call(),
            dispute_id=case,
            answer=DisputeAnswer.PAYMENT_NOT_RECEIVED,
            expected_version=None,
        )
        decide_dispute(
            registry,
            self.world.actor("court", Role.ADJUDICATOR),
            self.world.call(),
            dispute_id=case,
            decision=DisputeDecision.UPHOLD,
            expected_version=None,
        )
        debt.upheld.add(self.grounds[id(debt)].value)
        debt.state = "ACTIVE"

    def may_be_upheld(self, debt: Debt) -> bool:
        return debt.state == "DISPUTED" and debt.blocks_from <= self.model.today

    def case_of(self, tx: Transaction, debt: Debt) -> uuid.UUID:
        record = tx.records.find(self.records[debt.carrier, debt.person, debt.account])
        assert record is not None
        cases = tx.disputes.of_subjects((record.subject_key,))[record.subject_key]
        (open_case,) = [
            each for each in cases if each.record_id == record.record_id and each.state is DisputeState.OPEN
        ]
        return open_case.dispute_id

    @rule(days=st.sampled_from([1, 10, 29, 46]))
    def let_time_pass(self, days: int) -> None:
        self.world.clock.forward(days=days)
        tick(self.world.registry)
        self.model.pass_days(days)

    @invariant()
    def exactly_those_are_blocked_who_should_be(self) -> None:
        wishes = [(person, service) for person in PEOPLE for service in SERVICES]
        requests = [
            InquiryRequest(inquiry_ref=str(place), tokens=names(person), service_class=service)
            for place, (person, service) in enumerate(wishes)
        ]
        outcome = inquire_batch(self.world.registry, self.world.actor("carrier-b"), self.world.call(), requests)
        given: list[dict[str, Any]] = json.loads(outcome.body)["answers"]
        assert [each["decision"] for each in given] == [self.model.decision(*wish) for wish in wishes]


@pytest.mark.parametrize(("backend", "examples", "steps"), [("sqlite", 40, 50), ("postgres", 12, 50)])
def test_nobody_is_blocked_who_should_not_be_and_nobody_slips_through(
    request: pytest.FixtureRequest, backend: str, examples: int, steps: int
) -> None:
    founded = found_world(request.getfixturevalue(f"{backend}_store"))

    def make_world() -> World:
        # One database for all examples: under a pepper of its own each has people of its own.
        keys = dataclasses.replace(founded.registry.keys, peppers={1: os.urandom(32)})
        clock = Clock()
        registry = dataclasses.replace(founded.registry, keys=keys, clock=clock)
        return dataclasses.replace(founded, registry=registry, clock=clock)

    machine = type("Machine", (Carriers,), {"make_world": staticmethod(make_world)})
    run_state_machine_as_test(  # type: ignore[no-untyped-call]  # hypothesis leaves it untyped
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
