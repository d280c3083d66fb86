"""The page for applicants says the figures of the first scorecard, in both languages, and says them rightly."""

from dataclasses import replace

import pytest

from gateway.counter.words import Language
from protocol.grades import ABSENT, Grade
from protocol.grading import CreditFacts, graded
from scripts.credit_page import FIRST, PAGES, with_figures

OTHER = replace(
    FIRST,
    history_days=170,
    review_working_days=4,
    deposit=replace(FIRST.deposit, months=11, interest_ppm_year=15_000),
    limit_bills=replace(FIRST.limit_bills, a=4),
    attestations=replace(FIRST.attestations, most_days=300),
)
PAID = CreditFacts(cleared_days=0, cleared_creditors=1)


@pytest.mark.parametrize("language", Language)
def test_the_page_has_the_figures_of_the_first_scorecard(language: Language) -> None:
    page = PAGES[language].read_text(encoding="utf-8")
    assert with_figures(page, language) == page, "run `python -m scripts.credit_page`"


@pytest.mark.parametrize("language", Language)
def test_a_page_of_another_scorecard_differs_in_each_of_its_blocks(language: Language) -> None:
    page = PAGES[language].read_text(encoding="utf-8")
    blocks = with_figures(page, language, OTHER).split("<!-- ")
    changed = [new.partition(":")[0] for old, new in zip(page.split("<!-- "), blocks, strict=True) if old != new]
    assert changed == ["weights", "letters", "deposit", "improve", "review", "attestation"]
    with pytest.raises(ValueError, match="the page needs"):
        with_figures(page.replace("<!-- end of review -->", ""), language)


@pytest.mark.parametrize(
    ("facts", "letter"),
    [
        (CreditFacts(), Grade.C),
        (replace(PAID, blocked_days=30), Grade.C),
        (replace(PAID, blocked_days=31), Grade.D),
        (replace(PAID, blocked_days=31, cleared_days=90), Grade.D),
        (replace(PAID, blocked_days=31, cleared_days=91), Grade.C),
        (CreditFacts(plan_running=1, cleared_days=ABSENT, cleared_creditors=1), Grade.D),
        (CreditFacts(plans_broken=1), Grade.C),
    ],
)
def test_the_advice_of_the_page_is_true_of_the_first_scorecard(facts: CreditFacts, letter: Grade) -> None:
    assert graded(facts, FIRST).grade is letter
