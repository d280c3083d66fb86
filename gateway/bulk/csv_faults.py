"""Explain why a file is no CSV of the mapping: quotes, line ends, delimiter or format."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

_UNTERMINATED: Final = "a quote is opened here and never closed; the file may be cut off"
_AFTER_QUOTE: Final = "a character follows a closing quote; a quote inside a quoted field is written twice"
_TOO_LONG: Final = "a field is too long"
LONE_RETURN: Final = (
    "a line ends with a carriage return (CR) alone; save the file with the line ends of Windows (CR LF) or Unix (LF)"
)
_LONE_RETURN: Final = re.compile(rb"\r(?!\n)")
_FORMATS: Final = (
    (b"\xff\xfe\0\0", "the file is UTF-32"),
    (b"\0\0\xfe\xff", "the file is UTF-32"),
    (b"\xff\xfe", 'the file is UTF-16 (a spreadsheet calls that "Unicode text")'),
    (b"\xfe\xff", "the file is UTF-16"),
    (b"PK\x03\x04", "the file is an Excel or OpenDocument spreadsheet (xlsx, ods) or another zip archive"),
    (b"\xd0\xcf\x11\xe0", "the file is an Excel spreadsheet (xls) or another document of an office program"),
    (b"\x1f\x8b", "the file is compressed (gzip)"),
    (b"%PDF", "the file is a PDF"),
    (b"{\\rtf", "the file is a text of a word processor (RTF)"),
)
_SEPARATOR_LINE: Final = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_MARKUP: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|\?xml|html|head|table|workbook)", re.IGNORECASE)
_DELIMITERS: Final = {"\t": "a tab", ";": "';'", ",": "','", "|": "'|'", "，": "'，'", "；": "'；'", "\x01": "U+0001"}


def another_format(start: bytes) -> str | None:
    """Name the format that the first bytes of a file show; None for text in UTF-8 or GB18030."""
    format_ = next((name for mark, name in _FORMATS if start.startswith(mark)), None)
    if format_ is None and _MARKUP.match(start):
        format_ = "the file is a web page or XML, whatever its name says"
    if format_ is None and (b"\0" in start[0:64:2]) != (b"\0" in start[1:64:2]) and start[:64].count(b"\0") > 1:
        format_ = "the file seems to be UTF-16 without a byte order mark"
    return None if format_ is None else f"{format_}; export it as CSV in UTF-8 or GB18030"


def another_delimiter(first_line: str, names: Iterable[str], declared: str) -> str | None:
    """Name the delimiter under which the first line names most of the columns; None where there is none."""
    wanted = set(names)
    for delimiter, name in _DELIMITERS.items():
        cells = {each.strip().strip('"').strip() for each in first_line.split(delimiter)}
        if delimiter != declared and 2 * len(wanted & cells) > len(wanted):
            return name
    return None


def title_fault(lines: Sequence[str], names: Iterable[str], delimiter: str) -> str | None:
    """Explain a first line that is no header: a spreadsheet's separator line, or a title above the columns."""
    if _SEPARATOR_LINE.fullmatch(lines[0]):
        return "the first line is a spreadsheet's separator line (sep=); take it out of the file"
    wanted = set(names)
    for number, line in enumerate(lines[1:], start=2):
        cells = {each.strip().strip('"').strip() for each in line.split(delimiter)}
        if 2 * len(wanted & cells) > len(wanted):
            return f"the columns are named in line {number}; take the lines before it, a title perhaps, out of the file"
    return None


def holds_lone_return(raw: bytes) -> bool:
    """Tell whether a carriage return stands without its line feed."""
    return _LONE_RETURN.search(raw) is not None


def find_fault(lines: Sequence[str], delimiter: str) -> tuple[int, int, str]:
    """Find the first fault in the physical ``lines`` of one record: (line from 0, column from 1, the fault)."""
    opened: tuple[int, int] | None = None
    start = True  # of a field
    closed = False  # the last character was a quote inside a quoted field
    for number, line in enumerate(lines):
        for column, each in enumerate(line, start=1):
            if opened is not None and not closed:
                closed = each == '"'
            elif opened is not None and each == '"':
                closed = False  # a doubled quote
            elif each == "\r" and line[column : column + 1] not in ("", "\n"):
                return number, column, LONE_RETURN
            elif opened is not None and each not in (delimiter, "\r", "\n"):
                return number, column, _AFTER_QUOTE
            else:
                opened = (number, column) if start and each == '"' else None
                start = each == delimiter
                closed = False
    if opened is not None and not closed:
        return opened[0], opened[1], _UNTERMINATED
    return max(len(lines) - 1, 0), 1, _TOO_LONG
