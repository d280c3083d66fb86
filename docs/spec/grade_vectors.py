"""Writes the vectors of docs/spec/grades.md: worked examples, texts of inputs, and scorecards that are refused."""

# ruff: noqa: INP001 (a script's part, beside the pages it serves)

import copy
import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

from protocol.grades import CreditInput, Tenure
from protocol.grading import CreditDebt, TextMalformed, credit_facts, graded, read_text, text_of
from protocol.messages.grades import GradeTerms
from protocol.states import RecordState
from protocol.wire.codec import read
from registry.policy.first_scorecard import FIRST_GRADE
from registry.policy.scorecard import first_fault

TODAY: Final = dt.date(2026, 11, 21)
TERMS: Final = read(GradeTerms, FIRST_GRADE)


def _debt(
    creditor: str,
    blocked: int,
    ended: int | None,
    *,
    state: RecordState = RecordState.CLEARED,
    breaks: int = 0,
    last_break: int | None = None,
) -> CreditDebt:
    """Make a debt that ended, or came under its plan, ``ended`` days ago, after it had blocked for ``blocked`` days."""
    return CreditDebt(
        creditor_id=creditor,
        state=state,
        blocking_from=TODAY - dt.timedelta(days=blocked + (ended or 0)),
        settled_on=None if ended is None else TODAY - dt.timedelta(days=ended),
        plan_breaks=breaks,
        last_break_on=None if last_break is None else TODAY - dt.timedelta(days=last_break),
    )


CASES: Final[tuple[tuple[str, tuple[CreditDebt, ...], Tenure], ...]] = (
    ("a new customer", (), Tenure.NONE),
    ("40 months attested", (), Tenure.THREE_YEARS),
    ("26 months attested", (), Tenure.TWO_YEARS),
    ("13 months attested", (), Tenure.YEAR),
    ("paid on day 12 of blocking, yesterday", (_debt("a", 12, 1),), Tenure.NONE),
    ("paid after 70 days, 10 days ago", (_debt("a", 70, 10),), Tenure.NONE),
    ("paid after 70 days, 120 days ago", (_debt("a", 70, 120),), Tenure.NONE),
    ("paid after 70 days, 181 days ago", (_debt("a", 70, 181),), Tenure.NONE),
    ("two creditors, each paid within 20 days", (_debt("a", 20, 40), _debt("b", 18, 60)), Tenure.NONE),
    (
        "three creditors, one after 200 days",
        (_debt("a", 200, 90), _debt("b", 10, 30), _debt("c", 25, 100)),
        Tenure.NONE,
    ),
    ("a plan runs in time", (_debt("a", 5, 30, state=RecordState.ARRANGED),), Tenure.NONE),
    (
        "a plan runs, and another debt was paid yesterday",
        (_debt("a", 5, 30, state=RecordState.ARRANGED), _debt("b", 40, 1)),
        Tenure.NONE,
    ),
    ("a plan of six months from day 5, kept, ended 3 days ago", (_debt("a", 5, 187),), Tenure.NONE),
    ("two plans broken, then paid, 5 days ago", (_debt("a", 100, 5, breaks=2, last_break=35),), Tenure.NONE),
    (
        "one debt open, 40 months attested",
        (_debt("a", 50, None, state=RecordState.ACTIVE),),
        Tenure.THREE_YEARS,
    ),
    ("26 months attested, one debt paid in 10 days, 20 days ago", (_debt("a", 10, 20),), Tenure.TWO_YEARS),
    (
        "paid before it blocked at all, and one plan broken once",
        (_debt("a", -3, 2), _debt("a", 40, 20, breaks=1, last_break=60)),
        Tenure.NONE,
    ),
)
REFUSED_TEXTS: Final = (
    "",
    "o0 p0 d- c0 b0 k0 t0",
    "o0 p0 d- c0 b0 k0 t0 F",
    "o0 p2 d- c0 b0 k0 t0 C",
    "o0 p0 d-1 c0 b0 k0 t0 C",
    "o00 p0 d- c0 b0 k0 t0 C",
    "o0 p0 d- c0 b0 k0 t13 C",
    "o0 p0 d- c0 b0 k0 t0 C ",
    "o0 p0 d1000000 c0 b0 k0 t0 C",
    "o٠ p0 d- c0 b0 k0 t0 C",
)


def content() -> dict[str, object]:
    """Write the scorecard, the cases with inputs, points, letter and reasons, and everything that is refused."""
    return {
        "grade": FIRST_GRADE,
        "today": TODAY.isoformat(),
        "cases": [_case(*case) for case in CASES],
        "refused_texts": [_refused_text(text) for text in REFUSED_TEXTS],
        "scorecards": [_scorecard(name, document) for name, document in changed_scorecards()],
    }


def _case(name: str, debts: tuple[CreditDebt, ...], tenure: Tenure) -> dict[str, object]:
    facts = credit_facts(debts, tenure=tenure, today=TODAY, history_days=TERMS.history_days)
    found = graded(facts, TERMS)
    return {
        "case": name,
        "debts": [_written(each) for each in debts],
        "tenure": int(tenure),
        "inputs": {each.value: facts.value(each) for each in CreditInput},
        "points": found.points,
        "grade": found.grade.value,
        "reasons": list(found.reasons),
        "text": text_of(facts, found.grade),
    }


def _written(debt: CreditDebt) -> dict[str, object]:
    return {
        "creditor": debt.creditor_id,
        "state": debt.state.value,
        "blocking_from": debt.blocking_from.isoformat(),
        "settled_on": debt.settled_on and debt.settled_on.isoformat(),
        "plan_breaks": debt.plan_breaks,
        "last_break_on": debt.last_break_on and debt.last_break_on.isoformat(),
    }


def _refused_text(text: str) -> dict[str, str]:
    try:
        read_text(text)
    except TextMalformed:
        return {"text": text, "refused": "NOT_A_GRADE"}
    raise AssertionError(text)


def changed_scorecards() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield scorecards with one change each, by the words for it; the last ones just hold."""

    def changed(name: str, place: int, **members: object) -> dict[str, Any]:
        document = copy.deepcopy(FIRST_GRADE)
        (found,) = (each for each in document["characteristics"] if each["input"] == name)
        found["bins"][place] |= members
        return document

    def without(group: str, place: int) -> dict[str, Any]:
        document = copy.deepcopy(FIRST_GRADE)
        document[group][place] = copy.deepcopy(document[group][place - 1])
        return document

    yield "a reward for an older debt of more days", changed("blocked_days", 2, points=-5)
    yield "more creditors cost less", changed("cleared_creditors", 2, points=-10)
    yield "a payment long ago costs more than a fresh one", changed("cleared_days", 2, points=-20)
    yield "having paid beats never having owed", changed("cleared_days", 3, points=5)
    yield "a shorter tenure beats a longer one", changed("tenure", 2, points=10)
    yield "a plan beats a payment", changed("plan_running", 1, points=-10)
    yield "a reward for a broken plan", changed("plans_broken", 1, points=1)
    yield "the points of nothing", changed("blocked_days", 0, points=-1, reason="PAID_LATE")
    yield "bins that fall", changed("blocked_days", 2, from_value=20)
    yield "no bin at 0", changed("tenure", 0, from_value=6)
    yield "points without a reason", {**_without_reason("plans_broken", 1)}
    yield "an input twice", without("characteristics", 1)
    yield "a letter twice", without("cuts", 1)
    yield "cuts out of order", {**FIRST_GRADE, "cuts": [*FIRST_GRADE["cuts"][:2], {"grade": "C", "at_least": 560}]}
    yield "nothing is A", {**FIRST_GRADE, "base": 600}
    yield "nothing is D", {**FIRST_GRADE, "base": 470}
    yield "a reason's text twice", without("reasons", 1)
    yield "a reason without a text", {**FIRST_GRADE, "reasons": FIRST_GRADE["reasons"][:-1]}
    yield "a plan costs just as much as a payment", changed("plan_running", 1, points=-15)
    yield "memory of nothing", {**FIRST_GRADE, "history_days": 0}


def _without_reason(name: str, place: int) -> dict[str, Any]:
    document = copy.deepcopy(FIRST_GRADE)
    (found,) = (each for each in document["characteristics"] if each["input"] == name)
    del found["bins"][place]["reason"]
    return document


def _scorecard(name: str, document: dict[str, Any]) -> dict[str, object]:
    found = first_fault(read(GradeTerms, document))
    verdict = {} if found is None else {"field": f"grade.{found[0]}", "refused": found[1].value}
    changed = {member: value for member, value in document.items() if value != FIRST_GRADE[member]}
    return {"case": name, "changed": changed, **verdict}
