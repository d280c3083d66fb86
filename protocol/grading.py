"""Grade a subject by its own debts and by nothing else: inputs, points, letter and reasons (docs/spec/grades.md).

Paying at once is never worse than any slower way, on any later day. That rests on this module together with what
registry/policy/scorecard.py asks of a scorecard; tests/policy/test_dominance.py tries both.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from protocol.grades import ABSENT, DEBT_OPEN, MOST_REASONS, NOTHING_ADVERSE, WEIGHED, CreditInput, Grade, Tenure
from protocol.messages.grades import Bin, GradeTerms
from protocol.states import RecordState
from protocol.values import quick

_TEXT: Final = re.compile(
    r"o(0|[1-9]\d{0,5}) p([01]) d(-|0|[1-9]\d{0,5}) c(0|[1-9]\d{0,5}) b(0|[1-9]\d{0,5}) k(0|[1-9]\d{0,5})"
    r" t(0|12|24|36) ([A-E])",
    re.ASCII,
)


class TextMalformed(ValueError):
    """A text is not that of seven inputs and a letter."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class CreditDebt:
    """A debt of a subject, as far as it weighs: its record is ACTIVE, ARRANGED or CLEARED. Dates are Beijing dates."""

    creditor_id: str
    state: RecordState
    blocking_from: dt.date
    """The later of its listing and its first day of enforcement; of a debt that was sold, the first creditor's."""
    settled_on: dt.date | None = None
    """The day of the payment or waiver, as the creditor or collector dates it; of a plan, the day of its agreement."""
    plan_breaks: int = 0
    last_break_on: dt.date | None = None


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class CreditFacts:
    """The seven inputs."""

    open: int = 0
    """Creditors with an ACTIVE record."""
    plan_running: int = 0
    """1 while any record is ARRANGED, else 0."""
    cleared_days: int = ABSENT
    """Days since the latest debt ended; ABSENT where none did within the memory of the rules, and while a plan runs."""
    cleared_creditors: int = 0
    """Creditors whose debts ended, or came under a plan, within the memory of the rules."""
    blocked_days: int = 0
    """The longest that one of these debts had blocked when it ended or came under its plan."""
    plans_broken: int = 0
    tenure: Tenure = Tenure.NONE

    def value(self, name: CreditInput) -> int:
        """Return one input."""
        return int(getattr(self, name.value))


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """A letter with its reasons. ``points`` are for recomputing and for backtests: no answer tells them."""

    grade: Grade
    reasons: tuple[str, ...]
    points: int


def credit_facts(debts: Iterable[CreditDebt], *, tenure: Tenure, today: dt.date, history_days: int) -> CreditFacts:
    """Derive the inputs of one subject on a Beijing date.

    A debt under a plan counts from the day of the plan's agreement as one that ended then, or a plan would beat a
    payment where several creditors weigh. While a plan runs its own cost stands in place of ``cleared_days``, or a
    second plan, which costs nothing more, would beat a payment.
    """
    known = tuple(debts)
    ended = [
        (each, each.settled_on)
        for each in known
        if each.state is not RecordState.ACTIVE
        and each.settled_on is not None
        and 0 <= (today - each.settled_on).days <= history_days
    ]
    cleared = [(today - day).days for each, day in ended if each.state is RecordState.CLEARED]
    plan_running = any(each.state is RecordState.ARRANGED for each in known)
    return CreditFacts(
        open=len({each.creditor_id for each in known if each.state is RecordState.ACTIVE}),
        plan_running=int(plan_running),
        cleared_days=ABSENT if plan_running else min(cleared, default=ABSENT),
        cleared_creditors=len({each.creditor_id for each, _ in ended}),
        blocked_days=max((max(0, (day - each.blocking_from).days) for each, day in ended), default=0),
        plans_broken=sum(each.plan_breaks for each in known if _remembered(each.last_break_on, today, history_days)),
        tenure=tenure,
    )


def _remembered(day: dt.date | None, today: dt.date, history_days: int) -> bool:
    return day is not None and (today - day).days <= history_days


def graded(facts: CreditFacts, terms: GradeTerms) -> Graded:
    """Grade the inputs by a scorecard that registry/policy/scorecard.py has checked."""
    fallen = {each.input: _bin(each.bins, facts.value(each.input)) for each in terms.characteristics}
    points = terms.base + sum(each.points for each in fallen.values())
    if facts.open:
        return Graded(grade=Grade.E, reasons=(DEBT_OPEN,), points=points)
    letter = next((cut.grade for cut in terms.cuts if points >= cut.at_least), Grade.D)
    return Graded(grade=letter, reasons=_reasons(fallen, terms), points=points)


def _bin(bins: tuple[Bin, ...], value: int) -> Bin:
    return max((each for each in bins if each.from_value <= value), key=lambda each: each.from_value)


def _reasons(fallen: Mapping[CreditInput, Bin], terms: GradeTerms) -> tuple[str, ...]:
    """Name the bins that cost points, the dearest first, then the tenure: its best bin says nothing beside them."""
    costly = sorted(
        (fallen[name] for name in WEIGHED if fallen[name].points < 0),
        key=lambda each: each.points,
    )
    adverse = [each.reason for each in costly if each.reason is not None]
    best = max(bin_.points for each in terms.characteristics if each.input is CreditInput.TENURE for bin_ in each.bins)
    tenure = fallen[CreditInput.TENURE]
    told = [] if tenure.reason is None or (adverse and tenure.points == best) else [tenure.reason]
    return tuple((*(adverse or [NOTHING_ADVERSE]), *told)[:MOST_REASONS])


def text_of(facts: CreditFacts, grade: Grade) -> str:
    """Write inputs and letter as an inquiry's entry keeps them: ``o0 p0 d10 c1 b70 k0 t0 D``, a dash for no day."""
    days = "-" if facts.cleared_days == ABSENT else str(facts.cleared_days)
    return (
        f"o{facts.open} p{facts.plan_running} d{days} c{facts.cleared_creditors}"
        f" b{facts.blocked_days} k{facts.plans_broken} t{int(facts.tenure)} {grade.value}"
    )


def read_text(text: str) -> tuple[CreditFacts, Grade]:
    """Read the text of inputs and letter; raises TextMalformed."""
    match = _TEXT.fullmatch(text)
    if match is None:
        raise TextMalformed("the text of a grade has seven inputs and a letter")
    open_, plan, days, creditors, blocked, broken, tenure, grade = match.groups()
    facts = CreditFacts(
        open=int(open_),
        plan_running=int(plan),
        cleared_days=ABSENT if days == "-" else int(days),
        cleared_creditors=int(creditors),
        blocked_days=int(blocked),
        plans_broken=int(broken),
        tenure=Tenure(int(tenure)),
    )
    return facts, Grade(grade)
