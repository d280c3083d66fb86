"""The compact text of an address: unified characters without blanks and punctuation, dashes only where they may count.

Signs that stand for hidden or lost characters leave no text at all: the flat behind them is not known.
docs/spec/household.md is the specification.
"""

import re
import unicodedata
from typing import Final

from protocol.characters import table, unified
from protocol.numerals import NUMERALS
from protocol.spreadsheet import unmarked

MAX_ADDRESS_TEXT: Final = 256
"""Longest text that is read, in characters."""

LOOSE_DASH: Final = "~"
"""A dash before a number and behind something else: it may be a mere mark, or the minus of a basement."""

_HIDDEN: Final = "\ufffd"
_FORBIDDEN: Final = "\0"
_HIDDEN_SIGNS: Final = frozenset("*?¿@$%^&=!※⁂⁎⁑⁕٭⁇⁈⁉‽†‡‰‱〃؟囗\u0425\u0445\u03a7\u03c7")
# Symbols and connectors; among ASCII only the signs above. The circle represents boxes, stars and arrows too.
_HIDDEN_CATEGORIES: Final = frozenset({"So", "Sm", "Sc", "Sk", "Pc", "Me"})
_ACCENTS: Final = range(0x300, 0x370)
_DASH_SIGNS: Final = frozenset("~−⁃〜∼∽ー")
_DOTS: Final = frozenset(".·•・‧∙⋅。")
_KEPT_SIGNS: Final = frozenset("#○")
_SHORT_OF_ALL_CHARACTERS: Final = 20_000
_A_ZERO = r"(?<=[一二三四五六七八九])○{1,2}(?=[一二三四五六七八九])"
_NUMBER: Final = "0-9零一二三四五六七八九十百千〇"
_HIDDEN_TEXT = re.compile(
    rf"[{_HIDDEN}{_FORBIDDEN}]|某|口口|锟斤拷|烫烫烫|屯屯屯"
    # Runs of dashes, points or number signs are unfilled blanks; 1,203 may be one number or two.
    r"|-[ .,]*-|\.{2,}|#{2,}|(?<=[0-9]),(?=[0-9]{3}(?![0-9]))"
    r"|(?<![A-Z])(?:X+|O{2,})(?![A-Z])|X{3,}"
    rf"|○|(?<![{_NUMBER}])〇+(?![{_NUMBER}])"
)
_TOKEN: Final = f"0-9A-Z{NUMERALS}"
_BLANKS = re.compile(r"[ .,]*-[ .,]*|[ .,]+")
# In one pass: a dash or a blank between numbers is a dash, a dash before a number is loose, one behind it and before a
# sign or the end replaces a lost character, and the others are removed.
_BETWEEN = re.compile(
    rf"(?P<dash>(?<=[{_TOKEN}])[- ](?=[{_TOKEN}]))"
    rf"|(?P<loose>-(?=[{_TOKEN}]))"
    rf"|(?P<lost>(?<=[{_TOKEN}])-(?=[号栋幢座楼层单室户房门弄#]|$))"
    r"|[- ]"
)
# ² and ① are digits for NFKC: 12² would become 122. Their decompositions begin with these tags, that of １ does not.
_OTHER_FORM_TAGS: Final = ("<super>", "<sub>", "<fraction>", "<circle>")
_PLAIN = re.compile(r"[\x20-\x7e\u3001\u3002\u4e00-\u9fa5\uff01-\uff5e]*")


def compact(address: str) -> str | None:
    """Return the compact text of an address; None when a part of it is hidden, lost or no text."""
    if len(address) > MAX_ADDRESS_TEXT or _has_other_forms(address):
        return None
    text = unified(unmarked(address)).translate(_FORMS)
    if "○" in text:
        text = re.sub(_A_ZERO, lambda run: "〇" * len(run.group()), text)
    if _HIDDEN_TEXT.search(text):
        return None
    text = _BLANKS.sub(lambda run: "-" if "-" in run.group() else " ", text)
    text = _BETWEEN.sub(_between, text)
    return None if _HIDDEN in text else text


def _between(found: re.Match[str]) -> str:
    return {"dash": "-", "loose": LOOSE_DASH, "lost": _HIDDEN, None: ""}[found.lastgroup]


def _has_other_forms(address: str) -> bool:
    if _PLAIN.fullmatch(address):
        return False
    return any(_is_other_form(each) for each in address)


def _is_other_form(character: str) -> bool:
    form = unicodedata.decomposition(character)
    if not form.startswith("<"):
        return False
    if form.startswith(_OTHER_FORM_TAGS):
        return True
    return form.startswith(("<compat>", "<square>")) and any(
        "0" <= each <= "9" for each in unicodedata.normalize("NFKC", character)
    )


class _Forms(dict[int, str]):
    """Each character's form in a compact text, computed at its first use."""

    def __missing__(self, point: int) -> str:
        form = _form(table().get(point, chr(point)))
        if len(self) < _SHORT_OF_ALL_CHARACTERS:
            self[point] = form
        return form


_FORMS: Final = _Forms()


def _form(character: str) -> str:
    if "a" <= character <= "z":
        return character.upper()
    if character in _KEPT_SIGNS:
        return character
    category = unicodedata.category(character)
    if category.startswith("C"):
        return " " if character == "\t" else _FORBIDDEN
    if character in _DASH_SIGNS or category == "Pd":
        return "-"
    if character in _DOTS:
        return "."
    if character == ",":
        return ","
    if character in _HIDDEN_SIGNS or ord(character) in _ACCENTS:
        return _HIDDEN
    if category in _HIDDEN_CATEGORIES and (character == "_" or not character.isascii()):
        return _HIDDEN
    return " " if category[0] in "ZPS" else character
