"""Read a file whose columns have our own names: a file of outcomes, or of payments, that somebody filled in by hand.

Other columns are not read, so that whatever else is known may stay beside them.
"""

import codecs
import csv
import datetime as dt
import re
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Final

from gateway.bulk.mapping import FileMapping, Layout, date_reader
from gateway.errors import FileBroken
from gateway.local.members import invalid
from protocol.beijing import BEIJING
from protocol.encodings import EncodingError, format_time, parse_moment

_PIECE: Final = 1024 * 1024
_MAX_HEADER: Final = 256 * 1024
_LOCAL_TIME: Final = re.compile(
    r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})[ T]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?", re.ASCII
)
_SECOND, _MINUTE = dt.timedelta(seconds=1), dt.timedelta(minutes=1)


def layout_of_names(
    path: Path, layout: Layout, *, label: tuple[str, str], needed: Collection[str], may: Collection[str]
) -> FileMapping:
    """Find out the encoding (UTF-8, else GB18030) and the columns of a file; raises FileBroken.

    ``label`` is the field and the column that name a row to the carrier.
    """
    try:
        encoding = _encoding_of(path)
        with path.open("rb") as file:
            header = file.readline(_MAX_HEADER).decode(encoding, "replace").removeprefix("\ufeff")
    except OSError as trouble:
        raise FileBroken(path, 1, 1, f"the file cannot be read ({trouble.strerror})") from None
    names: list[str] = []
    with suppress(csv.Error, StopIteration):  # the reader of the file names the fault
        names = [each.strip() for each in next(csv.reader([header]))]
    field, column = label
    columns = {field: column} | {name: name for name in (*needed, *may) if name in needed or name in names}
    return FileMapping(
        path=path,
        layout=layout,
        digest="",
        encoding=encoding,
        delimiter=",",
        last_line_end_needed=True,
        columns=columns,
        parse_date=date_reader("%Y-%m-%d"),
        kinds={},
        services={},
        channels={},
        categories={},
        collective={},
    )


def read_time(text: str, name: str) -> tuple[dt.datetime, dt.timedelta]:
    """Read a time with its fineness: UTC as we write it, or Beijing time to the minute or the second.

    Raises Refusal, which names the column ``name`` and never the content.
    """
    if not text:
        raise invalid(name, "REQUIRED")
    local = _LOCAL_TIME.fullmatch(text)
    try:
        if local is None:
            at = parse_moment(text)
            return at, _SECOND if at.microsecond == 0 else dt.timedelta(0)
        year, month, day, hour, minute, second = (int(each or 0) for each in local.groups())
        at = dt.datetime(year, month, day, hour, minute, second, tzinfo=BEIJING)
        return parse_moment(format_time(at)), _MINUTE if local[6] is None else _SECOND
    except (EncodingError, ValueError):
        raise invalid(name, "NOT_A_TIME") from None


def _encoding_of(path: Path) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while piece := file.read(_PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "gb18030"
    return "utf-8"
