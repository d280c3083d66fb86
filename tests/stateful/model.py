"""What should be true of every debt, told as simply as possible: no storage, no events, no log."""

import datetime as dt
import uuid
from dataclasses import dataclass, field, replace

from protocol.codes import DecisionCode, ServiceClass

LEAD_DAYS = 30
ANSWER_DAYS = 15
LAPSE_DAYS = 30
FEE_PPM = 3_000
TOLERANCE_FEN = 100
GRACE_DAYS = 5
REVERSAL_DAYS = 180
MARKER_YEARS = 2
REBUTTAL_YEARS = 2
RECORD_YEARS = 5
MINIMUM_DAYS = 90
MOST_DAYS = 1_095
SEAL_DAYS = 200
CLOSED_DAYS = 730

NO_FEE_IN = ("DISPUTED", "SUSPENDED", "ARRANGED")
EXPIRING = ("ACTIVE", "DISPUTED", "SUSPENDED", "ARRANGED", "FROZEN")
OPEN = ("PENDING", *EXPIRING)
REMEMBERING = (*OPEN, "CLEARED", "TRANSFERRED")
"""States whose records have to know when the debt ended: after any other end nobody asks."""


def years_on(day: dt.date, years: int) -> dt.date:
    """The same day of a later year; the first of March for a 29 February that the year lacks."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return dt.date(day.year + years, 3, 1)


def five_years_on(day: dt.date) -> dt.date:
    """The last of February for a 29 February: nobody is listed for a day longer."""
    try:
        return day.replace(year=day.year + RECORD_YEARS)
    except ValueError:
        return dt.date(day.year + RECORD_YEARS, 2, 28)


@dataclass
class Payment:
    """What was said to be settled; a waiver is nothing that was paid."""

    settlement: uuid.UUID
    kind: str
    amount_fen: int
    on: dt.date
    counter: str
    """Where it was paid: the creditor itself, or who collected for it."""
    reversed: bool = False
    waived_fen: int = 0
    """What a FULL payment left and the creditor gave up: it is not claimed again."""

    @property
    def paid_fen(self) -> int:
        return self.waived_fen + (0 if self.kind == "WAIVER" or self.reversed else self.amount_fen)


@dataclass
class Case:
    """What the subject says against a debt, and over which figures; it stops the debt or is heard beside it."""

    ground: str
    principal_fen: int
    owed_fen: int
    """Principal less what was paid, without any fee."""
    stops: bool
    filed_on: dt.date
    answer_due: dt.date
    answered: bool = False
    is_silent: bool = False
    """The creditor let its days go by."""


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
    listed_on: dt.date
    home: str | None = None
    """Where the creditor last said that the person lives: "" for nowhere that is one, None for nothing that is read."""
    record: uuid.UUID | None = None
    reversal: uuid.UUID | None = None
    states: list[str] = field(default_factory=lambda: ["PENDING"])
    """Every state that it was in, the present one last."""
    since: dt.date = dt.date.min
    """When it came to its present state."""
    notice: dt.date = dt.date.min
    figures_on: dt.date = dt.date.min
    """The day of the report that set the present figures."""
    ending: str = ""
    """How it was closed, for who judges what comes later: PAID, TAKEN_BACK, FOUND_WRONG, OVER or VOID."""
    closed_on: dt.date = dt.date.min
    taken_off_fen: int = 0
    """Of what was paid: the part that the creditor has taken off its own figures since."""
    payments: list[Payment] = field(default_factory=list)
    days_without_fee: int = 0
    case: Case | None = None
    """What is open of it: nothing, or one case."""
    answered_late: bool = False
    upheld: list[Case] = field(default_factory=list)
    """Cases that an adjudicator has refused."""
    instalments: list[tuple[dt.date, int]] = field(default_factory=list)
    paid_before_fen: int = 0
    paid_to_the_seller_fen: int = 0
    agreed_on: dt.date | None = None
    """The day of the agreement about the instalments that are paid, or were paid to the end."""
    broken_on: list[dt.date] = field(default_factory=list)
    """For each plan that broke, the first day on which it was."""

    @property
    def paid_fen(self) -> int:
        paid = self.paid_to_the_seller_fen + sum(each.paid_fen for each in self.payments)
        return max(0, paid - self.taken_off_fen)

    @property
    def state(self) -> str:
        return self.states[-1]

    def move(self, state: str, on: dt.date, ending: str = "") -> None:
        if ending:
            # Its years are over on time, however late that is written.
            self.ending, self.closed_on = ending, min(on, five_years_on(self.listed_on))
        self.states.append(state)
        self.since = on

    def memory(self) -> tuple[dt.date | None, int, dt.date | None]:
        """The day of the debt's end, its broken plans, and the day of the last break."""
        ended = self.agreed_on or self.since if self.state in ("ARRANGED", "CLEARED") else None
        return ended, len(self.broken_on), self.broken_on[-1] if self.broken_on else None

    def bars(self, due_date: dt.date) -> bool:
        """Whether a debt of that due date is not listed again on this account."""
        if self.is_open or self.ending == "TAKEN_BACK":
            return False
        last = {
            "PAID": max(self.due_date, self.closed_on - dt.timedelta(days=MINIMUM_DAYS)),
            "FOUND_WRONG": self.due_date,
            "OVER": max(self.due_date, self.closed_on),
            "VOID": dt.date.max,
        }[self.ending]
        return due_date <= last

    def update(self, said: "Debt", today: dt.date) -> bool:
        """Take what the report says, as far as it may; whether anything changed."""
        before = (self.principal_fen, self.due_date, self.service, self.notice, self.blocks_from, self.home)
        may_rise = self.state in ("PENDING", "ACTIVE") and said.notice > self.figures_on
        principal = said.principal_fen if may_rise else min(said.principal_fen, self.principal_fen)
        due = said.due_date if may_rise else max(said.due_date, self.due_date)
        if (principal, due) != (self.principal_fen, self.due_date):
            self.figures_on = today
        self.taken_off_fen += min(self.paid_fen, max(0, self.principal_fen - principal))
        self.principal_fen, self.due_date, self.service, self.notice = principal, due, said.service, said.notice
        if self.state == "PENDING":
            self.blocks_from = said.blocks_from
        self.home = self.home if said.home is None else said.home
        after = (self.principal_fen, self.due_date, self.service, self.notice, self.blocks_from, self.home)
        return before != after

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def leave(self, state: str, on: dt.date, ending: str) -> None:
        """Go off the list; an open case ends with it."""
        self.move(state, on, ending)
        self.case = None

    def doubted_since(self) -> dt.date | None:
        """The day of the filing or the order that holds it back; None where nothing does."""
        if self.state == "FROZEN":
            return self.since
        stopped = self.case is not None and self.state in ("DISPUTED", "SUSPENDED")
        return self.case.filed_on if stopped and self.case is not None else None

    def hearing(self, ground: str) -> bool | None:
        """Whether a filing on a ground would stop the debt; None where it cannot be filed."""
        judged = [
            each
            for each in self.upheld
            if each.principal_fen >= self.principal_fen and each.owed_fen >= self.principal_fen - self.paid_fen
        ]
        if self.state not in ("PENDING", "ACTIVE") or any(each.ground == ground for each in judged):
            return None
        stops = self.state == "PENDING" or ground == "IDENTITY_THEFT" or not any(each.stops for each in judged)
        return stops if stops or self.case is None else None

    def owed(self, today: dt.date) -> int:
        days = max(0, (today - self.due_date).days - self.days_without_fee)
        fee = min(self.principal_fen * FEE_PPM * days // 1_000_000, self.principal_fen)
        return max(0, self.principal_fen + fee - self.paid_fen)

    def first_missing(self, more_fen: int = 0) -> dt.date | None:
        """The date of the first instalment that what was paid since, and ``more_fen``, does not fill."""
        agreed = 0
        for date, amount in self.instalments:
            agreed += amount
            if agreed - (self.paid_fen + more_fen - self.paid_before_fen) >= TOLERANCE_FEN:
                return date
        return None

    def may_be_reversed(self, payment: Payment, today: dt.date) -> bool:
        if self.state != "CLEARED" or payment.reversed or any(each.kind == "WAIVER" for each in self.payments):
            return False
        in_time = (today - payment.on).days <= REVERSAL_DAYS
        return in_time and self.owed(today) == 0 and self._owed_without(payment, today) >= TOLERANCE_FEN

    def reverse(self, payment: Payment, today: dt.date) -> None:
        paid = max(0, self.paid_fen - payment.amount_fen)
        payment.reversed = True
        self.taken_off_fen += self.paid_fen - paid
        self.agreed_on = None
        self.move("ACTIVE", today)

    def _owed_without(self, payment: Payment, today: dt.date) -> int:
        payment.reversed = True
        owed = self.owed(today)
        payment.reversed = False
        return owed

    def pass_days(self, days: int, today: dt.date) -> None:
        if self.state in NO_FEE_IN or (self.case is not None and self.case.is_silent):
            self.days_without_fee += days
        if self.state == "PENDING" and self.blocks_from <= today:
            self.move("ACTIVE", today)
        if self.case is not None:
            self._run_case(self.case, today)
        if self.state == "ARRANGED":
            missing = None if five_years_on(self.listed_on) <= today else self.first_missing()
            if missing is not None and today > missing + dt.timedelta(days=GRACE_DAYS):
                self.move("ACTIVE", today)
                self.agreed_on = None
                self.broken_on.append(missing + dt.timedelta(days=GRACE_DAYS + 1))
        self._end(today)

    def _run_case(self, case: Case, today: dt.date) -> None:
        """A silent creditor is suspended, unless the debt is frozen, and then loses."""
        if not case.answered and today > case.answer_due:
            if not case.stops:
                self.days_without_fee += (today - case.answer_due).days - 1
            case.is_silent = case.stops = True
            if self.state in ("DISPUTED", "ACTIVE"):
                self.move("SUSPENDED", today)
        last = case.answer_due + dt.timedelta(days=LAPSE_DAYS)
        if case.is_silent and today > last and last + dt.timedelta(days=1) < five_years_on(self.listed_on):
            self.leave("WITHDRAWN", today, "FOUND_WRONG")

    def _end(self, today: dt.date) -> None:
        """Expiry, then the purge of what was closed long enough ago or listed five years ago."""
        over = five_years_on(self.listed_on) <= today
        if self.state in EXPIRING and over:
            self.leave("EXPIRED", today, "OVER")
        if self.state not in (*OPEN, "PURGED") and (over or self.since + dt.timedelta(days=CLOSED_DAYS) <= today):
            self.move("PURGED", today)


@dataclass
class Model:
    """Everybody's debts, everybody's homes, and whose identity was stolen."""

    today: dt.date
    homes: dict[str, str]
    debts: list[Debt] = field(default_factory=list)
    marked_until: dict[str, dt.date] = field(default_factory=dict)
    apart_until: dict[str, dt.date] = field(default_factory=dict)
    """Who has shown not to belong to the home, and until when that holds."""

    def on_account(self, carrier: str, person: str, account: str) -> list[Debt]:
        wanted = (carrier, person, account)
        return [each for each in self.debts if (each.carrier, each.person, each.account) == wanted]

    def open_on(self, carrier: str, person: str, account: str) -> Debt | None:
        return next((each for each in self.on_account(carrier, person, account) if each.is_open), None)

    def in_state(self, *states: str) -> list[Debt]:
        return [each for each in self.debts if each.state in states]

    def report(self, said: Debt) -> str:
        """The verdict that the report deserves."""
        earlier = self.on_account(said.carrier, said.person, said.account)
        still_open = next((each for each in earlier if each.is_open), None)
        same_debt = still_open is not None and still_open.due_date == said.due_date
        if not same_debt and any(each.bars(said.due_date) for each in earlier):
            return "DUPLICATE"
        if still_open is not None:
            if (still_open.listed_on - said.due_date).days > MOST_DAYS:
                return "REJ_TIME_BARRED"
            return "UPDATED" if still_open.update(said, self.today) else "DUPLICATE"
        if (self.today - said.due_date).days > MOST_DAYS:
            return "REJ_TIME_BARRED"
        if said.notice <= self._noticed_again_after(said):
            return "REJ_NO_NOTICE"
        clocks = [each.listed_on for each in earlier if said.due_date <= each.closed_on]
        said.listed_on = min([self.today, *clocks])
        if five_years_on(said.listed_on) <= self.today:
            return "REJ_TIME_BARRED"
        said.figures_on, said.home = self.today, said.home or ""
        if said.blocks_from <= self.today:
            said.move("ACTIVE", self.today)
        self.debts.append(said)
        return said.state

    def _noticed_again_after(self, said: Debt) -> dt.date:
        """The day that the notice must be later than, for what was closed unpaid or is doubted since."""
        days = [dt.date.min]
        for each in self.debts:
            if (each.carrier, each.person) != (said.carrier, said.person):
                continue
            doubted = each.doubted_since()
            if doubted is not None:
                days.append(doubted)
            if not each.is_open and (each.ending != "PAID" or each.account == said.account):
                days.append(each.closed_on)
        return max(each for each in days if each == dt.date.min or said.due_date < each)

    def settle(self, debt: Debt, payment: Payment) -> None:
        debt.payments.append(payment)
        kept = debt.state == "ARRANGED" and debt.first_missing() is None
        if payment.kind != "PARTIAL" or kept or debt.owed(self.today) < TOLERANCE_FEN:
            debt.leave("CANCELLED" if debt.state == "PENDING" else "CLEARED", self.today, "PAID")

    def withdraw(self, debt: Debt) -> None:
        """The creditor takes it back; while a case is open it concedes."""
        ending = "TAKEN_BACK" if debt.case is None else "FOUND_WRONG"
        debt.leave("CANCELLED" if debt.state == "PENDING" else "WITHDRAWN", self.today, ending)

    def missing(self, debt: Debt, amount_fen: int) -> int:
        """What a FULL payment of today leaves of a debt; nothing below the tolerance, or where it fills the plan."""
        left = max(0, debt.owed(self.today) - amount_fen)
        paid_off = debt.state == "ARRANGED" and debt.first_missing(amount_fen) is None
        return 0 if paid_off or left < TOLERANCE_FEN else left

    def reversible(self) -> list[tuple[Debt, Payment]]:
        return [
            (debt, payment)
            for debt in self.debts
            for payment in debt.payments
            if debt.may_be_reversed(payment, self.today)
            and self.open_on(debt.carrier, debt.person, debt.account) is None
        ]

    def disputable(self, person: str, ground: str) -> list[Debt]:
        return [each for each in self.debts if each.person == person and each.hearing(ground) is not None]

    def unanswered(self) -> list[Debt]:
        return [each for each in self.debts if each.case and not (each.case.answered or each.case.is_silent)]

    def decidable(self) -> list[Debt]:
        return [each for each in self.debts if each.case and not each.case.is_silent]

    def heard_beside(self) -> list[Debt]:
        """What blocks while a case about it is open."""
        return [each for each in self.in_state("ACTIVE") if each.case]

    def answerable_late(self) -> list[Debt]:
        waiting = [each for each in self.debts if each.case and each.case.is_silent and not each.answered_late]
        return [each for each in waiting if each.blocks_from <= self.today]

    def waiting_for_years(self) -> list[Debt]:
        """What no deadline of weeks ends: a frozen record, a case that nobody decides."""
        return self.in_state("FROZEN") + [
            each for each in self.in_state("DISPUTED") if each.case and each.case.answered
        ]

    def dispute(self, person: str, ground: str) -> None:
        for debt in self.disputable(person, ground):
            stops = debt.hearing(ground) is True
            if stops:
                debt.move("DISPUTED", self.today)
            debt.case = Case(
                ground,
                debt.principal_fen,
                debt.principal_fen - debt.paid_fen,
                stops,
                self.today,
                self.today + dt.timedelta(days=ANSWER_DAYS),
            )

    def answer_late(self, debt: Debt) -> None:
        debt.answered_late, debt.case = True, None
        if debt.state == "SUSPENDED":
            debt.move("ACTIVE", self.today)

    def stop(self, debt: Debt) -> None:
        assert debt.case is not None
        debt.case.stops = True
        debt.move("DISPUTED", self.today)

    def decide(self, debt: Debt, decision: str) -> None:
        case = debt.case
        if decision != "UPHOLD":
            target, ending = {
                "WITHDRAW": ("WITHDRAWN", "FOUND_WRONG"),
                "VOID": ("VOID_IDENTITY_THEFT", "VOID"),
            }[decision]
            debt.leave(target, self.today, ending)
        elif case is not None:
            debt.upheld.append(case)
            debt.case = None
            if debt.state == "DISPUTED":
                debt.move("ACTIVE", self.today)
        if decision == "VOID":
            self.marked_until[debt.person] = years_on(self.today, MARKER_YEARS)

    def unfreeze(self, debt: Debt) -> None:
        debt.move("ACTIVE", self.today)
        if debt.case is not None and debt.case.is_silent:
            debt.move("SUSPENDED", self.today)

    def pass_days(self, days: int) -> None:
        self.today += dt.timedelta(days=days)
        for debt in self.debts:
            debt.pass_days(days, self.today)

    def decision(self, person: str, service: ServiceClass) -> DecisionCode:
        if self.to_pay(person, service):
            return DecisionCode.PAY_FIRST
        if self.today < self.marked_until.get(person, dt.date.min):
            return DecisionCode.VERIFY_ID
        return DecisionCode.REVIEW if self._family(person) else DecisionCode.ALLOW

    def to_pay(self, person: str, service: ServiceClass) -> list[Debt]:
        """Own debts, and the family's for a fixed line where a fixed line is asked for."""
        own = [each for each in self.in_state("ACTIVE") if each.person == person]
        if not service.is_fixed_line:
            return own
        return own + [each for each in self._family(person) if each.service.is_fixed_line]

    def collect(self, paid: list[Debt], counter: str, settlements: list[uuid.UUID]) -> None:
        for debt, settlement in zip(paid, settlements, strict=True):
            kind = "FULL" if debt.carrier == counter else "COLLECTED"
            debt.payments.append(Payment(settlement, kind, debt.owed(self.today), self.today, counter))
            debt.leave("CLEARED", self.today, "PAID")

    def may_be_sold(self, debt: Debt, buyer: str) -> bool:
        """Whether nothing is being heard, and the buyer's account has a place: nothing open, never this very debt."""
        if debt.case is not None:
            return False
        there = self.on_account(buyer, debt.person, debt.account)
        return not any(each.is_open or each.due_date == debt.due_date for each in there)

    def sell(self, debt: Debt, buyer: str, record: uuid.UUID) -> None:
        """The same debt under another creditor. What was paid stays paid, and is the seller's to answer for."""
        debt.move("TRANSFERRED", self.today, "PAID")
        sold = replace(debt, carrier=buyer, record=record, states=["ACTIVE"], payments=[], upheld=[])
        sold.paid_to_the_seller_fen, sold.answered_late, sold.taken_off_fen = debt.paid_fen, False, 0
        sold.ending, sold.closed_on = "", dt.date.min
        sold.broken_on = [*debt.broken_on]
        self.debts.append(sold)

    def rebut(self, person: str) -> None:
        self.apart_until[person] = years_on(self.today, REBUTTAL_YEARS)

    def _family(self, person: str) -> list[Debt]:
        """Debts of others that count for the person's home, unless one side has shown not to belong there."""
        home = self.homes[person]
        if self._apart(person):
            return []
        return [
            each
            for each in self.in_state("ACTIVE")
            if each.person != person
            and each.home == home
            and not (self.homes[each.person] == home and self._apart(each.person))
        ]

    def _apart(self, person: str) -> bool:
        return self.today < self.apart_until.get(person, dt.date.min)
