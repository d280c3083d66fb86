"""The machine that draws who does what next, and compares the registry with the model after each step."""

# ruff: noqa: PLR0917 (a rule takes what it draws)

import datetime as dt
import json
import uuid
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from auditlog.audit.debts import Gap
from auditlog.audit.grades import Outcome
from protocol.codes import DisputeDecision, DisputeGround, ServiceClass, SettlementKind, WithdrawalReason
from protocol.log_entries import EntryKind
from protocol.messages.disputes import DisputeFiling
from protocol.messages.inquiries import InquiryRequest
from protocol.messages.tokens import SubjectTokens
from protocol.states import Action
from registry.usecases.disputes.open import open_dispute
from registry.usecases.inquiries.inquire import inquire_batch
from registry.usecases.records.withdraw import withdraw
from registry.work.worker import tick
from tests.stateful import steps as steps_of
from tests.stateful.model import ANSWER_DAYS, LEAD_DAYS, OPEN, REMEMBERING, Debt, Model, Payment
from tests.support.builders import TODAY, a_report, account, tokens
from tests.support.contexts import with_context
from tests.support.counters import collects, quote_for
from tests.support.grade_audits import checked, entries
from tests.support.people import astray
from tests.support.stories import reports, settles
from tests.support.world import World

HOMES = {"father": "home-1", "mother": "home-1", "son": "home-1", "stranger": "home-2"}
PEOPLE = sorted(HOMES)
CARRIERS = ["carrier-a", "carrier-b", "carrier-c"]
ACCOUNTS = ["1", "2"]
SERVICES = [ServiceClass.MOBILE, ServiceClass.BROADBAND]
TOLD = ["own", "own", "home-1", "home-2", "unreadable", "dormitory"]
"""Where a creditor says that a person lives."""
ERASED = {Gap.ERASED}
KINDS = [SettlementKind.FULL, SettlementKind.PARTIAL, SettlementKind.WAIVER]


def names(person: str) -> SubjectTokens:
    return tokens(person, register=HOMES[person])


class Carriers(RuleBasedStateMachine):
    """Three carriers, four people in two homes, two accounts each; a court, and the clock."""

    make_world: Callable[[], World]
    walked: Counter[tuple[str, str]]
    """How often each edge was taken in all runs of a test."""

    def __init__(self) -> None:
        super().__init__()
        self.world = self.make_world()
        self.model = Model(today=TODAY, homes=HOMES)
        # People of another run share the database; their accounts are others than ours.
        self.asked: set[uuid.UUID] = set()
        self.tag = self.world.registry.keys.peppers[1].hex()

    def account_ref(self, person: str, number: str) -> bytes:
        return account(f"{self.tag}/{person}/{number}")

    @rule(
        carrier=st.sampled_from(CARRIERS),
        person=st.sampled_from(PEOPLE),
        number=st.sampled_from(ACCOUNTS),
        service=st.sampled_from(SERVICES),
        principal=st.sampled_from([100_00, 150_00]),
        due_days=st.sampled_from([120, 200]),
        notice_days=st.sampled_from([1, 29, 30, 31, 100]),
        today=st.booleans(),
        told=st.sampled_from(TOLD),
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
        today: bool,
        told: str,
    ) -> None:
        # Half of the reports have the dates of the first day: the same draw later is the same report again.
        day = self.model.today if today else TODAY
        due, notice = day - dt.timedelta(days=due_days), day - dt.timedelta(days=notice_days)
        blocks_from = notice + dt.timedelta(days=LEAD_DAYS)
        home = {"own": HOMES[person], "unreadable": None, "dormitory": ""}.get(told, told)
        said = Debt(
            person,
            carrier,
            number,
            service,
            principal,
            due,
            blocks_from,
            listed_on=self.model.today,
            home=home,
            notice=notice,
        )
        submitted = a_report(
            number=number,
            tokens=tokens(person, register=home or None),
            collective_household=home == "",
            account_ref=self.account_ref(person, number),
            service_class=service,
            principal_fen=principal,
            due_date=due,
            notice_date=notice,
        )
        verdict = reports(self.world, carrier, submitted)
        deserved = self.model.report(said)
        assert verdict.verdict == deserved, (verdict, deserved)
        said.record = verdict.record_id

    @precondition(lambda self: self.model.in_state(*OPEN))
    @rule(
        data=st.data(),
        kind=st.sampled_from(KINDS),
        amount=st.sampled_from([50, 60_00, 400_00]),
        waive_rest=st.booleans(),
    )
    def settle_a_debt(self, data: st.DataObject, kind: SettlementKind, amount: int, waive_rest: bool) -> None:
        debt = data.draw(st.sampled_from(self.model.in_state(*OPEN)))
        waive_rest = waive_rest and kind is SettlementKind.FULL
        missing = self.model.missing(debt, amount) if kind is SettlementKind.FULL else 0
        if missing and not waive_rest:
            place = self.account_ref(debt.person, debt.account)
            assert steps_of.missing_in(self.world, debt, names(debt.person), place, amount) == missing
            return
        receipt = settles(
            self.world,
            debt.carrier,
            names(debt.person),
            self.account_ref(debt.person, debt.account),
            kind=kind,
            amount_fen=amount,
            waive_rest=waive_rest,
        )
        assert (receipt.waived_fen or 0) == missing
        paid = Payment(receipt.settlement_id, kind.value, amount, self.model.today, debt.carrier, waived_fen=missing)
        self.model.settle(debt, paid)
        assert receipt.state == debt.state
        owes_more = any(each.person == debt.person for each in self.model.in_state("ACTIVE"))
        assert (receipt.clearance is not None) == (debt.state == "CLEARED" and not owes_more)

    @precondition(lambda self: self.model.reversible())
    @rule(data=st.data())
    def find_that_a_payment_bounced(self, data: st.DataObject) -> None:
        debt, payment = data.draw(st.sampled_from(self.model.reversible()))
        steps_of.reverse(self.world, debt, payment)
        debt.reverse(payment, self.model.today)

    @precondition(lambda self: self.model.in_state(*OPEN))
    @rule(data=st.data())
    def withdraw_a_record(self, data: st.DataObject) -> None:
        debt = data.draw(st.sampled_from(self.model.in_state(*OPEN)))
        assert debt.record is not None
        outcome = withdraw(
            self.world.registry,
            self.world.actor(debt.carrier),
            self.world.call(),
            record_id=debt.record,
            reason=WithdrawalReason.REPORTED_IN_ERROR,
            expected_version=None,
        )
        self.model.withdraw(debt)
        assert json.loads(outcome.body)["state"] == debt.state

    @precondition(lambda self: self.model.in_state("ACTIVE"))
    @rule(data=st.data(), first=st.sampled_from([0, 10, 40]), then=st.sampled_from([1, 30]))
    def agree_on_instalments(self, data: st.DataObject, first: int, then: int) -> None:
        debt = data.draw(st.sampled_from(self.model.in_state("ACTIVE")))
        if debt.case is not None:
            return
        total = debt.owed(self.model.today)
        dates = [self.model.today + dt.timedelta(days=first), self.model.today + dt.timedelta(days=first + then)]
        agreed = [(dates[0], total // 2), (dates[1], total - total // 2)]
        steps_of.arrange(self.world, debt, agreed)
        debt.move("ARRANGED", self.model.today)
        debt.agreed_on = self.model.today
        debt.instalments, debt.paid_before_fen = agreed, debt.paid_fen

    @precondition(lambda self: self.model.in_state("PENDING", "ACTIVE"))
    @rule(data=st.data(), ground=st.sampled_from(DisputeGround))
    def dispute_what_there_is(self, data: st.DataObject, ground: DisputeGround) -> None:
        person = data.draw(st.sampled_from(self.model.in_state("PENDING", "ACTIVE"))).person
        if not self.model.disputable(person, ground.value):
            return
        filing = DisputeFiling(tokens=tokens(person), ground=ground)
        open_dispute(self.world.registry, self.world.actor("carrier-c"), self.world.call(), filing)
        self.model.dispute(person, ground.value)

    @precondition(lambda self: self.model.unanswered())
    @rule(data=st.data())
    def stand_by_a_record(self, data: st.DataObject) -> None:
        debt = data.draw(st.sampled_from(self.model.unanswered()))
        steps_of.answer(self.world, debt)
        assert debt.case is not None
        debt.case.answered = True

    @precondition(lambda self: self.model.heard_beside())
    @rule(data=st.data())
    def stop_what_is_heard(self, data: st.DataObject) -> None:
        debt = data.draw(st.sampled_from(self.model.heard_beside()))
        steps_of.decide(self.world, debt, DisputeDecision.STOP)
        self.model.stop(debt)

    @precondition(lambda self: self.model.decidable())
    @rule(data=st.data(), decision=st.sampled_from([each for each in DisputeDecision if each != "STOP"]))
    def decide_a_case(self, data: st.DataObject, decision: DisputeDecision) -> None:
        debt = data.draw(st.sampled_from(self.model.decidable()))
        upheld = decision is DisputeDecision.UPHOLD
        if upheld and debt.blocks_from > self.model.today:
            return
        if upheld and debt.case is not None and not debt.case.answered:
            steps_of.answer(self.world, debt)
        steps_of.decide(self.world, debt, decision)
        self.model.decide(debt, decision.value)

    @precondition(lambda self: self.model.answerable_late())
    @rule(data=st.data())
    def answer_after_all(self, data: st.DataObject) -> None:
        debt = data.draw(st.sampled_from(self.model.answerable_late()))
        steps_of.answer(self.world, debt)
        self.model.answer_late(debt)

    @precondition(lambda self: self.model.in_state("ACTIVE"))
    @rule(data=st.data(), counter=st.sampled_from(CARRIERS), service=st.sampled_from(SERVICES))
    def pay_at_a_counter(self, data: st.DataObject, counter: str, service: ServiceClass) -> None:
        person = data.draw(st.sampled_from(self.model.in_state("ACTIVE"))).person
        paid = self.model.to_pay(person, service)
        collects(self.world, counter, quote_for(self.world, counter, names(person), service=service))
        self.model.collect(paid, counter, [steps_of.new_settlement(self.world, each) for each in paid])

    @precondition(lambda self: self.model.in_state("ACTIVE", "FROZEN"))
    @rule(data=st.data(), discharged=st.booleans())
    def obey_a_regulator(self, data: st.DataObject, discharged: bool) -> None:
        debt = data.draw(st.sampled_from(self.model.in_state("ACTIVE", "FROZEN")))
        other = Action.FREEZE if debt.state == "ACTIVE" else Action.UNFREEZE
        what = Action.DISCHARGE if discharged else other
        steps_of.order(self.world, debt, what)
        if what is Action.FREEZE:
            debt.move("FROZEN", self.model.today)
        elif what is Action.UNFREEZE:
            self.model.unfreeze(debt)
        else:
            debt.leave("DISCHARGED", self.model.today, "OVER")

    @precondition(lambda self: self.model.in_state("ACTIVE"))
    @rule(data=st.data(), buyer=st.sampled_from(CARRIERS))
    def sell_a_debt(self, data: st.DataObject, buyer: str) -> None:
        debt = data.draw(st.sampled_from(self.model.in_state("ACTIVE")))
        if buyer == debt.carrier:
            return
        record = steps_of.sell(self.world, debt, buyer, self.account_ref(debt.person, debt.account))
        assert (record is not None) == self.model.may_be_sold(debt, buyer)
        if record is not None:
            self.model.sell(debt, buyer, record)

    @precondition(lambda self: self.model.in_state("ACTIVE"))
    @rule(data=st.data())
    def find_a_stolen_identity(self, data: st.DataObject) -> None:
        debt = data.draw(st.sampled_from(self.model.in_state("ACTIVE")))
        if debt.case is not None:
            return
        steps_of.void(self.world, debt)
        self.model.decide(debt, "VOID")

    @rule(person=st.sampled_from(PEOPLE))
    def rebut_the_household(self, person: str) -> None:
        steps_of.rebut(self.world, names(person))
        self.model.rebut(person)

    @precondition(lambda self: self.model.unanswered())
    @rule()
    def say_nothing_to_a_dispute(self) -> None:
        self.let_time_pass(ANSWER_DAYS + 1)

    @rule(days=st.sampled_from([1, 10, 20, 29, 46]))
    def let_time_pass(self, days: int) -> None:
        self.world.clock.forward(days=days)
        tick(self.world.registry)
        self.model.pass_days(days)

    @precondition(lambda self: self.model.in_state("CLEARED", "WITHDRAWN", "VOID_IDENTITY_THEFT", "DISCHARGED"))
    @rule(days=st.sampled_from([200, 730]))
    def let_the_archive_fill(self, days: int) -> None:
        self.let_time_pass(days)

    @precondition(lambda self: self.model.waiting_for_years())
    @rule()
    def let_five_years_pass(self) -> None:
        self.let_time_pass(1827)

    @invariant()
    def exactly_those_are_blocked_who_should_be(self) -> None:
        wishes = [(person, service) for person in PEOPLE for service in SERVICES]
        requests = [
            with_context(InquiryRequest(inquiry_ref=str(place), tokens=names(person), service_class=service))
            for place, (person, service) in enumerate(wishes)
        ]
        outcome = inquire_batch(self.world.registry, self.world.actor("carrier-b"), self.world.call(), requests)
        given: list[dict[str, Any]] = json.loads(outcome.body)["answers"]
        self.asked |= {uuid.UUID(each["inquiry_id"]) for each in given}
        assert [each["decision"] for each in given] == [self.model.decision(*wish) for wish in wishes]
        asked_for = [each["quote"]["total_fen"] if "quote" in each else 0 for each in given]
        assert asked_for == [self.owed(*wish) for wish in wishes]

    def owed(self, person: str, service: ServiceClass) -> int:
        return sum(each.owed(self.model.today) for each in self.model.to_pay(person, service))

    @invariant()
    def every_record_is_where_its_debt_is(self) -> None:
        for debt, (state, memory) in zip(self.model.debts, steps_of.records(self.world, self.model.debts), strict=True):
            assert state == debt.state
            if memory is not None and state in REMEMBERING:
                assert memory == debt.memory()

    @invariant()
    def one_way_leads_to_everybody_who_is_listed(self) -> None:
        assert astray(self.world.registry) == set()

    def every_grade_follows_from_the_log_alone(self) -> None:
        # The clock never stands still here, so an inquiry has seen all that is older than it, and nothing else.
        read = [each for each in entries(self.world) if each.kind != EntryKind.INQUIRY or each.entry_id in self.asked]
        checks = checked(read, slack=dt.timedelta())
        # After years an inquiry or its person's debts are erased.
        wrong = [each for each in checks if each.outcome not in {Outcome.HOLDS, Outcome.ERASED} and each.gaps != ERASED]
        assert [(each.outcome, each.told, each.rebuilt) for each in wrong] == []
        assert len(checks) == len(self.asked)

    def teardown(self) -> None:
        self.every_grade_follows_from_the_log_alone()
        for debt in self.model.debts:
            self.walked.update(pairwise(debt.states))
