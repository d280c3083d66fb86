"""Cells of a table that a spreadsheet takes for text and never for a formula, and the text behind such a cell."""

import re
from typing import Final

_QUOTE: Final = "'"
# Also where blanks or full-width signs stand in front: programs differ in what they read over.
_FORMULA: Final = re.compile(r"[\s\0\ufeff\u200b]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")


def plain_cell(text: str) -> str:
    """The cell for a text: an apostrophe is put before what a spreadsheet would run."""
    return _QUOTE + text if _FORMULA.match(text.lstrip(_QUOTE)) else text


def text_of_cell(cell: str) -> str:
    """The text that ``plain_cell`` wrote as this cell."""
    runs = cell.startswith(_QUOTE) and _FORMULA.match(cell.lstrip(_QUOTE))
    return cell.removeprefix(_QUOTE) if runs else cell
