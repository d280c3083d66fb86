"""One code point for each character: traditional, foreign, copied and private use forms become the simplified one.

characters.txt is the table; docs/spec/household.md pins its digest, since a changed table changes keys.
"""

import functools
import importlib.resources
import re
import unicodedata
from typing import Final

TABLE_NAME: Final = "characters.txt"

_PRIVATE_USE = re.compile("[\ue000-\uf8ff]")


def unified(text: str) -> str:
    """Return the text in NFKC, each character in the form that the table gives."""
    if text.isascii():
        return text
    forms = table()
    if _PRIVATE_USE.search(text):  # some of these mean characters that NFKC changes
        text = text.translate(forms)
    return unicodedata.normalize("NFKC", text).translate(forms)


@functools.cache
def table() -> dict[int, str]:
    """Load the table: the written code point, and its simplified form."""
    source = importlib.resources.files("protocol").joinpath(TABLE_NAME).read_text(encoding="utf-8")
    pairs = (line.split("\t") for line in source.splitlines() if not line.startswith("#"))
    return {ord(written): form for written, form in pairs}
