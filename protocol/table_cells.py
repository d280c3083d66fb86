"""Write cells of a table that a spreadsheet takes for text and never for a formula, and read the text back."""

import re
from typing import Final

_QUOTE: Final = "'"
# Match behind blanks and full-width signs too: programs differ in the characters that they skip.
_FORMULA: Final = re.compile(r"[\s\0\ufeff\u200b]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")


def plain_cell(text: str) -> str:
    """Return the cell for a text: an apostrophe precedes a text that a spreadsheet would run."""
    return _QUOTE + text if _FORMULA.match(text.lstrip(_QUOTE)) else text


def text_of_cell(cell: str) -> str:
    """Return the text that ``plain_cell`` wrote as this cell."""
    runs = cell.startswith(_QUOTE) and _FORMULA.match(cell.lstrip(_QUOTE))
    return cell.removeprefix(_QUOTE) if runs else cell
