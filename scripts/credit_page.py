"""Writes the figures of the first scorecard into docs/credit.md and its Chinese page; with --check it only compares."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Final

from gateway.counter.words import Language, yuan
from protocol.grades import CreditInput, Grade
from protocol.messages.grades import MOST_DEPOSIT_PERMILLE, PER_MILLE, Bin, GradeTerms
from protocol.wire.codec import read
from registry.policy.first_scorecard import FIRST_GRADE

FIRST: Final = read(GradeTerms, FIRST_GRADE)
DOCS: Final = Path(__file__).resolve().parents[1] / "docs"
PAGES: Final = {Language.EN: DOCS / "credit.md", Language.ZH: DOCS / "credit.zh-CN.md"}
_Text = Mapping[Language, str]
_EN, _ZH = Language.EN, Language.ZH
_INPUTS: Final[Mapping[CreditInput, _Text]] = {
    CreditInput.PLAN_RUNNING: {_EN: "an instalment plan is running", _ZH: "有分期还款尚未完成"},
    CreditInput.CLEARED_DAYS: {_EN: "days since your latest debt ended", _ZH: "距最近一笔欠费结清的天数"},
    CreditInput.CLEARED_CREDITORS: {
        _EN: "companies that you owed in the last {history} days",
        _ZH: "近{history}天内欠过费的企业数",
    },
    CreditInput.BLOCKED_DAYS: {
        _EN: "days on the list before you paid or agreed a plan",
        _ZH: "列入名单后多少天结清或商定分期",
    },
    CreditInput.PLANS_BROKEN: {
        _EN: "plans that broke in the last {history} days",
        _ZH: "近{history}天内未按约履行分期的次数",
    },
    CreditInput.TENURE: {
        _EN: "months of bills paid in time, attested with your consent",
        _ZH: "经您同意出具证明的按时缴费月数",
    },
}
_WEIGHTS: Final = {
    _EN: ("what weighs", "from", "points", "the reason that you hear"),
    _ZH: ("计入项", "范围", "分数", "告知您的原因"),
}
_BEGIN: Final[_Text] = {
    _EN: "Everybody begins with {base} points. A debt weighs for {history} days after it was paid or waived, or came"
    " under a plan; then it weighs nothing.",
    _ZH: "每个人的起点都是{base}分。欠费结清、减免或商定分期后，只在{history}天内计入，此后不再计入。",
}
_LETTERS: Final = {
    _EN: ("letter", "points", "what follows", "limit that the register advises"),
    _ZH: ("等级", "分数", "结果", "建议信用额度"),
}
_SERVED: Final[_Text] = {_EN: "you are served as asked", _ZH: "照常办理"}
_DEPOSIT: Final[_Text] = {
    _EN: "a deposit, or a prepaid line: you choose",
    _ZH: "交押金，或先办理预付费，由您选择",
}
_OPEN: Final[_Text] = {_EN: "a debt is open: it is paid first", _ZH: "有欠费未结清：先结清"}
_LIMIT: Final[_Text] = {_EN: "{bills} x the average bill", _ZH: "月均账单的{bills}倍"}
_TERMS: Final[Mapping[Language, tuple[str, ...]]] = {
    _EN: (
        "The carrier sets it by its own tariff: at most {most} average bills, and at most {cap} yuan.",
        (
            "It comes back after {in_time} bills in a row that you paid in time, and after {months} months at the"
            " latest, {interest}."
        ),
        "When the service ends, bills that you do not dispute are set off, and the rest comes back within {end} days.",
    ),
    _ZH: (
        "由运营商按自己的资费确定：最多{most}个月的月均账单，且不超过{cap}元。",
        "连续{in_time}期按时缴费即退还，最迟满{months}个月退还，{interest}。",
        "业务终止后，抵扣您没有异议的账单，余额在{end}天内退还。",
    ),
}
_NO_INTEREST: Final[_Text] = {_EN: "without interest", _ZH: "不计利息"}
_INTEREST: Final[_Text] = {_EN: "with {percent} % of interest a year", _ZH: "按年利率{percent}%计息"}
_IMPROVE: Final[Mapping[Language, tuple[str, ...]]] = {
    _EN: (
        "**Pay.** The letter E goes away in the same second, at every counter.",
        (
            "**Pay soon.** A single debt that was on the list for at most {quick} days costs {fresh} points and leaves"
            " you a C. One more day makes it a D for {recent} days."
        ),
        (
            "**Or agree a plan, and keep it.** It costs {plan} points while it runs; once it is kept, the debt counts"
            " as ended on the day of the agreement. The first plan that breaks costs nothing by itself."
        ),
        (
            "**Wait.** Once a debt has ended, time only raises the letter: after {history} days you are where everybody"
            " begins."
        ),
        "**Let a carrier attest** that you paid your bills in time, if you like (below).",
    ),
    _ZH: (
        "**结清欠费。** 结清的同一秒，E 级即在所有营业厅消失。",
        (
            "**尽早结清。** 只有一笔欠费、列入名单不超过{quick}天即结清的，只扣{fresh}分，仍为 C 级；再晚一天，"
            "将有{recent}天为 D 级。"
        ),
        (
            "**或商定分期并按约履行。** 履行期间扣{plan}分；履行完毕的，欠费视为在商定当日结清。"
            "第一次未按约履行，本身不扣分。"
        ),
        "**等待。** 欠费结清后，等级只会随时间上升：{history}天后，您与所有人的起点相同。",
        "**请运营商出具证明**，证明您按时缴费；是否出具由您决定（见下文）。",
    ),
}
_REVIEW: Final[_Text] = {
    _EN: "Tell the clerk. A person, and no program, looks at your case and answers within {review} working days. It is"
    " free.",
    _ZH: "告诉营业员即可。由工作人员（而不是程序）复核，并在{review}个工作日内答复。不收费。",
}
_ATTESTED: Final[_Text] = {
    _EN: "An attestation, and your consent to it, hold for at most {most} days. A carrier attests within {demand}"
    " working days of your demand, or says why not.",
    _ZH: "证明和您的同意最长有效{most}天。您提出要求后，运营商在{demand}个工作日内出具证明，或说明不出具的理由。",
}


def with_figures(page: str, language: Language, terms: GradeTerms = FIRST) -> str:
    """Write each block of figures between its marks; raises ValueError where the page lacks one of them."""
    for name, write in _BLOCKS.items():
        begin, end = f"<!-- {name}: written by scripts/credit_page.py -->", f"<!-- end of {name} -->"
        before, found, rest = page.partition(begin)
        _, ended, after = rest.partition(end)
        if not (found and ended):
            raise ValueError(f"the page needs {begin} and {end}")
        page = f"{before}{begin}\n\n{write(terms, language).strip()}\n\n{end}{after}"
    return page


def _weights(terms: GradeTerms, language: Language) -> str:
    begin = _BEGIN[language].format(base=terms.base, history=terms.history_days)
    return f"{begin}\n\n{_table(_WEIGHTS[language], _weight_rows(terms, language))}"


def _weight_rows(terms: GradeTerms, language: Language) -> Iterator[tuple[str, ...]]:
    reasons = {each.code: getattr(each, language.value) for each in terms.reasons}
    for each in terms.characteristics:
        name = _INPUTS[each.input][language].format(history=terms.history_days)
        for bin_, following in pairwise((*each.bins, None)):
            if bin_ is not None and bin_.points:
                said = "" if bin_.reason is None else reasons[bin_.reason]
                yield name, _span(each.input, bin_, following, language), f"{bin_.points:+}", said


def _span(name: CreditInput, bin_: Bin, following: Bin | None, language: Language) -> str:
    if name is CreditInput.PLAN_RUNNING:
        return {_EN: "yes", _ZH: "是"}[language]
    if following is None:
        return {_EN: f"{bin_.from_value} or more", _ZH: f"{bin_.from_value}及以上"}[language]
    last = following.from_value - 1
    if last == bin_.from_value:
        return str(last)
    return {_EN: f"{bin_.from_value} to {last}", _ZH: f"{bin_.from_value}至{last}"}[language]


def _letters(terms: GradeTerms, language: Language) -> str:
    rows = []
    for cut in terms.cuts:
        limit = _LIMIT[language].format(bills=terms.limit_bills.of(cut.grade))
        least = {_EN: f"{cut.at_least} or more", _ZH: f"{cut.at_least}及以上"}[language]
        rows.append((cut.grade.value, least, _SERVED[language], limit))
    below = {_EN: f"fewer than {terms.cuts[-1].at_least}", _ZH: f"低于{terms.cuts[-1].at_least}"}[language]
    rows += [(Grade.D.value, below, _DEPOSIT[language], ""), (Grade.E.value, "", _OPEN[language], "")]
    return _table(_LETTERS[language], rows)


def _deposit(terms: GradeTerms, language: Language) -> str:
    deposit = terms.deposit
    interest = _INTEREST[language].format(percent=deposit.interest_ppm_year / 10_000)
    return _listed(
        _TERMS[language],
        most=MOST_DEPOSIT_PERMILLE // PER_MILLE,
        cap=yuan(deposit.cap_fen),
        in_time=deposit.bills_in_time,
        months=deposit.months,
        interest=interest if deposit.interest_ppm_year else _NO_INTEREST[language],
        end=deposit.end_days,
    )


def _improve(terms: GradeTerms, language: Language) -> str:
    costly = {
        each.input: [bin_ for bin_ in each.bins if bin_.points < 0]
        for each in terms.characteristics
        if each.input is not CreditInput.TENURE
    }
    fresh, older = costly[CreditInput.CLEARED_DAYS]
    return _listed(
        _IMPROVE[language],
        quick=costly[CreditInput.BLOCKED_DAYS][0].from_value - 1,
        fresh=-fresh.points,
        recent=older.from_value,
        plan=-costly[CreditInput.PLAN_RUNNING][0].points,
        history=terms.history_days,
    )


def _review(terms: GradeTerms, language: Language) -> str:
    return _REVIEW[language].format(review=terms.review_working_days)


def _attestation(terms: GradeTerms, language: Language) -> str:
    attested = terms.attestations
    return _ATTESTED[language].format(most=attested.most_days, demand=attested.demand_working_days)


_BLOCKS: Final[Mapping[str, Callable[[GradeTerms, Language], str]]] = {
    "weights": _weights,
    "letters": _letters,
    "deposit": _deposit,
    "improve": _improve,
    "review": _review,
    "attestation": _attestation,
}


def _listed(items: tuple[str, ...], **figures: object) -> str:
    return "".join(f"- {each.format(**figures)}\n" for each in items)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ("---",) * len(head), *rows))


def main() -> None:
    """Write the figures, or exit 1 where a page differs from the scorecard."""
    stale = []
    for language, path in PAGES.items():
        before = path.read_text(encoding="utf-8")
        after = with_figures(before, language)
        if after != before:
            stale.append(path.name)
            if "--check" not in sys.argv[1:]:
                path.write_text(after, encoding="utf-8")
    if stale and "--check" in sys.argv[1:]:
        sys.exit(
            f"differs from registry/policy/first_scorecard.py: {', '.join(stale)}; run `python -m scripts.credit_page`"
        )


if __name__ == "__main__":
    main()
