"""Scan all rows of an export before the first is sent: numbers, accounts named twice, records taken out."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gateway.bulk.damaged_numbers import DamagedNumbers
from gateway.bulk.export import RawRow
from gateway.bulk.other_persons import OtherPersons
from gateway.bulk.row_values import LocalVerdict, ReadRow, RefusedHere, Reportable
from gateway.bulk.rows import RowReader
from protocol.codes import Verdict
from protocol.listing import not_listable

_NO_FIGURES = frozenset({"row_id", "account_ref", "former_account_ref", "evidence", "person_ref"})


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


def scan(rows: Iterable[RawRow], reader: RowReader, positions: Mapping[str, int]) -> Findings:
    """Read every row once. Each account takes some hundred bytes: digests of it, its first row, its person."""
    numbers, known, persons = DamagedNumbers(), _Known(positions), OtherPersons()
    repeated: list[int] = []
    candidates: list[Candidate] = []
    for row in rows:
        read = reader.read(row)
        if row.cells is None or isinstance(read, LocalVerdict):
            continue
        _see(numbers, read, row.cells[positions["document_number"]])
        if known.contradicts(read, row.cells):
            repeated.append(row.number)
            continue
        if isinstance(read, Reportable):
            persons.see(read)
        if (candidate := _candidate(row.number, read)) is not None:
            candidates.append(candidate)
    return Findings(numbers=numbers, repeated=tuple(repeated), candidates=tuple(candidates), persons=persons)


class _Known:
    """The first row of each account, as a digest of 16 bytes."""

    def __init__(self, positions: Mapping[str, int]) -> None:
        self._places = sorted(place for name, place in positions.items() if name != "account")
        self._said: dict[int, int] = {}

    def contradicts(self, read: RefusedHere | Reportable, cells: list[str]) -> bool:
        """Tell whether an earlier row of the account differs; a refused row is compared by its cells."""
        said = _digest(_facts(read) if isinstance(read, Reportable) else [cells[each].strip() for each in self._places])
        return self._said.setdefault(_digest(read.account.reference), said) != said


def _facts(read: Reportable) -> list[object]:
    """Collect the facts that would be reported, however the cells spell them."""
    figures = {name: value for name, value in read.draft.keywords.items() if name not in _NO_FIGURES}
    return [read.inputs.present(), read.inputs.household_address, sorted(figures.items())]


def _digest(value: object) -> int:
    raw = value if isinstance(value, bytes) else repr(value).encode("utf-8", "backslashreplace")
    return int.from_bytes(hashlib.blake2b(raw, digest_size=8).digest(), "big")


def _see(numbers: DamagedNumbers, read: RefusedHere | Reportable, document: str) -> None:
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
