"""Canonical account numbers: all spellings of one account give one text, and a damaged number is refused.

Two accounts that share a text would make two debts one, and two texts of one account would list a debt twice; a
refused row hurts less than either. docs/spec/accounts.md is the specification.
"""

import re
import unicodedata
from enum import StrEnum
from typing import Final

from protocol.spreadsheet import unmarked

FORM: Final = "accounts/1"
"""Names the canonical form of accounts: a release that reads some text otherwise raises the number."""
REFERENCE_BYTES: Final = 32
"""The length of a keyed reference: an account's, or its person's."""
MAX_ACCOUNT_TEXT: Final = 128
"""Longest text that is read, in characters, marks and blanks included; the canonical form is no longer."""

_DASHES = re.compile("[\u058a\u1806\u2010-\u2015\u2043\u2212\u2e3a\u2e3b\u301c\u3030\ufe58\ufe63\uff0d]")
# 1.38001E+12 of a spreadsheet, 1.38001E12 of a program, 1.38x10^12 of a report; 5E12 may be somebody's account.
_EXPONENT = re.compile(
    r"[+-]?[0-9]+(?:[.,][0-9]*)?E\+[0-9]+"
    r"|[+-]?[0-9]+[.,][0-9]*E-?[0-9]+"
    r"|[+-]?[0-9]+(?:[.,][0-9]+)?X10\^[+-]?[0-9]+",
    re.IGNORECASE,
)
_DECIMALS = re.compile(r"[+-]?[0-9]+[.,]0*")
_NEGATIVE = re.compile(r"\([0-9.,]+\)")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:[,'’][0-9]{3})+(?:[.,][0-9]*)?")
# A spreadsheet takes 3-12 for a day.
_MONTHS: Final = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
_DAY = re.compile(
    rf"[0-9]{{1,2}}月(?:[0-9]{{1,2}}日)?|[0-9]{{4}}年[0-9]{{1,2}}月(?:[0-9]{{1,2}}日)?|[0-9]{{4}}/[0-9]{{1,2}}/[0-9]{{1,2}}"
    rf"|[0-9]{{1,2}}-(?:{_MONTHS})(?:-[0-9]{{2,4}})?|(?:{_MONTHS})-[0-9]{{1,4}}",
    re.IGNORECASE,
)
_SPREADSHEET_ERROR = re.compile(
    r"#+|#(?:N/A|REF|VALUE|NAME|NUM|NULL|DIV/0|SPILL|CALC|GETTING_DATA)[!?]?", re.IGNORECASE
)
_FILLERS: Final = frozenset({
    "NULL", "NONE", "NAN", "NIL", "NA", "N/A", "N.A.", "UNKNOWN", "UNDEFINED", "TRUE", "FALSE",
    "无", "空", "没有", "未知", "不详", "暂无", "不明", "待补", "待定", "同上",
})  # fmt: skip
# Masks and the signs of a missing character; a single X, #, _ or dot may belong to the number.
_LOST = re.compile(
    r"[*?\u00bf\u00d7\u203b\u2047-\u2049\u2022\u2588\u2591-\u2593\u25a0-\u25ff\u2613\u2715\u2716\u2b1a-\u2b1c"
    r"\u3007\u3013\ufffc\ufffd]|X{3,}|#{2,}|_{2,}|\.{2,}",
    re.IGNORECASE,
)
_STRAY: Final = ",;:.、。|"
"""Punctuation that a list or a sentence leaves at either end."""
_ESCAPED_CONTROL = re.compile(r"_x[0-9A-F]{4}_", re.IGNORECASE)
_WIDE_DIGIT_TAGS: Final = ("<wide>", "<narrow>", "<font>")


class AccountCode(StrEnum):
    """The reasons to refuse an account number."""

    EMPTY = "EMPTY"
    TOO_LONG = "TOO_LONG"
    FORBIDDEN_CHARACTER = "FORBIDDEN_CHARACTER"
    INNER_BLANK = "INNER_BLANK"
    FORMULA = "FORMULA"
    EXPONENT = "EXPONENT"
    NUMBER_FORMAT = "NUMBER_FORMAT"
    PLACEHOLDER = "PLACEHOLDER"
    CHARACTERS_LOST = "CHARACTERS_LOST"


class AccountUnreadable(ValueError):
    """A text that is no account number; ``code`` has the reason, the text is not repeated."""

    def __init__(self, code: AccountCode) -> None:
        super().__init__(code.value)
        self.code = code


def canonical_account(text: str) -> str:
    """Return the one form of an account number as an export writes it; letters keep their case, zeros in front stay."""
    if len(text) > MAX_ACCOUNT_TEXT:
        raise AccountUnreadable(AccountCode.TOO_LONG)
    account = _DASHES.sub("-", unmarked(text))
    if not account.strip("-"):
        raise AccountUnreadable(AccountCode.PLACEHOLDER if account else AccountCode.EMPTY)
    _refuse_what_a_spreadsheet_lost(account)
    _refuse_characters(text, account)
    if len(account) > MAX_ACCOUNT_TEXT:
        raise AccountUnreadable(AccountCode.TOO_LONG)
    return account


def _refuse_characters(text: str, account: str) -> None:
    if _LOST.search(account):
        raise AccountUnreadable(AccountCode.CHARACTERS_LOST)
    if text.isascii() and account.isalnum():
        return
    if any(unicodedata.category(each).startswith("Z") for each in account):
        raise AccountUnreadable(AccountCode.INNER_BLANK)
    if (
        any(_is_forbidden(each) for each in account)
        or _ESCAPED_CONTROL.search(account)
        or account.strip(_STRAY) != account
    ):
        raise AccountUnreadable(AccountCode.FORBIDDEN_CHARACTER)
    # ² and ① become digits that nobody may have meant as digits of the number.
    if any(_is_digit_of_another_form(each) for each in text):
        raise AccountUnreadable(AccountCode.FORBIDDEN_CHARACTER)


def _is_forbidden(character: str) -> bool:
    category = unicodedata.category(character)
    return category.startswith("C") or (category == "Nd" and not character.isascii())


def _is_digit_of_another_form(character: str) -> bool:
    form = unicodedata.decomposition(character)
    if not form or form.startswith(_WIDE_DIGIT_TAGS):
        return False
    return any("0" <= each <= "9" for each in unicodedata.normalize("NFKC", character))


def _refuse_what_a_spreadsheet_lost(account: str) -> None:
    if account.upper() in _FILLERS or _SPREADSHEET_ERROR.fullmatch(account) or not account.strip("0"):
        raise AccountUnreadable(AccountCode.PLACEHOLDER)
    if account.startswith("="):
        raise AccountUnreadable(AccountCode.FORMULA)
    if _EXPONENT.fullmatch(account):
        raise AccountUnreadable(AccountCode.EXPONENT)
    if any(form.fullmatch(account) for form in (_DECIMALS, _GROUPED, _NEGATIVE, _DAY)):
        raise AccountUnreadable(AccountCode.NUMBER_FORMAT)
