"""Compare an export with the carrier's own records at the registry: nothing is written there, no token is asked for.

Rows and records meet by the references of their accounts, present and former ones. The registry's list is no
snapshot: what changes while it is read is seen as before its change, or as after it.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from client.incarnations import Steady
from client.resources.records import every_own_record
from gateway.bulk.account_book import AccountBook, FoundRow, UnmatchedRow, open_book
from gateway.bulk.booking import FACTS, Booking, OnProgress, facts_of_record, in_yuan
from gateway.bulk.evidence import evidence_of
from gateway.bulk.export import CheckedFile, Export
from gateway.bulk.file_guards import NOTHING_KNOWN, Consent, refuse_damaged
from gateway.bulk.lists import Lists
from gateway.bulk.mapping import FileMapping
from gateway.bulk.progress import locked
from gateway.bulk.row_digests import RowDigests
from gateway.bulk.rows import RowReader
from gateway.bulk.verdict_rows import words_of
from gateway.errors import FileSuspicious
from gateway.tools import Tools
from protocol.codes import Verdict
from protocol.encodings import b64url_encode, format_time
from protocol.messages.records import ListedRecord
from protocol.states import OPEN_STATES

NO_ROWS: Final = "no-rows"
ONLY_OURS: Final = "only-ours.csv"
ONLY_THEIRS: Final = "only-theirs.csv"
DIFFERING: Final = "differing.csv"
CLOSED_THERE: Final = "closed-there.csv"
_ROW: Final = "row"
"""The fact of a row whose figures cannot be read, beside an open record."""
_PERSON: Final = "person"
"""The fact of a row that names another person than its record; who that is stays in the export."""
_HEADERS: Final = {
    ONLY_OURS: ("row", "account", "verdict", "field", "column", "code", "cause", "cause_zh", "word"),
    ONLY_THEIRS: ("account_ref", "record_id", "state", *FACTS, "paid", "received_at", "state_since"),
    DIFFERING: ("row", "account", "record_id", "state", "fact", "ours", "theirs", "paid"),
    CLOSED_THERE: ("row", "account", "record_id", "state", "since", "verdict"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileSummary:
    """The result: the rows, the open records and those that agree with a row, and the length of each list.

    ``differing`` counts records; its list has a line for each fact in which a record differs.
    """

    rows: int
    open_records: int
    agreeing: int
    only_ours: int
    only_theirs: int
    differing: int
    closed_there: int
    seconds: float


def reconcile_file(
    tools: Tools,
    *,
    source: Path,
    mapping: FileMapping,
    folder: Path,
    today: dt.date,
    consent: Consent = NOTHING_KNOWN,
    on_progress: OnProgress | None = None,
) -> ReconcileSummary:
    """Write the four lists into ``folder``.

    Raises FileBroken and FileSuspicious for the files that a report refuses, and for a file without a row.
    """
    with locked(folder):
        started = tools.monotonic()
        export = Export(source, mapping)
        checked = export.check()
        if checked.rows == 0:
            what = "the file has no row, so that each record would be only theirs; nothing was compared"
            raise FileSuspicious(source, NO_ROWS, what)
        rules = tools.registry.rules().listing
        steady = Steady(tools.registry)
        steady.check()
        evidence = evidence_of(source, mapping, tools.account_key)
        digests = RowDigests(tools.account_key, tools.accounts, checked.positions, evidence)
        reader = RowReader(
            mapping,
            checked.positions,
            accounts=tools.accounts,
            rules=rules,
            today=today,
            evidence=evidence,
            only_look=True,
        )
        with open_book(_book_of(folder)) as book, Lists(folder, _HEADERS) as lists:
            booking = Booking(book, reader, checked, digests=digests, rules=rules, today=today)
            numbers = booking.book(export.rows(checked), on_progress or _nobody)
            refuse_damaged(source, numbers, consent, accounts_declared=tools.accounts.declared)
            comparison = _Comparison(book, lists)
            comparison.see(every_own_record(tools.registry))
            steady.check()
            comparison.tell_rows(mapping)
            lists.finish()
        return comparison.summary(checked, tools.monotonic() - started)


class _Comparison:
    """One pass over the records, then one over the rows that none of them met."""

    def __init__(self, book: AccountBook, lists: Lists) -> None:
        self._book = book
        self._lists = lists
        self._open = self._agreeing = self._differing = 0
        self._only_ours = self._only_theirs = self._closed_there = 0

    def see(self, records: Iterable[ListedRecord]) -> None:
        """Look for the row of each record; an open record without any is only theirs."""
        self._lists.add(ONLY_THEIRS, self._unknown(records))

    def tell_rows(self, mapping: FileMapping) -> None:
        """Write what the rows show, in their order."""
        self._lists.add(DIFFERING, self._book.differences())
        for row in self._book.unmatched():
            if row.closed is None:
                self._only_ours += 1
                self._lists.add(ONLY_OURS, [_only_ours(row, mapping)])
            else:
                self._closed_there += 1
                self._lists.add(CLOSED_THERE, [(str(row.number), row.label, *row.closed, row.verdict)])

    def summary(self, checked: CheckedFile, seconds: float) -> ReconcileSummary:
        """Count what was found."""
        return ReconcileSummary(
            rows=checked.rows,
            open_records=self._open,
            agreeing=self._agreeing,
            only_ours=self._only_ours,
            only_theirs=self._only_theirs,
            differing=self._differing,
            closed_there=self._closed_there,
            seconds=seconds,
        )

    def _unknown(self, records: Iterable[ListedRecord]) -> Iterator[tuple[str, ...]]:
        """Yield the lines of open records that no row leads to, and note all others at their rows."""
        for record in records:
            row = self._book.find(record.account_ref)
            if record.state not in OPEN_STATES:
                if row is not None:
                    self._book.close(row, record)
                continue
            self._open += 1
            if row is None:
                self._only_theirs += 1
                yield _only_theirs(record)
                continue
            found = _differences(row, record)
            self._agreeing += not found
            self._differing += bool(found)
            place = (str(row.number), row.label, str(record.record_id), record.state.value)
            self._book.match(row, [(*place, *each, in_yuan(record.paid_fen)) for each in found])


def _differences(row: FoundRow, record: ListedRecord) -> list[tuple[str, str, str]]:
    """List the facts in which a row and its record differ, each with ours and theirs."""
    if row.facts is None:
        return [(_ROW, f"{row.verdict} {row.detail}", "")]
    theirs = facts_of_record(record)
    found = [(name, ours, theirs[name]) for name, ours in row.facts.items() if ours != theirs[name]]
    is_moved = record.person_ref is not None and row.person is not None and row.person != record.person_ref
    return [*found, (_PERSON, "", "")] if is_moved else found


def _only_ours(row: UnmatchedRow, mapping: FileMapping) -> tuple[str, ...]:
    words = words_of(Verdict(row.verdict), row.detail, mapping.columns) if row.verdict else ("",) * 5
    return (str(row.number), row.label, row.verdict, *words, row.word)


def _only_theirs(record: ListedRecord) -> tuple[str, ...]:
    return (
        b64url_encode(record.account_ref),
        str(record.record_id),
        record.state.value,
        *facts_of_record(record).values(),
        in_yuan(record.paid_fen),
        format_time(record.received_at),
        format_time(record.state_since),
    )


def _book_of(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.book")


def _nobody(_done: int, _total: int) -> None:
    """Ignore progress."""
