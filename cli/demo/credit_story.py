"""Tells the story of a grade: a debt that is paid late, a deposit instead of a refusal, and the deposit's return.

It takes fourteen months, so it runs in one process, on a clock that this story moves.
"""

import datetime as dt
from pathlib import Path
from typing import Any, Final

from cli.demo.counters import Counters
from cli.demo.debt_export import Owed, report_debts
from cli.demo.debtors import Debtor
from cli.demo.folder import CREDIT, own_folder
from cli.demo.in_process import MovedClock, System, in_process
from cli.demo.plan import CARRIERS
from cli.outcome import Failure
from cli.output import say
from cli.registry.rules import drafted_from
from client.resources import deposits, grades, rules
from gateway.counter.statement_words import WORDS
from gateway.counter.words import Language, yuan
from gateway.identity.documents import HOME_ISSUER, RawIdentity
from protocol.activations import ActivationOutcome, ActivationReason
from protocol.beijing import beijing_date
from protocol.codes import DecisionCode, ServiceClass, Verdict
from protocol.deposits import DepositState
from protocol.events import EventKind
from protocol.grades import Grade, GradeUse
from protocol.identifiers import DocumentKind
from protocol.messages.deposits import DepositsQuery
from protocol.messages.grades import GradeTerms, NewCreditTerms
from protocol.messages.rules import Rules, RulesApproval

_CREDITOR, _ASKER, _OTHER = CARRIERS
_WANG: Final = Debtor(
    creditor=_CREDITOR,
    # Of a county that there is not, as the sandbox's identities: nobody has this number.
    identity=RawIdentity(kind=DocumentKind.RESIDENT_ID, number="119999199001010151", issuer=HOME_ISSUER),
    account="A-WANG",
)
_PRINCIPAL_FEN: Final = 358_00
_PAST_DUE_DAYS: Final = 120
_BLOCKED_DAYS: Final = 70
_AVERAGE_BILL_FEN: Final = 59_00
_TWO_BILLS_PERMILLE: Final = 2_000
_DEPOSIT_FEN: Final = 118_00


def run_credit_story(var: Path, start: dt.datetime) -> None:
    """Empty ``var`` and tell the story from ``start`` on; raises Failure where a step does not come out."""
    with own_folder(var, keep=False, kind=CREDIT):
        say("Making keys; three custodians, the registry and three gateways, all in this process ...")
        with in_process(var.resolve(), MovedClock(start)) as system:
            _Story(system).tell()


class _Story:
    """The steps, each printed with its Beijing date."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._orders = 0
        self._with_deposit = ""
        """The number of the order with the deposit."""

    def tell(self) -> None:
        """Play all steps."""
        say("\nThe story of a grade. This command alone moves the clock; nobody in it exists.")
        self._bring_rules_into_force()
        self._owe()
        self._pay_late()
        self._take_deposit()
        self._wait_for_c()
        self._wait_for_due_day()
        self._return_deposit()

    @property
    def _counters(self) -> Counters:
        return self._system.counters

    @property
    def _today(self) -> dt.date:
        return beijing_date(self._system.clock())

    def _say(self, line: str) -> None:
        say(f"{self._today}  {line}")

    def _bring_rules_into_force(self) -> None:
        """Let the operator propose the first scorecard and the regulator approve it; carrier B sets its terms."""
        with self._system.office("operator").open() as operator:
            before = rules.read_published(operator, None).rules
            begins = self._today + dt.timedelta(days=before.notice_of_change_days)
            drafted = drafted_from(before, version="2", effective_from=begins, scorecard=True)
            proposed = rules.propose(operator, drafted)
        self._say(f"The operator proposes version {drafted.version} of the rules, with the first scorecard.")
        with self._system.office("regulator").open() as regulator:
            rules.approve(regulator, drafted.version, RulesApproval(sha256=proposed.sha256))
        self._say(f"The regulator approves it; it is in force {before.notice_of_change_days} days later.")
        self._system.pass_days(before.notice_of_change_days)
        if self._rules().version != drafted.version:
            raise Failure(f"story: version {self._rules().version} of the rules is in force, not {drafted.version}")
        binding = NewCreditTerms(
            service_class=ServiceClass.MOBILE,
            average_bill_fen=_AVERAGE_BILL_FEN,
            deposit_permille_of_bill=_TWO_BILLS_PERMILLE,
            prepaid=True,
            use=GradeUse.BINDING,
            effective_from=self._today,
        )
        grades.set_credit_terms(self._system.gateways[_ASKER].registry, binding)
        self._say(
            f"From today on people are graded. {_ASKER} sets its terms for grade D: a deposit of two average bills of"
            f" {yuan(_AVERAGE_BILL_FEN)} yuan, or a prepaid line."
        )

    def _rules(self) -> Rules:
        """Read the rules in force, as a carrier does."""
        return rules.read_published(self._system.gateways[_ASKER].registry, None).rules

    def _scorecard(self) -> GradeTerms:
        grade = self._rules().grade
        if grade is None:
            raise Failure("story: the rules in force have no scorecard")
        return grade

    def _owe(self) -> None:
        """Report Wang's debt, let the lead time of its notice pass, and ask at another carrier."""
        lead_days = self._rules().listing.notice_lead_days
        owed = Owed(
            identity=_WANG.identity,
            account=_WANG.account,
            service_class=ServiceClass.MOBILE,
            principal_fen=_PRINCIPAL_FEN,
            due_on=self._today - dt.timedelta(days=_PAST_DUE_DAYS),
            noticed_on=self._today,
        )
        [reported] = report_debts(self._system.gateways[_CREDITOR], [owed], self._system.plan.work).values()
        if reported.verdict != Verdict.PENDING:
            raise Failure(
                f"story: {_CREDITOR} reported a debt of today's notice, and the verdict is {reported.verdict}"
            )
        self._say(
            f"Wang owes {_CREDITOR} {yuan(_PRINCIPAL_FEN)} yuan, and is told today. The debt is reported, and blocks"
            f" nobody for {lead_days} days."
        )
        self._system.pass_days(lead_days)
        self._say("It was not paid, and stands on the list.")
        self._ask(_ASKER, DecisionCode.PAY_FIRST, Grade.E)
        self._leave(_ASKER)

    def _pay_late(self) -> None:
        """Pay after the debt has blocked for so long that a low grade stays, and hear what that means."""
        self._system.pass_days(_BLOCKED_DAYS)
        receipt = self._counters.settle(_WANG, _PRINCIPAL_FEN)
        if receipt["clearance_id"] is None:
            raise Failure("story: the payment of the only debt brought no clearance")
        self._say(
            f"Wang pays at {_CREDITOR}, {_BLOCKED_DAYS} days after the debt began to block. Nothing blocks any more."
        )
        answer = self._ask(_ASKER, DecisionCode.DEPOSIT, Grade.D)
        if answer["credit"]["deposit_fen"] != _DEPOSIT_FEN:
            raise Failure(f"story: the deposit is {answer['credit']['deposit_fen']} fen, not {_DEPOSIT_FEN}")
        self._show_texts(answer)

    def _take_deposit(self) -> None:
        """Let Wang choose the deposit, and report it with the line that is opened."""
        told = self._counters.tell(_ASKER, self._order, ActivationOutcome.DEPOSIT_TAKEN, deposit_fen=_DEPOSIT_FEN)
        if not told["obeyed"]:
            raise Failure("story: the deposit that was asked for was taken, and that was not as decided")
        self._with_deposit = self._order
        self._say(f"Wang pays the deposit of {yuan(_DEPOSIT_FEN)} yuan at {_ASKER} and has the line.")

    def _wait_for_c(self) -> None:
        """Let the paid debt go out of memory, and ask at a third carrier."""
        history_days = self._scorecard().history_days
        self._system.pass_days(history_days + 1)
        self._say(f"More than {history_days} days have passed since the payment: it weighs no more.")
        self._ask(_OTHER, DecisionCode.ALLOW, Grade.C)
        self._counters.tell(_OTHER, self._order, ActivationOutcome.ACTIVATED)

    def _wait_for_due_day(self) -> None:
        """Let the deposit come due: its carrier is told that day and not before, and the statement says so."""
        asker = self._system.gateways[_ASKER]
        [held] = deposits.page(asker.registry, DepositsQuery()).deposits
        self._system.pass_days((held.due_on - self._today).days - 1)
        if self._due_back():
            raise Failure(f"story: {_ASKER} was told of its deposit before {held.due_on}")
        self._system.pass_days(1)
        told = [each["facts"] for each in self._due_back()]
        if [each["activation"] for each in told] != [str(held.activation_id)]:
            raise Failure(f"story: {_ASKER} was not told on {held.due_on} that its deposit is due back")
        months, left = self._scorecard().deposit.months, yuan(told[0]["left_fen"])
        self._say(f"{months} months have passed. {_ASKER} is told {EventKind.DEPOSIT_DUE_BACK}: {left} yuan.")
        self._show_deposits(DepositState.HELD)

    def _return_deposit(self) -> None:
        """Give the deposit back by the number of its order."""
        after = self._counters.return_deposit(_ASKER, self._with_deposit, _DEPOSIT_FEN, self._system.clock())
        if after["state"] != DepositState.RETURNED:
            raise Failure(f"story: the deposit was given back, and is {after['state']}")
        self._say(f"{_ASKER} gives the deposit back.")
        self._show_deposits(DepositState.RETURNED)

    def _due_back(self) -> list[dict[str, Any]]:
        """Read the new events of the carrier with the deposit, and return those about deposits that are due."""
        events = self._system.gateways[_ASKER].events(self._system.plan.work / "events.cursor")
        return [each for each in events if each["kind"] == EventKind.DEPOSIT_DUE_BACK]

    def _show_deposits(self, state: DepositState) -> None:
        """Print the deposits' section of Wang's statement, at another carrier's counter."""
        said = self._counters.statement(_OTHER, _WANG, Language.ZH)
        [deposit] = said["deposits"]
        if (deposit["state"], deposit["due_on"]) != (state, self._today.isoformat()):
            raise Failure(f"story: the statement says {deposit['state']}, due back by {deposit['due_on']}")
        heading = f"## {WORDS[Language.ZH]['deposits']}\n"
        _, found, rest = said["text"].partition(heading)
        if not found:
            raise Failure("story: the printed statement has no section on deposits")
        say(f"            Wang's statement, printed at {_OTHER}:")
        for line in (heading + rest.partition("\n## ")[0]).split("\n"):
            if line:
                say(f"              {line}")

    @property
    def _order(self) -> str:
        """The number of the latest order."""
        return f"order-{self._orders}"

    def _ask(self, carrier: str, decision: DecisionCode, grade: Grade) -> dict[str, Any]:
        """Ask for a mobile line under a new order; raises Failure unless the answer is the expected one."""
        self._orders += 1
        answer = self._counters.check(carrier, _WANG, self._order)
        credit = answer.get("credit") or {}
        if (answer["decision"], credit.get("grade")) != (decision, grade):
            raise Failure(
                f"story: {carrier} was told {answer['decision']}, {credit.get('grade')}; not {decision}, {grade}"
            )
        reasons = ", ".join(credit["reasons"])
        self._say(f"Wang asks for a mobile line at {carrier}: {decision}, grade {grade} ({reasons})")
        return answer

    def _leave(self, carrier: str) -> None:
        self._counters.tell(carrier, self._order, ActivationOutcome.DECLINED, ActivationReason.APPLICANT_LEFT)

    def _show_texts(self, answer: dict[str, Any]) -> None:
        """Print the sentences of the local service as they stand."""
        texts = answer["texts"][Language.ZH]
        for who, heading in (("clerk", "The clerk reads:"), ("applicant", "Wang reads:")):
            say(f"            {heading}")
            for sentence in texts[who]:
                say(f"              {sentence}")
