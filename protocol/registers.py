"""Canonical household register numbers (户号): a number that names no single household gives none.

A filler would join all debtors that carry it into one household. docs/spec/household.md is the specification.
"""

import re
import unicodedata
from typing import Final

from protocol.spreadsheet import unmarked

MAX_REGISTER_TEXT: Final = 64
"""Longest register number that is read, in characters, spaces included."""

_UPPER = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_REGISTER = re.compile(r"[0-9A-Z]{8,24}")
_MASK = re.compile(r"XX|[0-9]X[0-9]")
_COUNTY: Final = 6
"""Digits of a county's code, which a number that is unique only within its county has in front."""
_FEWEST_DIGITS: Final = 6
_FEWEST_DIFFERENT: Final = 3
_REPEATED = re.compile(r"([0-9]{1,4})\1+")
_STEPS: Final = ("01234567890123456789012345678901", "10987654321098765432109876543210")
_SPREADSHEET_DIGITS: Final = 15
"""Digits of a number that a spreadsheet keeps; it writes zeros for the others."""


def canonical_register(text: str) -> str | None:
    """Return the one form of a register number as an export writes it, or None."""
    if len(text) > MAX_REGISTER_TEXT:
        return None
    bare = unmarked(text)
    number = "".join(each for each in bare if each != "\t" and unicodedata.category(each) != "Zs").translate(_UPPER)
    if _REGISTER.fullmatch(number) is None or _MASK.search(number) or _lost_its_end(number):
        return None
    digits = "".join(each for each in number if each.isdigit())
    if len(digits) < _FEWEST_DIGITS or len(set(digits)) < _FEWEST_DIFFERENT:
        return None
    if _is_filler(digits) or _REPEATED.fullmatch(digits):
        return None
    return None if _is_filler(number[_COUNTY:]) else number


def _is_filler(digits: str) -> bool:
    """Tell whether these are one digit repeated, or digits in their order: 0000, 1234567, 98765432."""
    if not digits.isdigit() or len(digits) < _FEWEST_DIGITS:
        return False
    return len(set(digits)) == 1 or any(digits in steps for steps in _STEPS)


def _lost_its_end(number: str) -> bool:
    return number.isdigit() and len(number) > _SPREADSHEET_DIGITS and not number[_SPREADSHEET_DIGITS:].strip("0")
