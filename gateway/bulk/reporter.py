"""Send the rows of one report chunk by chunk, each durable with its verdicts before the next one goes."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Final, TypeAlias

from client.errors import RegistryRefused
from client.resources import records
from gateway.bulk.evidence import EvidenceFolder, keep
from gateway.bulk.export import CheckedFile, Export, RawRow
from gateway.bulk.mapping import FileMapping
from gateway.bulk.other_persons import person_digest
from gateway.bulk.pipeline import chunks, in_order
from gateway.bulk.progress import Progress, Run, digest_of
from gateway.bulk.row_digests import RowDigests
from gateway.bulk.row_values import LINES, LocalVerdict, ReadRow, RefusedHere, Reportable
from gateway.bulk.rows import RowReader
from gateway.bulk.rows_file import NOTHING, RowEntry, RowsFile, is_open
from gateway.bulk.run_plan import RunPlan, key_under, rest_key
from gateway.bulk.unchanged import Since, Unchanged, confirm_rows, verdict_on
from gateway.bulk.verdict_rows import HEADER, csv_lines, verdict_of, verdict_row, width_of
from gateway.tools import Tools
from protocol.codes import Verdict
from protocol.incarnation import FIRST
from protocol.listing import not_listable
from protocol.messages.confirmations import UnchangedAnswer
from protocol.messages.records import RecordReport, RefusedRow, RowVerdict
from protocol.problems import Problem
from protocol.states import RecordState

OnProgress = Callable[[int, int], None]
"""Called with (rows done, rows in all)."""
ChunkRow: TypeAlias = ReadRow | Unchanged
_NO_PERSON: Final = bytes(8)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedFile:
    """An export that was checked, under its mapping."""

    tools: Tools
    path: Path
    mapping: FileMapping
    export: Export
    checked: CheckedFile
    evidence: EvidenceFolder | None
    digests: RowDigests
    since: Since | None
    today: dt.date

    def digest(self) -> str:
        """Digest all that decides the sent rows, except for the open records: it names the run."""
        stamps = [] if self.evidence is None else [self.evidence.stamp()]
        if self.since is not None:
            stamps.append(f"since {self.since.last.stamp()}")
        rows = str(self.tools.chunk_rows)
        target = self.tools.target.digest()
        return digest_of(target, self.checked.digest, self.mapping.digest, rows, LINES, *stamps)

    def reader(self, *, only_look: bool = False) -> RowReader:
        """Make a reader of the rows; with ``only_look`` documents are not read."""
        return RowReader(
            self.mapping,
            self.checked.positions,
            accounts=self.tools.accounts,
            rules=self.tools.registry.rules().listing,
            today=self.today,
            evidence=self.evidence,
            only_look=only_look,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chunk:
    """A chunk with its tokens: each row as it was read, with the report of a row that the registry will judge."""

    rows: Sequence[tuple[ChunkRow, RecordReport | RefusedRow | None]] = field(repr=False)
    raw: Sequence[RawRow] = field(repr=False)
    elements: int
    answers: Mapping[str, UnchangedAnswer] = field(repr=False)
    """The registry's answers about confirmed rows, by row id."""

    @property
    def unchanged(self) -> list[Unchanged]:
        """The rows that are the last run's."""
        return [row for row, _ in self.rows if isinstance(row, Unchanged)]

    @property
    def reports(self) -> list[RecordReport | RefusedRow]:
        """The rows for the registry, in their order."""
        return [report for _, report in self.rows if report is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """The verdicts of a chunk by row id, and today's state of the records of confirmed rows."""

    chunk: _Chunk
    verdicts: Mapping[str, RowVerdict]
    states: Mapping[str, RecordState]


class Reporter:
    """One run over one checked file."""

    def __init__(self, file: ReportedFile, plan: RunPlan, book: Path, rows_file: RowsFile) -> None:
        self._tools = file.tools
        self._file = file
        self._plan = plan
        self._reader = file.reader()
        self._book = book
        self._rows_file = rows_file
        self._columns = file.mapping.columns
        self._width = len(HEADER)
        self._incarnation = FIRST

    def run(self, run: Run, progress: Progress, on_progress: OnProgress) -> Progress:
        """Compute tokens of the next chunks while the registry commits the present one.

        Chunks arrive strictly in order: of two equal rows the first must arrive first.
        """
        tools, checked = self._tools, self._file.checked
        self._width = width_of(run.partial)
        self._rows_file.begin(progress.rows_done)
        self._incarnation = progress.incarnation
        numbered = enumerate(chunks(self._file.export.rows(checked), tools.chunk_rows))
        pieces = islice(numbered, progress.chunks_done, None)
        on_progress(progress.rows_done, checked.rows)
        with ThreadPoolExecutor(tools.parallel_chunks, thread_name_prefix="blind") as threads:
            for chunk in in_order(self._prepare, pieces, threads=threads, depth=tools.parallel_chunks):
                progress = self._commit(run, progress, chunk)
                on_progress(progress.rows_done, checked.rows)
        return progress

    def _prepare(self, piece: tuple[int, Sequence[RawRow]]) -> _Chunk:
        """Read the rows of a chunk, confirm the unchanged ones, and compute the others' tokens.

        Confirmations may come before the batches of earlier chunks. Rows of a file touch one record only if they name
        one account, and of these only the first is sent unless they are equal.
        """
        number, raw = piece
        read = [self._read(row) for row in raw]
        unchanged = [row for row in read if isinstance(row, Unchanged)]
        answers: Mapping[str, UnchangedAnswer] = {}
        if unchanged and self._confirms():
            registry = self._tools.registry.under(self._incarnation)
            answers = confirm_rows(registry, self._plan.batch_key(number), unchanged)
        rows, elements = self._with_tokens(read)
        return _Chunk(rows=rows, raw=raw, elements=elements, answers=answers)

    def _with_tokens(
        self, read: Sequence[ChunkRow]
    ) -> tuple[list[tuple[ChunkRow, RecordReport | RefusedRow | None]], int]:
        subjects = [each.inputs for each in read if isinstance(each, Reportable)]
        tokens = iter(self._tools.tokeniser.tokens(subjects) if subjects else ())
        rows: list[tuple[ChunkRow, RecordReport | RefusedRow | None]] = []
        for each in read:
            if isinstance(each, Reportable):
                rows.append((each, each.draft(tokens=next(tokens))))
            else:
                rows.append((each, each.to_refused_row() if isinstance(each, RefusedHere) else None))
        return rows, len({element for subject in subjects for element in subject.present()})

    def _read(self, row: RawRow) -> ChunkRow:
        if row.number in self._plan.passed_over:
            return LocalVerdict(
                label=row.label,
                row_id=str(row.number),
                verdict=Verdict.REJ_ACCOUNT_REPEATED,
                detail="account:REPEATED",
            )
        since = self._file.since
        unchanged = None if since is None else since.unchanged(row)
        return self._read_in_full(row) if unchanged is None else unchanged

    def _read_in_full(self, row: RawRow) -> ReadRow:
        read = self._reader.read(row)
        return read.local() if isinstance(read, RefusedHere) and row.number not in self._plan.told else read

    def _commit(self, run: Run, progress: Progress, prepared: _Chunk) -> Progress:
        judged = self._judge(progress, prepared)
        chunk, verdicts = judged.chunk, judged.verdicts
        # A run that an earlier release began keeps the columns of its header.
        lines = csv_lines(
            verdict_row(row, verdicts, self._columns, judged.states)[: self._width] for row, _ in chunk.rows
        )
        counts = Counter(progress.verdicts)
        counts.update(verdict_of(row, verdicts).value for row, _ in chunk.rows)
        done = replace(
            progress,
            chunks_done=progress.chunks_done + 1,
            rows_done=progress.rows_done + len(chunk.rows),
            elements=progress.elements + chunk.elements,
            verdicts=dict(counts),
            confirmed=progress.confirmed + len(judged.states),
        )
        self._rows_file.append(b"".join(self._entries(chunk, verdicts)))
        return run.append(done, lines)

    def _judge(self, progress: Progress, chunk: _Chunk) -> _Judged:
        """Take the confirmed rows' answers, and have the others judged, with those that did change at the registry.

        If we die before the chunk's progress is written, the registry repeats its answers under the chunk's names.
        """
        key = self._plan.batch_key(progress.chunks_done)
        verdicts: dict[str, RowVerdict] = {}
        states: dict[str, RecordState] = {}
        unchanged, confirms = chunk.unchanged, self._confirms()
        for row in unchanged if confirms else ():
            answer = chunk.answers.get(row.row_id)
            if answer is not None and answer.state is not None:
                verdicts[row.row_id], states[row.row_id] = verdict_on(row, answer), answer.state
        if len(states) < len(unchanged):
            chunk = self._read_again(chunk, {row.row_id for row in unchanged} - states.keys())
        # Write the book first, so that promised documents can be shown after a crash at any point.
        keep(self._book, (each for row, _ in chunk.rows if isinstance(row, Reportable) for each in row.promised))
        reports = chunk.reports
        if reports:
            sent = self._send(progress, rest_key(key) if confirms else key, reports)
            verdicts.update({verdict.row_id: verdict for verdict in sent})
        return _Judged(chunk=chunk, verdicts=verdicts, states=states)

    def _confirms(self) -> bool:
        """Tell whether unchanged rows may be confirmed; once the rules change while the run goes on, none is."""
        since = self._file.since
        return since is not None and since.in_full is None and since.rules == self._tools.registry.rules().version

    def _read_again(self, chunk: _Chunk, changed: set[str]) -> _Chunk:
        """Replace unchanged rows, whose records did change, by the rows in full."""
        read = [self._read_in_full(row.raw) for row in chunk.unchanged if row.row_id in changed]
        rows, elements = self._with_tokens(read)
        fresh = {row.row_id: (row, report) for row, report in rows}
        merged = [fresh.get(row.row_id, (row, report)) for row, report in chunk.rows]
        return replace(chunk, rows=merged, elements=chunk.elements + elements)

    def _entries(self, chunk: _Chunk, verdicts: Mapping[str, RowVerdict]) -> Iterable[bytes]:
        for raw, (row, _) in zip(chunk.raw, chunk.rows, strict=True):
            if isinstance(row, Unchanged):
                yield row.entry._replace(verdict=Verdict.DUPLICATE, version=verdicts[row.row_id].version or 0).packed()
            elif isinstance(row, Reportable) and is_open(verdicts[row.row_id].verdict):
                yield self._entry(raw, row, verdicts[row.row_id]).packed()
            else:
                yield NOTHING

    def _entry(self, raw: RawRow, row: Reportable, told: RowVerdict) -> RowEntry:
        digests = self._file.digests
        persons = [*map(person_digest, row.person_refs), _NO_PERSON]
        return RowEntry(
            row=digests.of_row(raw) or b"",
            account=row.account.reference,
            record=b"" if told.record_id is None else told.record_id.bytes,
            version=told.version or 0,
            verdict=told.verdict,
            register=row.inputs.register_state,
            address=row.inputs.address_state,
            notes=told.notes,
            comparable=not_listable(row.draft.keywords["category"]) is None,
            facts=digests.of_facts(row),
            person=persons[0],
            former_person=persons[1],
        )

    def _send(self, progress: Progress, key: str, reports: Sequence[RecordReport | RefusedRow]) -> Sequence[RowVerdict]:
        """Send a chunk and return its verdicts; a registry that was restored since the run began refuses it."""
        # The stream of verdicts is not signed. So the request names the incarnation, and a refusal is signed.
        registry = self._tools.registry.under(progress.incarnation)
        try:
            return records.report_batch(registry, key, reports)
        except RegistryRefused as refused:
            if not progress.was_sent_before or refused.problem != Problem.IDEMPOTENCY_KEY_REUSED.value.name:
                raise
            # The backup has this chunk with other rows, judged on an earlier day under other rules: send it anew.
            return records.report_batch(registry, key_under(key, progress.incarnation), reports)
