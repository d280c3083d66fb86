"""The words of a check: every code has them in both languages, and no sentence says more than is true."""

import datetime as dt
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from gateway.counter.check_text import texts
from gateway.counter.phrases import NAMES, PHRASES, names
from gateway.counter.statement_words import WORDS as STATEMENT_WORDS
from gateway.counter.words import (
    ALTERNATIVES,
    DECISIONS,
    KEY_STATES,
    REASONS,
    REMEDIES,
    InBoth,
    Language,
    yuan,
)
from protocol.alternatives import AlternativeKind
from protocol.codes import DecisionCode, ReasonCode, Remedy, ServiceClass
from protocol.grades import Grade
from protocol.messages.grades import GradeTerms
from protocol.messages.inquiries import Alternative, CreditAnswer, InquiryAnswer, QuoteSummary
from protocol.states import HouseholdKeyState, HouseholdKind
from protocol.wire.codec import ListOf, Part, read, shape_of
from protocol.wire.kinds import Code, Kind
from registry.policy.first_scorecard import FIRST_GRADE
from tests.support.cells import every_cell

AT = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
TABLES: tuple[Mapping[Any, InBoth], ...] = (DECISIONS, REASONS, REMEDIES, ALTERNATIVES, KEY_STATES)
SPOKEN = {code for table in TABLES for code in map(repr, table)}
NAMED = {repr(code) for code in NAMES}
PAY_FIRST = InquiryAnswer(
    inquiry_ref="1",
    inquiry_id=uuid.UUID(int=1),
    decision=DecisionCode.PAY_FIRST,
    reasons=(ReasonCode.OWN_ARREARS,),
    remedies=(Remedy.PAY_QUOTE, Remedy.DISPUTE_RECORD),
    rules_version="2026-01",
    decided_at=AT,
    decision_token="a.b.c",
    quote=QuoteSummary(
        reference="r" * 22,
        service_classes=(ServiceClass.BROADBAND, ServiceClass.MOBILE),
        creditors=2,
        principal_fen=1_200_00,
        late_fee_fen=34_50,
        costs_fen=6,
        total_fen=1_234_56,
        valid_until=AT,
    ),
    alternatives=(Alternative(kind=AlternativeKind.PREPAID_ONLY),),
)
NO_KEYS = dict.fromkeys(HouseholdKind, HouseholdKeyState.NOT_GIVEN)


def heard(answer: InquiryAnswer, language: Language = Language.ZH, who: str = "applicant") -> str:
    return " ".join(texts(answer, NO_KEYS, language)[who])


def vocabularies(kind: Kind) -> Iterator[Code]:
    match kind:
        case Code():
            yield kind
        case ListOf():
            yield from vocabularies(kind.member)
        case Part():
            for member in kind.shape.members:
                yield from vocabularies(member.kind)


def test_every_code_that_an_answer_can_carry_has_words() -> None:
    codes = {repr(code) for code in HouseholdKeyState} | {repr(code) for code in HouseholdKind}
    for kind in vocabularies(Part(InquiryAnswer)):
        codes |= {repr(code) for code in kind.vocabulary}
    # The letters of a grade are said as they are.
    assert codes - SPOKEN - NAMED == {repr(each) for each in Grade}
    assert {type(member.kind) for member in shape_of(InquiryAnswer).members} >= {Code, ListOf, Part}


@pytest.mark.parametrize("table", TABLES)
def test_every_code_is_said_in_both_languages_to_clerk_and_applicant(table: Mapping[Any, InBoth]) -> None:
    for in_both in table.values():
        assert in_both.keys() == set(Language)
        for language, words in in_both.items():
            for text in (words.name, words.clerk, words.applicant):
                assert text == text.strip() != ""
                assert bool(re.search("[\u4e00-\u9fff]", text)) is (language is Language.ZH)
            holes = {tuple(sorted(set(re.findall("{.*?}", text)))) for text in (words.clerk, words.applicant)}
            assert holes == {tuple(sorted(set(re.findall("{.*?}", in_both[Language.ZH].clerk))))}
    assert all(name.keys() == set(Language) for name in NAMES.values())
    assert PHRASES[Language.ZH].keys() == PHRASES[Language.EN].keys()


@pytest.mark.parametrize("language", list(Language))
def test_a_statement_calls_a_code_what_the_counter_calls_it(language: Language) -> None:
    assert names(language).items() <= STATEMENT_WORDS[language].items()
    assert STATEMENT_WORDS[language]["PAY_FIRST"] == DECISIONS[DecisionCode.PAY_FIRST][language].name


def test_a_debtor_hears_the_sum_what_can_be_had_at_once_and_how_to_object() -> None:
    assert texts(PAY_FIRST, NO_KEYS, Language.ZH)["applicant"] == [
        "您名下有未结清的通信费用。",
        "合计 1,234.56 元，涉及 2 家企业（宽带、移动电话）。",
        "结清后可立即办理。",
        "也可现在先办理预付费业务。",
        "请您本人打开报价页，查看欠哪家、怎么缴；本厅办理代收的，也可在这里一次缴清。",
        "如有异议，可当场在本厅免费提出；处理期间不影响您办理，同一欠费已有结论的除外。",
    ]
    english = heard(PAY_FIRST, Language.EN)
    assert "The total is 1,234.56 yuan, owed to 2 companies (broadband, mobile)." in english
    assert "Pay and be served at once. Or take a prepaid line now." in english


def test_one_company_is_one_company() -> None:
    assert PAY_FIRST.quote is not None
    answer = replace(PAY_FIRST, quote=replace(PAY_FIRST.quote, creditors=1))
    assert "owed to 1 company (" in heard(answer, Language.EN)
    assert "涉及 1 家企业" in heard(answer)


def test_a_service_that_nobody_sells_prepaid_is_not_promised_prepaid() -> None:
    assert "预付费" not in heard(replace(PAY_FIRST, alternatives=()))
    assert "prepaid" not in heard(replace(PAY_FIRST, alternatives=()), Language.EN)


def test_nobody_is_told_to_owe_what_another_of_the_household_owes() -> None:
    answer = replace(PAY_FIRST, reasons=(ReasonCode.HOUSEHOLD_FIXED_LINE_ARREARS,))
    assert "您名下" not in heard(answer)
    assert "You have unpaid" not in heard(answer, Language.EN)
    assert "欠费人如有异议，可在任一营业厅免费提出" in heard(answer)


def test_a_deposit_is_told_in_yuan_with_two_decimals() -> None:
    deposit = Alternative(kind=AlternativeKind.DEPOSIT, amount_fen=200_05)
    answer = replace(PAY_FIRST, decision=DecisionCode.REVIEW, alternatives=(deposit,), quote=None)
    assert "也可交纳押金 200.05 元后办理。" in heard(answer)
    assert "a deposit of 200.05 yuan" in heard(answer, Language.EN, "clerk")
    assert (yuan(1), yuan(1_000_000_00)) == ("0.01", "1,000,000.00")


def test_an_alternative_of_a_later_release_is_passed_over() -> None:
    unknown: Any = Alternative(kind="GUARANTOR")  # type: ignore[arg-type]  # as a newer registry may send it
    assert heard(replace(PAY_FIRST, alternatives=(*PAY_FIRST.alternatives, unknown))) == heard(PAY_FIRST)


def test_the_clerk_verifies_a_stolen_identity_before_anything_is_offered() -> None:
    answer = replace(
        PAY_FIRST,
        reasons=(ReasonCode.OWN_ARREARS, ReasonCode.VICTIM_MARKER),
        remedies=(*PAY_FIRST.remedies, Remedy.VERIFY_AT_COUNTER),
    )
    said = texts(answer, NO_KEYS, Language.ZH)["clerk"]
    assert said[0].startswith("先请申请人出示证件原件")
    assert len(said) == len(set(said))


def test_the_clerk_hears_by_which_keys_was_looked_and_the_applicant_where_one_was() -> None:
    assert "未提供户口簿，没有按户口簿核对。" in heard(PAY_FIRST, who="clerk")
    assert "户口簿" not in heard(PAY_FIRST)
    by_address = NO_KEYS | {HouseholdKind.ADDRESS: HouseholdKeyState.GIVEN}
    assert "本次按您提供的地址核对了同户欠费。" in texts(PAY_FIRST, by_address, Language.ZH)["applicant"]


@pytest.mark.parametrize("language", list(Language))
def test_no_sentence_is_left_with_a_hole(language: Language) -> None:
    with every_cell() as table:
        for decision, state in product(DecisionCode, HouseholdKeyState):
            with table.cell(language, decision, state):
                answer = replace(PAY_FIRST, decision=decision, reasons=tuple(ReasonCode), remedies=tuple(Remedy))
                possible = tuple(Alternative(kind=each, amount_fen=1) for each in AlternativeKind)
                answer = replace(answer, alternatives=possible)
                for sentences in texts(answer, dict.fromkeys(HouseholdKind, state), language).values():
                    assert sentences
                    assert not any("{" in each for each in sentences)


LOW = replace(
    PAY_FIRST,
    decision=DecisionCode.DEPOSIT,
    reasons=(ReasonCode.LOW_GRADE,),
    remedies=(Remedy.PAY_DEPOSIT, Remedy.TAKE_PREPAID, Remedy.ASK_REVIEW),
    quote=None,
    credit=CreditAnswer(
        grade=Grade.D, reasons=("CLEARED_RECENTLY", "PAID_LATE", "NO_ATTESTATION"), limit_fen=0, deposit_fen=118_00
    ),
)


def test_a_low_grade_is_said_with_its_reasons_the_deposit_the_choice_and_the_review() -> None:
    said = texts(LOW, NO_KEYS, Language.ZH, read(GradeTerms, FIRST_GRADE))
    assert said["applicant"] == [
        "您没有未结清的欠费；按您目前的信用等级，需先交押金，或先办理预付费业务。",
        (
            "您的信用等级为 D：近90天内刚结清一笔欠费；欠费列入名单后超过30天才结清或商定分期；"
            "没有经本人同意出具的按时缴费证明。"
        ),
        "交纳押金后即可为您办理。",
        "押金为 118.00 元：连续 6 期按时缴费即退还，最迟满 12 个月退还。",
        "也可现在先办理预付费业务。",
        "交纳的押金会退还给您，请保管好收据。",
        "交押金还是办预付费，由您选择。",
        "您不同意这一等级的，可要求人工复核；事实有误的，可当场提出异议。都不收费。",
    ]
    assert "押金为 118.00 元。" in said["clerk"]
    assert not [each for each in (*said["clerk"], *said["applicant"]) if "额度" in each], "a D has no limit"


def test_a_limit_is_said_to_the_clerk_and_not_to_the_applicant() -> None:
    good = CreditAnswer(grade=Grade.C, reasons=("NOTHING_ADVERSE",), limit_fen=59_00, deposit_fen=0)
    allowed = replace(LOW, decision=DecisionCode.ALLOW, reasons=(ReasonCode.NO_ARREARS,), remedies=(), credit=good)
    said = texts(allowed, NO_KEYS, Language.ZH)
    assert "参考信用额度 59.00 元，是否采用由本企业决定。" in said["clerk"]
    assert not [each for each in said["applicant"] if "额度" in each]


def test_a_grade_of_rules_that_are_not_at_hand_is_said_by_its_letter() -> None:
    assert "Your grade is D." in texts(LOW, NO_KEYS, Language.EN)["applicant"]
