"""Where in a broken CSV record the quoting went wrong; the csv module only says that it did."""

from collections.abc import Sequence

_UNTERMINATED = "a quote is opened here and never closed; the file may be cut off"
_AFTER_QUOTE = "a character follows a closing quote; a quote inside a quoted field is written twice"
_TOO_LONG = "a field is too long"


def find_fault(lines: Sequence[str], delimiter: str) -> tuple[int, int, str]:
    """(line from 0, column from 1, what is wrong) of the first fault in the physical ``lines`` of one record."""
    opened: tuple[int, int] | None = None
    start = True  # of a field
    closed = False  # the last character was a quote inside a quoted field
    for number, line in enumerate(lines):
        for column, each in enumerate(line, start=1):
            if opened is not None and not closed:
                closed = each == '"'
            elif opened is not None and each == '"':
                closed = False  # a doubled quote
            elif opened is not None and each not in (delimiter, "\r", "\n"):
                return number, column, _AFTER_QUOTE
            else:
                opened = (number, column) if start and each == '"' else None
                start = each == delimiter
                closed = False
    if opened is not None and not closed:
        return opened[0], opened[1], _UNTERMINATED
    return max(len(lines) - 1, 0), 1, _TOO_LONG
