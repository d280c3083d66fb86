"""Holds the steps that the scenes of the credit story share: dated lines, a change of the rules, and an order."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cli.demo.counters import Counters
from cli.demo.debtors import Debtor
from cli.demo.in_process import System
from cli.demo.plan import CARRIERS
from cli.outcome import Failure
from cli.output import say
from client.resources import rules
from protocol.activations import ActivationOutcome, ActivationReason
from protocol.beijing import beijing_date
from protocol.codes import DecisionCode
from protocol.grades import Grade
from protocol.messages.grades import GradeTerms
from protocol.messages.rules import Rules, RulesApproval

CREDITOR, ASKER, OTHER = CARRIERS
"""The carrier of the debts, the one that is asked for a line, and the third."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person of the story, as its lines name it, with its account at the first carrier."""

    name: str
    customer: Debtor


class Steps:
    """The steps on a system in this process; each raises Failure where it has another end than the story's."""

    def __init__(self, system: System) -> None:
        self.system = system
        self._orders = 0

    @property
    def counters(self) -> Counters:
        """The carriers' counters."""
        return self.system.counters

    @property
    def today(self) -> dt.date:
        """The Beijing date."""
        return beijing_date(self.system.clock())

    @property
    def order(self) -> str:
        """The number of the latest order."""
        return f"order-{self._orders}"

    def say(self, line: str) -> None:
        """Print a line with its date."""
        say(f"{self.today}  {line}")

    def rules(self) -> Rules:
        """Read the rules in force, as a carrier does."""
        return rules.read_published(self.system.gateways[ASKER].registry, None).rules

    def scorecard(self) -> GradeTerms:
        """Read the scorecard in force."""
        grade = self.rules().grade
        if grade is None:
            raise Failure("story: the rules in force have no scorecard")
        return grade

    def change_rules(self, draft: Callable[[Rules, dt.date], Rules], news: str) -> None:
        """Let the operator propose a version and the regulator approve it, and wait until it is in force.

        ``draft`` makes it from the rules in force and its first day; ``news`` says in a few words what is new.
        """
        with self.system.office("operator").open() as operator:
            before = rules.read_published(operator, None).rules
            days = before.notice_of_change_days
            drafted = draft(before, self.today + dt.timedelta(days=days))
            proposed = rules.propose(operator, drafted)
        self.say(f"The operator proposes version {drafted.version} of the rules, {news}.")
        with self.system.office("regulator").open() as regulator:
            rules.approve(regulator, drafted.version, RulesApproval(sha256=proposed.sha256))
        self.say(f"The regulator approves it; it is in force {days} days later.")
        self.system.pass_days(days)
        if self.rules().version != drafted.version:
            raise Failure(f"story: version {self.rules().version} of the rules is in force, not {drafted.version}")

    def ask(self, carrier: str, person: Person, decision: DecisionCode, grade: Grade) -> dict[str, Any]:
        """Ask for a mobile line under a new order; raises Failure unless the answer is the expected one."""
        self._orders += 1
        answer = self.counters.check(carrier, person.customer, self.order)
        credit = answer.get("credit") or {}
        told = (answer["decision"], credit.get("grade"))
        if told != (decision, grade):
            raise Failure(f"story: {carrier} was told {told[0]}, grade {told[1]}; not {decision}, grade {grade}")
        reasons = ", ".join(credit["reasons"])
        self.say(f"{person.name} asks for a mobile line at {carrier}: {decision}, grade {grade} ({reasons})")
        return answer

    def leave(self, carrier: str) -> None:
        """Report that the applicant left without the line of the latest order."""
        self.counters.tell(carrier, self.order, ActivationOutcome.DECLINED, ActivationReason.APPLICANT_LEFT)
