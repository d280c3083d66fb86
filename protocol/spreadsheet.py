"""Text of a cell without the marks that a spreadsheet, or copying, leaves around and inside it.

One function for account numbers, identity numbers and register numbers: docs/spec/accounts.md is the specification.
"""

import re
import unicodedata
from typing import Final

# Apostrophes, primes, accents typed as apostrophes, and double quotes; blanks, tabs and U+001F are added below.
_QUOTES: Final = (
    "'\"`´\u02b9\u02ba\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u02ca\u02cb\u02ee\u0374\u0384\u055a\u05f3\u05f4\u07f4\u07f5"
    "\u1fbd\u1fbf\u1fef\u1ffd\u1ffe\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2032\u2033\u2034\u2035\u2036\u2037"
    "\u2057\u275b\u275c\u275d\u275e\u301d\u301e\u301f\ua78b\ua78c\uff02\uff07\uff40"
)
_BLANKS: Final = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u2800\u3000"
)
_ENDS: Final = _QUOTES + _BLANKS
# These are invisible, though no format characters: fillers and variation selectors.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_FORMULA = re.compile(rf'[=＝][{_BLANKS}]*["“”＂](.*)["“”＂][{_ENDS}]*\Z', re.DOTALL)


def unmarked(text: str) -> str:
    """Return a cell's text in NFKC, without invisible characters, and without blanks, quotes or ``="..."`` around."""
    if text.isascii() and text.isalnum():
        return text
    while True:
        bare = without_unseen(text).lstrip(_ENDS)
        formula = _FORMULA.match(bare)
        bare = unicodedata.normalize("NFKC", (bare if formula is None else formula.group(1)).strip(_ENDS))
        if bare == text:
            return bare
        text = bare


def without_unseen(text: str) -> str:
    """Return the text without format characters (category Cf: zero width, direction marks), fillers and selectors."""
    if text.isascii():
        return text
    if not text.isprintable():
        text = "".join(each for each in text if unicodedata.category(each) != "Cf")
    return _UNSEEN.sub("", text)
