"""Tells the story of a grade: a debt that is paid late, a deposit instead of a refusal, and the deposit's return.

It takes fourteen months, so it runs in one process, on a clock that this story moves.
"""

import datetime as dt
from pathlib import Path
from typing import Any, Final

from cli.demo.attestation_story import tell_attestation
from cli.demo.credit_steps import ASKER, CREDITOR, OTHER, Person, Steps
from cli.demo.debt_export import Owed, report_debts
from cli.demo.debtors import Debtor
from cli.demo.folder import CREDIT, own_folder
from cli.demo.in_process import MovedClock, in_process
from cli.outcome import Failure
from cli.output import say
from cli.registry.rules import drafted_from
from client.resources import deposits, grades
from gateway.counter.statement_words import WORDS
from gateway.counter.words import Language, yuan
from gateway.identity.documents import HOME_ISSUER, RawIdentity
from protocol.activations import ActivationOutcome
from protocol.codes import DecisionCode, ServiceClass, Verdict
from protocol.deposits import DepositState
from protocol.events import EventKind
from protocol.grades import Grade, GradeUse
from protocol.identifiers import DocumentKind
from protocol.messages.deposits import DepositsQuery
from protocol.messages.grades import NewCreditTerms
from protocol.messages.rules import Rules

_WANG: Final = Person(
    name="Wang",
    customer=Debtor(
        creditor=CREDITOR,
        # Of a county that there is not, as the sandbox's identities: nobody has this number.
        identity=RawIdentity(kind=DocumentKind.RESIDENT_ID, number="119999199001010151", issuer=HOME_ISSUER),
        account="A-WANG",
    ),
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
            steps = Steps(system)
            _Story(steps).tell()
            tell_attestation(steps)


class _Story:
    """The scenes with Wang, each step printed with its Beijing date."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._system = steps.system
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

    def _bring_rules_into_force(self) -> None:
        """Change the rules to the first scorecard; carrier B sets its terms for low grades."""

        def draft(before: Rules, begins: dt.date) -> Rules:
            return drafted_from(before, version="2", effective_from=begins, scorecard=True)

        self._steps.change_rules(draft, "with the first scorecard")
        binding = NewCreditTerms(
            service_class=ServiceClass.MOBILE,
            average_bill_fen=_AVERAGE_BILL_FEN,
            deposit_permille_of_bill=_TWO_BILLS_PERMILLE,
            prepaid=True,
            use=GradeUse.BINDING,
            effective_from=self._steps.today,
        )
        grades.set_credit_terms(self._system.gateways[ASKER].registry, binding)
        self._steps.say(
            f"From today on people are graded. {ASKER} sets its terms for grade D: a deposit of two average bills of"
            f" {yuan(_AVERAGE_BILL_FEN)} yuan, or a prepaid line."
        )

    def _owe(self) -> None:
        """Report Wang's debt, let the lead time of its notice pass, and ask at another carrier."""
        lead_days = self._steps.rules().listing.notice_lead_days
        owed = Owed(
            identity=_WANG.customer.identity,
            account=_WANG.customer.account,
            service_class=ServiceClass.MOBILE,
            principal_fen=_PRINCIPAL_FEN,
            due_on=self._steps.today - dt.timedelta(days=_PAST_DUE_DAYS),
            noticed_on=self._steps.today,
        )
        [reported] = report_debts(self._system.gateways[CREDITOR], [owed], self._system.plan.work).values()
        if reported.verdict != Verdict.PENDING:
            raise Failure(f"story: {CREDITOR} reported a debt of today's notice, and the verdict is {reported.verdict}")
        self._steps.say(
            f"Wang owes {CREDITOR} {yuan(_PRINCIPAL_FEN)} yuan, and is told today. The debt is reported, and blocks"
            f" nobody for {lead_days} days."
        )
        self._system.pass_days(lead_days)
        self._steps.say("It was not paid, and stands on the list.")
        self._steps.ask(ASKER, _WANG, DecisionCode.PAY_FIRST, Grade.E)
        self._steps.leave(ASKER)

    def _pay_late(self) -> None:
        """Pay after the debt has blocked for so long that a low grade stays, and hear what that means."""
        self._system.pass_days(_BLOCKED_DAYS)
        receipt = self._steps.counters.settle(_WANG.customer, _PRINCIPAL_FEN)
        if receipt["clearance_id"] is None:
            raise Failure("story: the payment of the only debt brought no clearance")
        self._steps.say(
            f"Wang pays at {CREDITOR}, {_BLOCKED_DAYS} days after the debt began to block. Nothing blocks any more."
        )
        answer = self._steps.ask(ASKER, _WANG, DecisionCode.DEPOSIT, Grade.D)
        if answer["credit"]["deposit_fen"] != _DEPOSIT_FEN:
            raise Failure(f"story: the deposit is {answer['credit']['deposit_fen']} fen, not {_DEPOSIT_FEN}")
        self._show_texts(answer)

    def _take_deposit(self) -> None:
        """Let Wang choose the deposit, and report it with the line that is opened."""
        told = self._steps.counters.tell(
            ASKER, self._steps.order, ActivationOutcome.DEPOSIT_TAKEN, deposit_fen=_DEPOSIT_FEN
        )
        if not told["obeyed"]:
            raise Failure("story: the deposit that was asked for was taken, and that was not as decided")
        self._with_deposit = self._steps.order
        self._steps.say(f"Wang pays the deposit of {yuan(_DEPOSIT_FEN)} yuan at {ASKER} and has the line.")

    def _wait_for_c(self) -> None:
        """Let the paid debt go out of memory, and ask at a third carrier."""
        history_days = self._steps.scorecard().history_days
        self._system.pass_days(history_days + 1)
        self._steps.say(f"More than {history_days} days have passed since the payment: it weighs no more.")
        self._steps.ask(OTHER, _WANG, DecisionCode.ALLOW, Grade.C)
        self._steps.counters.tell(OTHER, self._steps.order, ActivationOutcome.ACTIVATED)

    def _wait_for_due_day(self) -> None:
        """Let the deposit come due: its carrier is told that day and not before, and the statement says so."""
        asker = self._system.gateways[ASKER]
        [held] = deposits.page(asker.registry, DepositsQuery()).deposits
        self._system.pass_days((held.due_on - self._steps.today).days - 1)
        if self._due_back():
            raise Failure(f"story: {ASKER} was told of its deposit before {held.due_on}")
        self._system.pass_days(1)
        told = [each["facts"] for each in self._due_back()]
        if [each["activation"] for each in told] != [str(held.activation_id)]:
            raise Failure(f"story: {ASKER} was not told on {held.due_on} that its deposit is due back")
        months, left = self._steps.scorecard().deposit.months, yuan(told[0]["left_fen"])
        self._steps.say(f"{months} months have passed. {ASKER} is told {EventKind.DEPOSIT_DUE_BACK}: {left} yuan.")
        self._show_deposits(DepositState.HELD)

    def _return_deposit(self) -> None:
        """Give the deposit back by the number of its order."""
        after = self._steps.counters.return_deposit(ASKER, self._with_deposit, _DEPOSIT_FEN, self._system.clock())
        if after["state"] != DepositState.RETURNED:
            raise Failure(f"story: the deposit was given back, and is {after['state']}")
        self._steps.say(f"{ASKER} gives the deposit back.")
        self._show_deposits(DepositState.RETURNED)

    def _due_back(self) -> list[dict[str, Any]]:
        """Read the new events of the carrier with the deposit, and return those about deposits that are due."""
        events = self._system.gateways[ASKER].events(self._system.plan.work / "events.cursor")
        return [each for each in events if each["kind"] == EventKind.DEPOSIT_DUE_BACK]

    def _show_deposits(self, state: DepositState) -> None:
        """Print the deposits' section of Wang's statement, at another carrier's counter."""
        said = self._steps.counters.statement(OTHER, _WANG.customer, Language.ZH)
        [deposit] = said["deposits"]
        if (deposit["state"], deposit["due_on"]) != (state, self._steps.today.isoformat()):
            raise Failure(f"story: the statement says {deposit['state']}, due back by {deposit['due_on']}")
        heading = f"## {WORDS[Language.ZH]['deposits']}\n"
        _, found, rest = said["text"].partition(heading)
        if not found:
            raise Failure("story: the printed statement has no section on deposits")
        say(f"            Wang's statement, printed at {OTHER}:")
        for line in (heading + rest.partition("\n## ")[0]).split("\n"):
            if line:
                say(f"              {line}")

    def _show_texts(self, answer: dict[str, Any]) -> None:
        """Print the sentences of the local service as they stand."""
        texts = answer["texts"][Language.ZH]
        for who, heading in (("clerk", "The clerk reads:"), ("applicant", "Wang reads:")):
            say(f"            {heading}")
            for sentence in texts[who]:
                say(f"              {sentence}")
