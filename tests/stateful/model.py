"""What should be true of every debt, told as simply as possible: no storage, no events, no log."""

import datetime as dt
from dataclasses import dataclass, field

from protocol.codes import DecisionCode, ServiceClass

LEAD_DAYS = 30
ANSWER_DAYS = 15
LAPSE_DAYS = 30
FEE_PPM = 3_000
TOLERANCE_FEN = 100


@dataclass
class Debt:
    """One debt of one person to one carrier on one account."""

    person: str
    carrier: str
    account: str
    service: ServiceClass
    principal_fen: int
    due_date: dt.date
    blocks_from: dt.date
    state: str = "PENDING"
    paid_fen: int = 0
    answer_due: dt.date = dt.date.min
    days_in_dispute: int = 0
    upheld: set[str] = field(default_factory=set)
    """Grounds that an adjudicator has refused."""

    def owed(self, today: dt.date) -> int:
        days = max(0, (today - self.due_date).days - self.days_in_dispute)
        fee = min(self.principal_fen * FEE_PPM * days // 1_000_000, self.principal_fen)
        return max(0, self.principal_fen + fee - self.paid_fen)

    @property
    def is_open(self) -> bool:
        return self.state in ("PENDING", "ACTIVE", "DISPUTED", "SUSPENDED")

    @property
    def creditor_may_act(self) -> bool:
        """A suspended record waits for its late answer, or for the clock."""
        return self.state in ("PENDING", "ACTIVE", "DISPUTED")

    def pass_days(self, days: int, today: dt.date) -> None:
        if self.state in ("DISPUTED", "SUSPENDED"):
            self.days_in_dispute += days
        if self.state == "PENDING" and self.blocks_from <= today:
            self.state = "ACTIVE"
        if self.state == "DISPUTED" and today > self.answer_due:
            self.state = "SUSPENDED"
        if self.state == "SUSPENDED" and today > self.answer_due + dt.timedelta(days=LAPSE_DAYS):
            self.state = "WITHDRAWN"


@dataclass
class Model:
    """Everybody's debts and everybody's homes."""

    today: dt.date
    homes: dict[str, str]
    debts: list[Debt] = field(default_factory=list)

    def on_account(self, carrier: str, person: str, account: str) -> list[Debt]:
        wanted = (carrier, person, account)
        return [each for each in self.debts if (each.carrier, each.person, each.account) == wanted]

    def open_on(self, carrier: str, person: str, account: str) -> Debt | None:
        return next((each for each in self.on_account(carrier, person, account) if each.is_open), None)

    def report(self, said: Debt) -> str:
        """The verdict that the report deserves."""
        earlier = self.on_account(said.carrier, said.person, said.account)
        still_open = next((each for each in earlier if each.is_open), None)
        closed = [each for each in earlier if not each.is_open and each.due_date == said.due_date]
        if closed and (still_open is None or still_open.due_date != said.due_date):
            return "DUPLICATE"
        if still_open is None:
            said.state = "ACTIVE" if said.blocks_from <= self.today else "PENDING"
            self.debts.append(said)
            return said.state
        if (still_open.principal_fen, still_open.due_date, still_open.service) == (
            said.principal_fen,
            said.due_date,
            said.service,
        ):
            return "DUPLICATE"
        still_open.principal_fen, still_open.due_date, still_open.service = (
            said.principal_fen,
            said.due_date,
            said.service,
        )
        return "UPDATED"

    def settle(self, debt: Debt, kind: str, amount_fen: int) -> None:
        debt.paid_fen += 0 if kind == "WAIVER" else amount_fen
        if kind != "PARTIAL" or debt.owed(self.today) < TOLERANCE_FEN:
            debt.state = "CANCELLED" if debt.state == "PENDING" else "CLEARED"

    def disputable(self, person: str, ground: str) -> list[Debt]:
        return [
            each
            for each in self.debts
            if each.person == person and each.state in ("PENDING", "ACTIVE") and ground not in each.upheld
        ]

    def dispute(self, person: str, ground: str) -> None:
        for debt in self.disputable(person, ground):
            debt.state, debt.answer_due = "DISPUTED", self.today + dt.timedelta(days=ANSWER_DAYS)

    def pass_days(self, days: int) -> None:
        self.today += dt.timedelta(days=days)
        for debt in self.debts:
            debt.pass_days(days, self.today)

    def decision(self, person: str, service: ServiceClass) -> DecisionCode:
        active = [each for each in self.debts if each.state == "ACTIVE"]
        if any(each.person == person for each in active):
            return DecisionCode.PAY_FIRST
        family = [each for each in active if self.homes[each.person] == self.homes[person]]
        if service.is_fixed_line and any(each.service.is_fixed_line for each in family):
            return DecisionCode.PAY_FIRST
        return DecisionCode.REVIEW if family else DecisionCode.ALLOW
