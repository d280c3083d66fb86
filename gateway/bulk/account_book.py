"""Keep the rows of one export beside the records of its carrier, on the disk, while the two are compared.

The book is a scratch file of SQLite in a folder of its owner's alone: a million rows take some hundred megabytes there,
and memory takes a cache of fixed size. It holds account numbers and figures, no identity, and goes when the comparison
ends. A book that a killed run left is removed by the next one.
"""

import json
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

from protocol.encodings import format_time
from protocol.messages.records import ListedRecord
from serving.files import make_folder

_TABLES: Final = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -65536;
CREATE TABLE line (
  number INTEGER PRIMARY KEY, label TEXT NOT NULL, said BLOB NOT NULL, facts TEXT, verdict TEXT NOT NULL,
  detail TEXT NOT NULL, word TEXT NOT NULL, matched INTEGER NOT NULL DEFAULT 0,
  closed_id TEXT, closed_state TEXT, closed_since TEXT
);
CREATE TABLE reference (reference BLOB PRIMARY KEY, number INTEGER NOT NULL, person BLOB) WITHOUT ROWID;
CREATE TABLE difference (number INTEGER NOT NULL, cells TEXT NOT NULL);
"""
_NOTE: Final = "INSERT INTO line (number, label, said, facts, verdict, detail, word) VALUES (?, ?, ?, ?, ?, ?, ?)"
_REFER: Final = "INSERT OR IGNORE INTO reference VALUES (?, ?, ?)"
_EARLIER: Final = "SELECT said FROM line JOIN reference USING (number) WHERE reference = ?"
_FIND: Final = """
SELECT number, label, facts, verdict, detail, person FROM line JOIN reference USING (number) WHERE reference = ?
"""
_MATCH: Final = "UPDATE line SET matched = 1 WHERE number = ?"
_CLOSE: Final = """
UPDATE line SET closed_id = ?1, closed_state = ?2, closed_since = ?3
WHERE number = ?4 AND (closed_since IS NULL OR closed_since < ?3)
"""
_DIFFER: Final = "INSERT INTO difference VALUES (?, ?)"
_UNMATCHED: Final = """
SELECT number, label, verdict, detail, word, closed_id, closed_state, closed_since FROM line
WHERE matched = 0 ORDER BY number
"""
_DIFFERENCES: Final = "SELECT cells FROM difference ORDER BY number, rowid"

Facts = Mapping[str, str]
"""The facts that are compared, by name, each as it is written into a table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedRow:
    """One row of the export; ``facts`` is None where its figures cannot be read.

    ``references`` lead to it, each with the reference of the row's person under it; a row without any matches nothing.
    """

    number: int
    label: str
    said: bytes = b""
    facts: Facts | None = None
    verdict: str = ""
    """The reason for which the row is not listed, by the gateway's own reading."""
    detail: str = ""
    word: str = ""
    references: tuple[tuple[bytes, bytes | None], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRow:
    """The row of an account that the registry has a record of."""

    number: int
    label: str
    facts: Facts | None
    verdict: str
    detail: str
    person: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmatchedRow:
    """A row whose account has no open record; with the newest of its closed ones, if the registry names any."""

    number: int
    label: str
    verdict: str
    detail: str
    word: str
    closed: tuple[str, str, str] | None
    """Id, state and the time since which it has that state."""


class AccountBook:
    """The rows and what was found about them; for one thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def said_of(self, reference: bytes) -> bytes | None:
        """Return what an earlier row says of the account; None where this is its first row."""
        found = self._connection.execute(_EARLIER, (reference,)).fetchone()
        return None if found is None else bytes(found[0])

    def note(self, row: BookedRow) -> None:
        """Write a row of the export."""
        facts = None if row.facts is None else json.dumps(dict(row.facts))
        values = (row.number, row.label, row.said, facts, row.verdict, row.detail, row.word)
        self._connection.execute(_NOTE, values)
        lead = ((reference, row.number, person) for reference, person in row.references)
        self._connection.executemany(_REFER, lead)

    def find(self, reference: bytes) -> FoundRow | None:
        """Find the row of an account by a reference that it has, or had."""
        found = self._connection.execute(_FIND, (reference,)).fetchone()
        if found is None:
            return None
        number, label, facts, verdict, detail, person = found
        read = None if facts is None else json.loads(facts)
        return FoundRow(number=number, label=label, facts=read, verdict=verdict, detail=detail, person=person)

    def match(self, row: FoundRow, differences: Iterable[tuple[str, ...]]) -> None:
        """Note that the account of a row has an open record, and in what the two differ."""
        self._connection.execute(_MATCH, (row.number,))
        self._connection.executemany(_DIFFER, ((row.number, json.dumps(cells)) for cells in differences))

    def close(self, row: FoundRow, record: ListedRecord) -> None:
        """Note a closed record of a row's account; the newest one counts."""
        since = format_time(record.state_since)
        self._connection.execute(_CLOSE, (str(record.record_id), record.state.value, since, row.number))

    def unmatched(self) -> Iterator[UnmatchedRow]:
        """Yield the rows whose accounts have no open record, in the order of the export."""
        for number, label, verdict, detail, word, record_id, state, since in self._connection.execute(_UNMATCHED):
            closed = None if record_id is None else (str(UUID(record_id)), state, since)
            yield UnmatchedRow(number=number, label=label, verdict=verdict, detail=detail, word=word, closed=closed)

    def differences(self) -> Iterator[tuple[str, ...]]:
        """Yield the noted differences in the order of the export."""
        for (cells,) in self._connection.execute(_DIFFERENCES):
            yield tuple(json.loads(cells))


@contextmanager
def open_book(folder: Path) -> Iterator[AccountBook]:
    """Open an empty book in a folder that is made for it and removed with it; the caller holds a lock on its name."""
    shutil.rmtree(folder, ignore_errors=True)
    make_folder(folder)
    try:
        with closing(sqlite3.connect(folder / "accounts.db", isolation_level=None)) as connection:
            connection.executescript(_TABLES)
            connection.execute("BEGIN")
            yield AccountBook(connection)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
