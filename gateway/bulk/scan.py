"""Scan all rows of an export before the first is sent: numbers, accounts named twice, records taken out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gateway.bulk.damaged_numbers import DamagedNumbers
from gateway.bulk.export import RawRow
from gateway.bulk.other_persons import OtherPersons
from gateway.bulk.row_digests import RowDigests
from gateway.bulk.row_values import LocalVerdict, ReadRow, RefusedHere, Reportable
from gateway.bulk.rows import RowReader
from gateway.bulk.rows_file import RowEntry
from gateway.bulk.unchanged import Since
from protocol.codes import Verdict
from protocol.listing import not_listable


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A row that may contradict an open record, or a refused row that may be about one."""

    row: int
    references: tuple[bytes, ...] = field(repr=False)
    refused: bool
    takes_out: bool
    """Its category is not listable, nothing is owed, or the debtor was a minor; and it says when the debt was due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The facts that only the rows of one file together show."""

    numbers: DamagedNumbers
    repeated: tuple[int, ...]
    """Rows whose account an earlier row names with other figures."""
    candidates: tuple[Candidate, ...]
    persons: OtherPersons
    """The persons that the rows name for their accounts."""
    nameless: int
    """Rows whose account cannot be read."""


def scan(
    rows: Iterable[RawRow],
    reader: RowReader,
    positions: Mapping[str, int],
    *,
    digests: RowDigests,
    since: Since | None = None,
) -> Findings:
    """Read every row once. Each account takes some hundred bytes: digests of it, its first row, its person.

    A row that is unchanged since the last run is known by its digest: that run read it, and kept what is asked here.
    """
    look = _Look(reader, positions["document_number"], digests, since)
    for row in rows:
        look.at(row)
    return look.findings()


class _Look:
    """The facts so far, row by row."""

    def __init__(self, reader: RowReader, document_at: int, digests: RowDigests, since: Since | None) -> None:
        self._reader = reader
        self._document_at = document_at
        self._digests = digests
        self._since = since
        self._numbers, self._persons, self._said = DamagedNumbers(), OtherPersons(), dict[int, int]()
        self._repeated: list[int] = []
        self._candidates: list[Candidate] = []
        self._nameless = 0

    def at(self, row: RawRow) -> None:
        """Look at the next row."""
        unchanged = None if self._since is None else self._since.unchanged(row)
        if unchanged is not None and row.cells is not None:
            self._unchanged(row, row.cells, unchanged.entry)
            return
        read = self._reader.read(row)
        if row.cells is None or isinstance(read, LocalVerdict):
            self._nameless += 1
            return
        see_numbers(self._numbers, read, row.cells[self._document_at])
        if self._since is not None:
            self._since.last.see_account(read.account.reference)
        said = self._digests.of_facts(read) if isinstance(read, Reportable) else self._digests.of_cells(row.cells)
        if self._contradicts(read.account.reference, said):
            self._repeated.append(row.number)
            return
        if isinstance(read, Reportable):
            self._persons.see(read)
        if (candidate := _candidate(row.number, read)) is not None:
            self._candidates.append(candidate)

    def findings(self) -> Findings:
        """Return all facts."""
        return Findings(
            numbers=self._numbers,
            repeated=tuple(self._repeated),
            candidates=tuple(self._candidates),
            persons=self._persons,
            nameless=self._nameless,
        )

    def _unchanged(self, row: RawRow, cells: list[str], entry: RowEntry) -> None:
        account = self._reader.account(row)
        self._numbers.see_account(account.number)
        self._numbers.see_document(cells[self._document_at], valid=True)
        if self._since is not None:
            self._since.last.see_account(entry.account)
        if self._contradicts(entry.account, entry.facts):
            self._repeated.append(row.number)
            return
        self._persons.note(account, (entry.person, entry.former_person), self._reader.due_date(cells))

    def _contradicts(self, reference: bytes, said: bytes) -> bool:
        """Tell whether an earlier row of the account differs; a refused row is compared by its cells."""
        facts = int.from_bytes(said, "big")
        return self._said.setdefault(_digest(reference), facts) != facts


def _digest(reference: bytes) -> int:
    """Shorten a reference, which is a keyed digest already, to a number."""
    return int.from_bytes(reference[:8], "big")


def see_numbers(numbers: DamagedNumbers, read: RefusedHere | Reportable, document: str) -> None:
    """Count the numbers of a row."""
    numbers.see_account(read.account.number)
    verdict = None if isinstance(read, Reportable) else read.verdict
    if verdict is not Verdict.REJ_MALFORMED_ROW:  # then the document was not read
        numbers.see_document(document, valid=verdict is not Verdict.REJ_INVALID_DOCUMENT)


def _candidate(row: int, read: ReadRow) -> Candidate | None:
    if isinstance(read, Reportable):
        if not_listable(read.draft.keywords["category"]) is None:
            return None
        return Candidate(row=row, references=_references(read), refused=False, takes_out=True)
    if isinstance(read, RefusedHere):
        takes_out = read.against is not None and read.due_date is not None
        return Candidate(row=row, references=_references(read), refused=True, takes_out=takes_out)
    return None


def _references(read: RefusedHere | Reportable) -> tuple[bytes, ...]:
    account = read.account
    return (account.reference,) if account.former_reference is None else (account.reference, account.former_reference)
