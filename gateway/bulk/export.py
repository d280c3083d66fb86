"""Read a carrier's CSV export in constant memory, and give one exact complaint when the file is broken.

A broken *file* (wrong encoding, missing column, NUL, unterminated quote, cut off) raises ``FileBroken`` with file, line
and column; ``check`` walks the whole file first, so nothing of a broken file is ever sent. A broken *row* in the middle
is passed on as such and gets its verdict.
"""

import csv
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Final

from gateway.bulk.csv_faults import (
    LONE_RETURN,
    another_delimiter,
    another_format,
    find_fault,
    holds_lone_return,
    title_fault,
)
from gateway.bulk.mapping import FileMapping
from gateway.errors import FileBroken

_BOM: Final = b"\xef\xbb\xbf"
_MAX_LINE: Final = 256 * 1024
"""Longest physical line in bytes; an export row has some hundred."""
_MAX_RECORD_LINES: Final = 256
"""Most physical lines of one record (line breaks inside quotes); more means that a quote was never closed."""
_MAX_NAMES: Final = 40
_MOST_OF_A_TITLE: Final = 10
"""Lines among which the names of the columns are looked for, to explain a fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """A file that was read to its end without complaint.

    ``digest`` is the SHA-256 of its bytes, ``positions`` has the cell of each mapped field.
    """

    digest: str
    rows: int
    positions: Mapping[str, int]
    header: str = field(repr=False)
    """The first line, as it is in the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRow:
    """One record: ``number`` counts rows from 1, ``line`` is its first line; ``cells`` is None for a broken row.

    ``label`` is the cell that names the row to the carrier: its account or order number.
    """

    number: int
    line: int
    label: str
    cells: list[str] | None = field(repr=False)
    text: str = field(default="", repr=False)
    """The record as it is in the file, with its line ends."""


class Export:
    """One export file under one mapping."""

    def __init__(self, path: Path, mapping: FileMapping) -> None:
        self._path = path
        self._mapping = mapping

    def check(self) -> CheckedFile:
        """Read the file once to its end: decoding, columns, quotes, the last row. Raises ``FileBroken``."""
        pass_ = _Pass(self._path, self._mapping)
        count = whole = 0
        for row in pass_.rows():
            count, whole = count + 1, whole + (row.cells is not None)
        if count and not whole:
            what = f"no row has the {len(pass_.header)} fields of the first line; is a name missing there, or a quote?"
            raise FileBroken(self._path, 1, 1, what)
        positions = {name: pass_.header.index(column) for name, column in self._mapping.columns.items()}
        return CheckedFile(digest=pass_.digest.hexdigest(), rows=count, positions=positions, header=pass_.header_text)

    def rows(self, checked: CheckedFile) -> Iterator[RawRow]:
        """Read the rows again; raises ``FileBroken`` at the end if the file is not the one that was checked."""
        pass_ = _Pass(self._path, self._mapping)
        yield from pass_.rows()
        if pass_.digest.hexdigest() != checked.digest:
            raise FileBroken(self._path, 1, 1, "the file was changed while it was read")

    def encoded(self, text: str) -> bytes:
        """Write a record as the file has it; one that lacks its line end gets one."""
        return (text if text.endswith("\n") else f"{text}\n").encode(self._mapping.encoding)


class _Pass:
    """One walk through the file."""

    def __init__(self, path: Path, mapping: FileMapping) -> None:
        self._path = path
        self._mapping = mapping
        self._line = 0
        self._record: list[str] = []
        self._last_line = ""
        self._record_line = 1
        self.digest = hashlib.sha256()
        self.header: list[str] = []
        self.header_text = ""

    def rows(self) -> Iterator[RawRow]:
        """Yield the rows after the header; a row with too few or too many cells is passed on broken, unless last."""
        try:
            with self._path.open("rb") as file:
                yield from self._rows(file)
        except OSError as trouble:
            raise FileBroken(self._path, 1, 1, f"the file cannot be read ({trouble.strerror})") from None

    def _rows(self, file: IO[bytes]) -> Iterator[RawRow]:
        records = self._records(file)
        first = next(records, None)
        if first is None:
            raise FileBroken(self._path, 1, 1, "the file is empty")
        self._take_header(first[1])
        self.header_text = "".join(self._record)
        label_at = self._position_of("account", "reference")
        width, short = len(self.header), None
        for number, (line, cells) in enumerate(records, start=1):
            short = self._cut_off(len(cells)) if len(cells) < width else None
            whole = len(cells) == width
            label = cells[label_at] if label_at < len(cells) else ""
            yield RawRow(
                number=number, line=line, label=label, cells=cells if whole else None, text="".join(self._record)
            )
        if short is not None:
            raise short
        if self._mapping.last_line_end_needed and not self._last_line.endswith("\n"):
            # A row that lost half of its last cell looks whole: without this check a wrong value would be sent.
            what = "the last line has no line end, so the file may be cut off; if it is whole, add a line end or say "
            end = len(self._last_line) + 1
            raise FileBroken(self._path, self._line, end, f'{what}last_line_end = "optional" in the mapping')

    def _cut_off(self, cells: int) -> FileBroken:
        end = len(self._record[-1].rstrip("\r\n")) + 1
        what = f"the file is cut off: its last row ends after {cells} of {len(self.header)} fields"
        what += "; if that row is a total or a remark, take it out of the file"
        return FileBroken(self._path, self._line, end, what)

    def _records(self, file: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
        reader = csv.reader(self._lines(file), delimiter=self._mapping.delimiter, strict=True)
        while True:
            self._record, self._record_line = [], self._line + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                raise self._quote_fault() from None
            if cells:  # skip a blank line
                yield self._record_line, cells

    def _lines(self, file: IO[bytes]) -> Iterator[str]:
        # Neither UTF-8 nor GB18030 has the byte of a line feed inside a longer character, so bytes can be split there.
        while raw := file.readline(_MAX_LINE):
            self._line += 1
            self.digest.update(raw)
            if self._line == 1 and (format_ := another_format(raw)) is not None:
                raise FileBroken(self._path, 1, 1, format_)
            if len(raw) == _MAX_LINE and not raw.endswith(b"\n"):
                if holds_lone_return(raw):
                    raise FileBroken(self._path, self._line, 1, LONE_RETURN)
                raise FileBroken(self._path, self._line, 1, f"the line is longer than {_MAX_LINE} bytes")
            text = self._decode(raw)
            if "\0" in text:
                raise FileBroken(self._path, self._line, text.index("\0") + 1, "a NUL character; is this a text file?")
            self._record.append(text)
            self._last_line = text
            if len(self._record) > _MAX_RECORD_LINES:
                raise self._quote_fault()
            yield text

    def _decode(self, raw: bytes) -> str:
        encoding = self._mapping.encoding
        if self._line == 1 and raw.startswith(_BOM):
            if encoding != "utf-8":
                what = f"a UTF-8 byte order mark, but the mapping says {encoding}"
                raise FileBroken(self._path, 1, 1, what)
            raw = raw.removeprefix(_BOM)
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError as trouble:
            column = len(raw[: trouble.start].decode(encoding)) + 1
            what = f"the bytes are not {encoding}, which the mapping says{_other_encoding(raw, encoding)}"
            raise FileBroken(self._path, self._line, column, what) from None

    def _take_header(self, cells: list[str]) -> None:
        self.header = [cell.strip() for cell in cells]
        wanted = self._mapping.columns
        missing = [f"{column!r} ({name})" for name, column in wanted.items() if column not in self.header]
        if len(missing) == len(wanted):
            other = another_delimiter(self._record[0], wanted.values(), self._mapping.delimiter)
            if other is not None:
                what = f"the delimiter is {other}, but the mapping says {self._mapping.delimiter!r} (file.delimiter)"
                raise FileBroken(self._path, 1, 1, what)
            title = title_fault([self._record[0], *self._following()], wanted.values(), self._mapping.delimiter)
            if title is not None:
                raise FileBroken(self._path, 1, 1, title)
            # The first line may then be a person's row: do not repeat it.
            what = f"no column of {self._mapping.path.name} is in the first line; is there a header, is it "
            raise FileBroken(self._path, 1, 1, f"{what}{self._mapping.encoding}?")
        end = len(self._record[0].rstrip("\r\n")) + 1
        if missing:
            found = ", ".join(self.header[:_MAX_NAMES])
            raise FileBroken(self._path, 1, end, f"missing column {', '.join(missing)}; found: {found}")
        for column in wanted.values():
            if self.header.count(column) > 1:
                raise FileBroken(self._path, 1, end, f"the column {column!r} appears twice")

    def _following(self) -> list[str]:
        """Return the lines behind the first, up to where a title may reach."""
        with self._path.open(encoding=self._mapping.encoding, errors="replace") as file:
            return [line[:_MAX_LINE] for line in islice(file, 1, _MOST_OF_A_TITLE)]

    def _position_of(self, *fields: str) -> int:
        return next(self.header.index(self._mapping.columns[name]) for name in fields if name in self._mapping.columns)

    def _quote_fault(self) -> FileBroken:
        line, column, what = find_fault(self._record, self._mapping.delimiter)
        return FileBroken(self._path, self._record_line + line, column, what)


def _other_encoding(raw: bytes, encoding: str) -> str:
    other = "gb18030" if encoding == "utf-8" else "utf-8"
    try:
        raw.decode(other)
    except UnicodeDecodeError:
        return ""
    return f" (they would be {other})"
