"""Book the rows of an export by their accounts: the facts of each, or the reason why the gateway would not list it."""

import datetime as dt
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, Final

from gateway.bulk.account_book import AccountBook, BookedRow, Facts
from gateway.bulk.damaged_numbers import DamagedNumbers
from gateway.bulk.export import CheckedFile, RawRow
from gateway.bulk.row_digests import RowDigests
from gateway.bulk.row_values import LocalVerdict, RefusedHere, Reportable
from gateway.bulk.rows import RowReader
from gateway.bulk.scan import see_numbers
from gateway.identity.accounts import Account
from protocol.codes import Verdict
from protocol.listing import DebtFacts, first_failing_rule
from protocol.messages.records import ListedRecord
from protocol.messages.rules import ListingRules

FACTS: Final = {
    "principal": "principal_fen",
    "costs": "costs_fen",
    "due_date": "due_date",
    "category": "category",
    "service_class": "service_class",
    "notice_date": "notice_date",
}
"""The compared facts of a debt in the order of the tables, each with its member of reports and records."""
_STEP: Final = 1_000
_JUDGED: Final = ("principal_fen", "due_date", "suspended_on", "ended_on", "notice_date", "category", "debtor_of_age")

OnProgress = Callable[[int, int], None]
"""Called with (rows read, rows in all)."""


class Booking:
    """Books the rows of one checked file; ``rules`` are the registry's published ones, ``today`` the Beijing date."""

    def __init__(
        self,
        book: AccountBook,
        reader: RowReader,
        checked: CheckedFile,
        *,
        digests: RowDigests,
        rules: ListingRules,
        today: dt.date,
    ) -> None:
        self._book = book
        self._reader = reader
        self._checked = checked
        self._digests = digests
        self._rules = rules
        self._today = today
        self._numbers = DamagedNumbers()

    def book(self, rows: Iterable[RawRow], on_progress: OnProgress) -> DamagedNumbers:
        """Book each row, and return what was seen of the numbers."""
        on_progress(0, self._checked.rows)
        for row in rows:
            booked = self._booked(row)
            if booked is not None:
                self._book.note(booked)
            if row.number % _STEP == 0 or row.number == self._checked.rows:
                on_progress(row.number, self._checked.rows)
        return self._numbers

    def _booked(self, row: RawRow) -> BookedRow | None:
        """Read a row; None for one that says the same as an earlier row of its account."""
        read = self._reader.read(row)
        if isinstance(read, LocalVerdict):
            return _left_out(row, read.verdict, read.detail)
        cells = row.cells or []
        see_numbers(self._numbers, read, cells[self._checked.positions["document_number"]])
        said = self._digests.of_facts(read) if isinstance(read, Reportable) else self._digests.of_cells(cells)
        earlier = self._book.said_of(read.account.reference)
        if earlier is None:
            return self._first(row, read, said)
        return None if earlier == said else _left_out(row, Verdict.REJ_ACCOUNT_REPEATED, "account:REPEATED")

    def _first(self, row: RawRow, read: RefusedHere | Reportable, said: bytes) -> BookedRow:
        references = _references(read.account)
        if isinstance(read, RefusedHere):
            return BookedRow(
                number=row.number,
                label=row.label,
                said=said,
                verdict=read.verdict.value,
                detail=read.detail,
                word=read.word,
                references=tuple((each, None) for each in references),
            )
        figures = read.draft.keywords
        failing = first_failing_rule(_debt(figures, self._today), self._rules)
        return BookedRow(
            number=row.number,
            label=row.label,
            said=said,
            facts=facts_of_row(figures),
            verdict="" if failing is None else failing.value,
            references=tuple(zip(references, read.person_refs, strict=True)),
        )


def facts_of_row(figures: dict[str, Any]) -> Facts:
    """Write the compared facts of a row, from the figures that would be reported."""
    return {name: _text(figures[member]) for name, member in FACTS.items()}


def facts_of_record(record: ListedRecord) -> Facts:
    """Write the same facts of a record, as the registry lists it."""
    return {name: _text(getattr(record, member)) for name, member in FACTS.items()}


def in_yuan(fen: int) -> str:
    """Write fen as an export has it: yuan with two decimals, and nothing between the thousands."""
    return f"{fen // 100}.{fen % 100:02d}"


def _text(value: int | dt.date | StrEnum | None) -> str:
    if value is None:
        return ""
    if isinstance(value, StrEnum):
        return value.value
    return in_yuan(value) if isinstance(value, int) else value.isoformat()


def _left_out(row: RawRow, verdict: Verdict, detail: str) -> BookedRow:
    """Book a row that no account leads to: its account cannot be read, or an earlier row has it."""
    return BookedRow(number=row.number, label=row.label, verdict=verdict.value, detail=detail)


def _references(account: Account) -> tuple[bytes, ...]:
    former = account.former_reference
    return (account.reference,) if former is None else (account.reference, former)


def _debt(figures: dict[str, Any], today: dt.date) -> DebtFacts:
    return DebtFacts(today=today, **{name: figures[name] for name in _JUDGED})
