"""Mapping files: they name the columns and labels of a carrier's export, so that layouts are data, not code."""

import hashlib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar

from gateway.errors import MappingError
from gateway.identity.context import Circumstances
from protocol.codes import Category, NoticeChannel, ServiceClass
from protocol.context import Channel, HouseholdSource, IdentityCheck, Purpose
from protocol.identifiers import DocumentKind
from protocol.names import CONSENT_TEXT, PLACE_CODE, TARIFF

_COMMON: Final = ("document_kind", "document_number", "service")
_OPTIONAL: Final = ("document_issuer", "household_register", "household_collective", "address")
_EVIDENCE: Final = ("contract_date", "notice_time")
_CIRCUMSTANCES: Final = tuple(each.name for each in fields(Circumstances) if each.name != "order")
"""The order is the row's ``reference``."""
_ENCODINGS: Final = {"utf-8": "utf-8", "utf-8-sig": "utf-8", "gb18030": "gb18030"}
"""A byte order mark is skipped under both UTF-8 names: spreadsheet programs add and drop it at will."""
_DATE_PART: Final = re.compile("%.?")
_DIGITS: Final = {"%Y": "[0-9]{4}", "%m": "[0-9]{2}", "%d": "[0-9]{2}"}
_CLOCK: Final = {"%H": "(?:[01]?[0-9]|2[0-3])", "%M": "[0-5][0-9]", "%S": "[0-5][0-9]", "%f": "[0-9]{1,9}"}
"""A database writes the time of day as well; it is ignored."""
_CLOCK_STYLES: Final = (["%H", "%M"], ["%H", "%M", "%S"], ["%H", "%M", "%S", "%f"])
_OTHER_ZONE: Final = re.compile(r"Z|UTC|GMT|\+(?!08)[0-9]|-[0-9]", re.IGNORECASE)
_DATES_KEPT: Final = 4096
_EARLIEST_YEAR: Final = 1900
_LATEST_YEAR: Final = 2199
_FULL_WIDTH: Final = str.maketrans("０１２３４５６７８９／－：", "0123456789/-:")

_Value = TypeVar("_Value", bound=StrEnum)


class Layout(StrEnum):
    """The kinds of file: a mapping describes the first two, and the columns of the others have our own names."""

    ARREARS = "arrears"
    APPLICANTS = "applicants"
    OUTCOMES = "outcomes"
    PAYMENTS = "payments"
    ATTESTATIONS = "attestations"


class Collective(StrEnum):
    """The kind of a household registration: a collective one (dormitory, employer) gives no household key."""

    FAMILY = "FAMILY"
    COLLECTIVE = "COLLECTIVE"


class YesNo(StrEnum):
    """The answers to whether a number comes from another carrier."""

    YES = "YES"
    NO = "NO"


REQUIRED: Final = {
    Layout.ARREARS: (*_COMMON, "account", "due_date", "principal", "notice_date", "category"),
    Layout.APPLICANTS: (*_COMMON, "reference"),
}
OPTIONAL: Final = {
    Layout.ARREARS: (*_OPTIONAL, "suspended_on", "ended_on", "notice_channel", "dealer", "costs", *_EVIDENCE),
    Layout.APPLICANTS: (*_OPTIONAL, "carrier", *_CIRCUMSTANCES),
}
KEPT_WITH_THE_ORDER: Final = "ORDER"
"""The default of ``consent`` where a carrier keeps the record of a consent under the order's own number."""
LABELLED: Final[Mapping[str, type[StrEnum]]] = {
    "purpose": Purpose,
    "channel": Channel,
    "identity": IdentityCheck,
    "household_source": HouseholdSource,
    "port_in": YesNo,
}
"""The circumstances that a row tells by a label; a column without a table of labels has our codes."""
_SAID_OF_ALL: Final = {
    "outlet": PLACE_CODE,
    "dealer": PLACE_CODE,
    "consent_text": CONSENT_TEXT,
    "tariff": TARIFF,
    "consent": KEPT_WITH_THE_ORDER,
    **{name: "|".join(each.value for each in kind) for name, kind in LABELLED.items()},
}
"""The circumstances that a mapping may say of every row, with their form; the others are each applicant's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMapping:
    """The reading of one layout: ``columns`` maps our field names to the file's column names.

    ``digest`` is the SHA-256 of the mapping file: a run is resumed only under the same mapping.
    """

    path: Path
    layout: Layout
    digest: str
    encoding: str
    delimiter: str
    last_line_end_needed: bool
    columns: Mapping[str, str]
    parse_date: Callable[[str], date]
    kinds: Mapping[str, DocumentKind]
    services: Mapping[str, ServiceClass]
    channels: Mapping[str, NoticeChannel]
    categories: Mapping[str, Category]
    collective: Mapping[str, Collective]
    evidence_folder: str | None = None
    """The folder of the rows' documents, relative to the export's own folder."""
    labels: Mapping[str, Mapping[str, StrEnum]] = field(default_factory=dict)
    """The labels of circumstances, field by field."""
    defaults: Mapping[str, str] = field(default_factory=dict)
    """The circumstances that hold where a row has an empty cell, or the file no column."""

    @property
    def tells_circumstances(self) -> bool:
        """Tell whether the rows are asked about with a context."""
        return bool(self.defaults) or not self.columns.keys().isdisjoint(_CIRCUMSTANCES)


def load(path: Path, layout: Layout) -> FileMapping:
    """Read a mapping file; an unknown key, field or value is refused, since a typing slip would lose a column."""
    raw, document = _read(path)
    table = _Tables(path, document)
    if "accounts" in document:
        raise table.wrong("accounts", "belongs into gateway.toml: payments have to find the same accounts")
    arrears = layout is Layout.ARREARS
    table.only("", ("file", "columns", "values", *(("evidence",) if arrears else ("defaults",))))
    table.only("evidence", ("folder",))
    file = table.table("file")
    table.only("file", ("encoding", "delimiter", "dates", "last_line_end"))
    labelled = ("notice_channel", "category") if arrears else LABELLED
    columns = _columns(table, layout)
    table.only("values", ("document_kind", "service", "household_collective", *labelled))
    return FileMapping(
        path=path,
        layout=layout,
        digest=hashlib.sha256(raw).hexdigest(),
        encoding=_encoding(table, file),
        delimiter=_delimiter(table, file),
        last_line_end_needed=_last_line_end_needed(table, file),
        columns=columns,
        parse_date=date_reader(_date_style(table, file)) if arrears else date_reader("%Y-%m-%d"),
        kinds=_values(table, "document_kind", DocumentKind, needed=True),
        services=_values(table, "service", ServiceClass, needed=True),
        channels=_values(table, "notice_channel", NoticeChannel, needed="notice_channel" in columns),
        categories=_values(table, "category", Category, needed=arrears),
        evidence_folder=_evidence_folder(table, columns),
        collective=_values(table, "household_collective", Collective, needed="household_collective" in columns),
        labels={name: _values(table, name, kind, needed=False) for name, kind in LABELLED.items() if not arrears},
        defaults=_said_of_all(table),
    )


def date_reader(style: str) -> Callable[[str], date]:
    """Make a strict reader of one date style; it raises ValueError without the input.

    Where a sign separates the parts, a month or day may have one digit, as spreadsheet programs write it. The
    Beijing time of day may follow: it is checked and ignored.
    """
    compiled = re.compile(_date_pattern(style))

    @lru_cache(maxsize=_DATES_KEPT)  # an export names few different days, each of them many times
    def read(text: str) -> date:
        found = compiled.fullmatch(text.strip().translate(_FULL_WIDTH))
        if found is None or not _EARLIEST_YEAR <= int(found["Y"]) <= _LATEST_YEAR:
            raise ValueError("NOT_A_DATE")
        try:
            return date(int(found["Y"]), int(found["m"]), int(found["d"]))
        except ValueError:
            raise ValueError("NOT_A_DATE") from None

    return read


def _date_pattern(style: str) -> str:
    parts = _DATE_PART.findall(style)
    clock = parts[3:]
    if sorted(parts[:3]) != ["%Y", "%d", "%m"] or (clock and clock not in _CLOCK_STYLES):
        raise ValueError(
            "must hold %Y, %m and %d once each, and behind them nothing or %H, %M, %S and %f in this order"
        )
    if clock and _OTHER_ZONE.search(style.partition("%H")[2]):
        raise ValueError("must be a time in Beijing: in another zone it may be another day")
    apart = all(style[found.end() : found.end() + 1] != "%" for found in _DATE_PART.finditer(style))

    def pattern_of(piece: str) -> str:
        if piece in _DIGITS:
            return f"(?P<{piece[1]}>{_DIGITS[piece] if piece == '%Y' or not apart else '[0-9]{1,2}'})"
        return _CLOCK.get(piece) or re.escape(piece)

    return "".join(map(pattern_of, re.split("(%.)", style)))


class _Tables:
    """The tables of the file; every complaint names file and key."""

    def __init__(self, path: Path, document: dict[str, Any]) -> None:
        self._path = path
        self._document = document

    def table(self, name: str) -> dict[str, Any]:
        found: Any = self._document
        for part in name.split(".") if name else ():
            found = found.get(part, {})
            if not isinstance(found, dict):
                raise self.wrong(name, "must be a table")
        return dict(found)

    def only(self, name: str, known: tuple[str, ...]) -> None:
        for key in self.table(name):
            if key not in known:
                raise self.wrong(f"{name}.{key}" if name else key, f"is not known here (known: {', '.join(known)})")

    def wrong(self, key: str, what: str) -> MappingError:
        return MappingError(f"{self._path}: {key} {what}")


def _read(path: Path) -> tuple[bytes, dict[str, Any]]:
    try:
        raw = path.read_bytes()
        return raw, tomllib.loads(raw.decode("utf-8"))
    except OSError as trouble:
        raise MappingError(f"{path}: cannot be read ({trouble.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as trouble:
        raise MappingError(f"{path}: not TOML ({trouble})") from None


def _columns(table: _Tables, layout: Layout) -> dict[str, str]:
    columns = table.table("columns")
    table.only("columns", (*REQUIRED[layout], *OPTIONAL[layout]))
    for name in REQUIRED[layout]:
        if name not in columns:
            raise table.wrong(f"columns.{name}", "is missing")
    for name, column in columns.items():
        if not isinstance(column, str) or not column.strip():
            raise table.wrong(f"columns.{name}", "must be the name of a column")
    if len(set(columns.values())) != len(columns):
        raise table.wrong("columns", "uses one column for two fields")
    return {name: column.strip() for name, column in columns.items()}


def _encoding(table: _Tables, file: dict[str, Any]) -> str:
    value = file.get("encoding", "utf-8")
    if not isinstance(value, str) or value.lower() not in _ENCODINGS:
        raise table.wrong("file.encoding", f"must be one of {', '.join(_ENCODINGS)}")
    return _ENCODINGS[value.lower()]


def _delimiter(table: _Tables, file: dict[str, Any]) -> str:
    value = file.get("delimiter", ",")
    if not isinstance(value, str) or len(value) != 1 or value in '"\r\n\0':
        raise table.wrong("file.delimiter", "must be one character")
    return value


def _last_line_end_needed(table: _Tables, file: dict[str, Any]) -> bool:
    value = file.get("last_line_end", "needed")
    if value not in ("needed", "optional"):
        raise table.wrong("file.last_line_end", "must be needed or optional")
    return bool(value == "needed")


def _evidence_folder(table: _Tables, columns: Mapping[str, str]) -> str | None:
    folder = table.table("evidence").get("folder")
    if folder is None:
        return None
    if not isinstance(folder, str) or not folder:
        raise table.wrong("evidence.folder", "must be the name of a folder")
    if "contract_date" not in columns:
        raise table.wrong("columns.contract_date", "is missing, and goes with evidence.folder")
    return folder


def _said_of_all(table: _Tables) -> dict[str, str]:
    defaults = table.table("defaults")
    table.only("defaults", tuple(_SAID_OF_ALL))
    for name, value in defaults.items():
        if not isinstance(value, str) or re.fullmatch(_SAID_OF_ALL[name], value) is None:
            raise table.wrong(f"defaults.{name}", f"must match {_SAID_OF_ALL[name]}")
    return {str(name): str(value) for name, value in defaults.items()}


def _date_style(table: _Tables, file: dict[str, Any]) -> str:
    style = file.get("dates")
    if not isinstance(style, str):
        raise table.wrong("file.dates", "is missing (for instance %Y-%m-%d)")
    try:
        date_reader(style)
    except ValueError as trouble:
        raise table.wrong("file.dates", str(trouble)) from None
    return style


def _values(table: _Tables, name: str, kind: type[_Value], *, needed: bool) -> dict[str, _Value]:
    key = f"values.{name}"
    labels = table.table(key)
    if needed and not labels:
        raise table.wrong(key, "is missing or empty")
    known = {each.value: each for each in kind}
    for label, code in labels.items():
        if not isinstance(code, str) or code not in known:
            raise table.wrong(f'{key}."{label}"', f"must be one of {', '.join(known)}")
    return {label.strip(): known[code] for label, code in labels.items()}
