"""Spellings of one account give one number, two accounts stay two, and a number that was lost is refused."""

# ruff: noqa: E501 (tables of spellings are wide)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.accounts import MAX_ACCOUNT_TEXT, AccountCode, AccountUnreadable, canonical_account


def refusal_of(text: str) -> AccountCode:
    with pytest.raises(AccountUnreadable) as refusal:
        canonical_account(text)
    assert str(refusal.value) == refusal.value.code.value
    return refusal.value.code


@pytest.mark.parametrize(
    "mark", list("'’‘‛＇ʼʻ`´′\"“”＂\t\x1f \u00a0\u3000\u200b\ufeff\u200e\u200f\u202a\u2060\u00ad\u1ffd\n")
)
def test_a_mark_of_a_spreadsheet_before_or_behind_an_account_is_no_part_of_it(mark: str) -> None:
    for text in (mark + "0012345678", "0012345678" + mark, mark + "0012345678" + mark, mark * 2 + "0012345678"):
        assert canonical_account(text) == "0012345678"


@pytest.mark.parametrize(
    "text",
    [
        '="0012345678"',
        '= "0012345678"',
        "＝＂0012345678＂",
        "=“0012345678”",
        '\'="0012345678"',
        '=" 0012345678 "',
        '="\'0012345678"',
        '\t="0012345678"\t',
        '"=""0012345678"""',
        "００１２３４５６７８",
        "0012\u200b345678",
        "\u202d0012345678\u202c",
        "𝟎𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖",
    ],
)
def test_a_form_that_keeps_the_zeros_of_an_account_is_the_account(text: str) -> None:
    assert canonical_account(text) == "0012345678"


@pytest.mark.parametrize("dash", list("-‐‑‒–—―−﹣－"))
def test_a_dash_of_any_kind_is_one_dash(dash: str) -> None:
    assert canonical_account(f"0571{dash}88888888") == "0571-88888888"


def test_accounts_that_differ_stay_apart() -> None:
    accounts = [
        "0012345678",
        "12345678",
        "0571-88888888",
        "057188888888",
        "A12",
        "a12",
        "5E12",
        "12345.1",
        "12.345.678",
        "2026/312",
        "3/12",
        "+8613800138000",
    ]
    assert [canonical_account(each) for each in accounts] == accounts


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ("EMPTY", ["", " ", "\t\u3000", "'", '=""', "\u200b"]),
        ("TOO_LONG", ["1" * (MAX_ACCOUNT_TEXT + 1), "\ufb03" * 60]),
        ("FORBIDDEN_CHARACTER", ["12\x0034", "12\x1f34", "12\t34", "12\n34", "12\ue00034", "12\ud800", "12_x000D_", "١٢٣", "12²", "①23", "12345;", "A12,", "12345。", ":12"]),
        ("INNER_BLANK", ["12 34", "12\u00a034", "12\u300034", "12\u202834"]),
        ("FORMULA", ["=12345678", "=cmd|calc", "=A1"]),
        ("EXPONENT", ["1.38001E+12", "1.38001e+12", "１．３８Ｅ＋１２", "1E+12", "1.38E12", "1,38001E+12", "13.8E+11", "'1.38E+12", "1.38E-05", "-1.38E+12"]),
        ("NUMBER_FORMAT", ["0012345678.0", "0012345678.00", "12345678.", "1,380,012", "1,380,012.00", "1,380", "(12345)", "1'380'012", "12345678,00", "１，３８０，０１２", "3月12日", "12-Mar", "Mar-12", "2026/3/12", "2026年3月"]),
        ("PLACEHOLDER", ["NULL", "null", "NaN", "#N/A", "#REF!", "########", "无", "0", "0000", "-", "--", "N/A", "未知", "'0"]),
        ("CHARACTERS_LOST", ["1380****12", "1380＊12", "138?12", "138？12", "1380XXXX12", "138□12", "138\ufffd12", "138●●12", "138..12", "138…12", "138##12"]),
    ],
)  # fmt: skip
def test_a_number_that_is_not_certain_is_refused_with_its_code(code: str, texts: list[str]) -> None:
    assert [refusal_of(text) for text in texts] == [AccountCode(code)] * len(texts)


@given(st.text(max_size=20) | st.text("0123456789'\"=＝’´.,E+X- \t\u200b\x1fＡ\u0301", max_size=16))
def test_no_text_breaks_it_and_a_canonical_number_stays(text: str) -> None:
    try:
        account = canonical_account(text)
    except AccountUnreadable:
        account = "1"
    assert canonical_account(account) == account


@given(
    st.text("0123456789ABCDEFabcdef-", min_size=1, max_size=20),
    st.sampled_from(["'{}", '="{}"', "\t{}", "{}\x1f", "’{}’", "\u202d{}\u202c"]),
)
def test_a_marked_account_is_the_account_or_both_are_refused(account: str, form: str) -> None:
    assert outcome(form.format(account)) == outcome(account)


def outcome(text: str) -> str | AccountCode:
    try:
        return canonical_account(text)
    except AccountUnreadable as refusal:
        return refusal.code
