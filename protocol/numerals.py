"""Chinese numerals of addresses to digits: 七, 十二, 二十一, 一百零三, 廿三, 八〇二.

Only plain numerals: the formal ones (陆, 伍 ...) are surnames and place names as well.
"""

import re
from typing import Final

NUMERALS: Final = "〇零一二三四五六七八九十百千廿卅"

_DIGITS: Final = {"〇": 0, "零": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_RUN = re.compile(r"[〇零一二三四五六七八九十百千廿卅]+")
_POSITIONAL = re.compile(r"[〇零一二三四五六七八九]{2,}")
_COUNTED = re.compile(
    r"(?:(?P<thousands>[一二三四五六七八九])千)?"
    r"(?:(?P<hundreds>[一二三四五六七八九])百)?"
    r"(?P<skipped>[零〇])?"
    r"(?P<tens>[一二三四五六七八九]?十|廿|卅)?"
    r"(?P<ones>[一二三四五六七八九])?"
)
# The characters that may follow a plain number; before any other 五四 is a name (五四路), not 54.
_COUNTS_SOMETHING = re.compile(r"号|栋|幢|座|楼|层|单元|门|室|户|房|弄|组|队|社|#|-|~|$")
_ZERO_BETWEEN_DIGITS = re.compile(r"(?<=[0-9])[〇零](?=[0-9])")


def to_digits(text: str) -> str:
    """Write every numeral as digits; a malformed number, or a name of two digits, stays as it is."""
    text = _ZERO_BETWEEN_DIGITS.sub("0", text)
    return _RUN.sub(lambda run: _replacement(run, text), text)


def _replacement(run: re.Match[str], text: str) -> str:
    value = _value(run.group(), counts=_COUNTS_SOMETHING.match(text, run.end()) is not None)
    if value is None:
        return run.group()
    # A numeral beside a digit is another number: 七2 is 7-2, never 72.
    before = "-" if _is_digit(text[: run.start()][-1:]) else ""
    after = "-" if _is_digit(text[run.end() :][:1]) else ""
    return before + value + after


def _is_digit(character: str) -> bool:
    return "0" <= character <= "9"


def _value(run: str, *, counts: bool) -> str | None:
    if _POSITIONAL.fullmatch(run):
        return "".join(str(_DIGITS[each]) for each in run) if counts else None
    if run in _DIGITS:
        return str(_DIGITS[run])
    return _counted_value(run)


def _counted_value(run: str) -> str | None:
    found = _COUNTED.fullmatch(run)
    if found is None:
        return None
    thousands, hundreds, skipped, tens, ones = found.group("thousands", "hundreds", "skipped", "tens", "ones")
    if not _is_read_one_way(thousands, hundreds, skipped, tens, ones):
        return None
    total = 1000 * _DIGITS.get(thousands or "", 0) + 100 * _DIGITS.get(hundreds or "", 0) + _DIGITS.get(ones or "", 0)
    return str(total + 10 * _tens_value(tens))


def _is_read_one_way(
    thousands: str | None, hundreds: str | None, skipped: str | None, tens: str | None, ones: str | None
) -> bool:
    """Tell whether the reading is full: 二百五 and 一千三 leave out a unit, 一百零 a digit, so readers differ."""
    higher = thousands or hundreds
    if skipped:
        return higher is not None and (tens or ones) is not None
    if thousands and not hundreds:
        return (tens or ones) is None
    return not (higher and ones and not tens)


def _tens_value(tens: str | None) -> int:
    if tens is None:
        return 0
    if tens in ("廿", "卅"):
        return 2 if tens == "廿" else 3
    return _DIGITS.get(tens[0], 1)
