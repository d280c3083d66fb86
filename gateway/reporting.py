"""The bulk tool: reports a whole export, chunk by chunk, and can be killed at any moment and run again."""

import csv
import datetime as dt
import io
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Final

from gateway.errors import OutputOfAnotherInput
from gateway.evidence import EvidenceFolder, keep
from gateway.export import CheckedFile, Export, RawRow
from gateway.mapping import FileMapping
from gateway.pipeline import chunks, in_order
from gateway.progress import Progress, Run, batch_key, digest_of, locked, read_progress, withdrawal_of
from gateway.rows import LocalVerdict, Reportable, RowReader
from gateway.tools import Tools
from protocol.reports import RecordReport, RowVerdict

OnProgress = Callable[[int, int], None]
"""Called with (rows done, rows in all)."""
_HEADER: Final = ("account", "verdict", "record_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSummary:
    """What a run did: ``verdicts`` counts rows by code, ``elements`` what the custodians evaluated, in ``seconds``."""

    rows: int
    verdicts: dict[str, int]
    elements: int
    seconds: float
    resumed_from_row: int
    """Rows that an earlier, interrupted run had done already; 0 for a run from the start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chunk:
    """A chunk whose tokens are computed: what the gateway judged, and what the registry will."""

    read: Sequence[LocalVerdict | Reportable] = field(repr=False)
    reports: Sequence[RecordReport] = field(repr=False)
    elements: int


def report_file(
    tools: Tools,
    *,
    source: Path,
    mapping: FileMapping,
    output: Path,
    today: dt.date,
    restart: bool = False,
    on_progress: OnProgress | None = None,
) -> ReportSummary:
    """Report ``source`` and write ``output`` (account, verdict, record id), in order; the same call again resumes."""
    with locked(output):
        if read_progress(withdrawal_of(output)) is not None:
            what = "what this run reported was taken back; report the corrected file under another --out"
            raise OutputOfAnotherInput(f"{output}: {what}")
        started = tools.monotonic()
        export = Export(source, mapping)
        checked = export.check()
        evidence = _evidence(tools, source, mapping)
        stamp = () if evidence is None else (evidence.stamp(),)
        run_digest = digest_of(tools.target, checked.digest, mapping.digest, str(tools.chunk_rows), *stamp)
        run = Run(output, run_digest)
        begun = progress = run.begin(_csv_lines([_HEADER]), restart=restart)
        if not begun.finished:
            reader = RowReader(
                mapping,
                checked.positions,
                account_key=tools.account_key,
                rules=tools.registry.rules(),
                today=today,
                evidence=evidence,
            )
            reporter = _Reporter(tools, export, checked, reader, book_of(output))
            progress = reporter.run(run, begun, on_progress or _nobody)
            progress = run.finish(progress)
        return ReportSummary(
            rows=progress.rows_done,
            verdicts=dict(sorted(progress.verdicts.items())),
            elements=progress.elements - begun.elements,
            seconds=tools.monotonic() - started,
            resumed_from_row=begun.rows_done,
        )


class _Reporter:
    """One run over one checked file."""

    def __init__(self, tools: Tools, export: Export, checked: CheckedFile, reader: RowReader, book: Path) -> None:
        self._tools = tools
        self._export = export
        self._checked = checked
        self._reader = reader
        self._book = book

    def run(self, run: Run, progress: Progress, on_progress: OnProgress) -> Progress:
        """Compute tokens of the next chunks while the registry commits the present one.

        It gets them strictly in order: of two equal rows the first must arrive first.
        """
        tools = self._tools
        pieces = islice(chunks(self._export.rows(self._checked), tools.chunk_rows), progress.chunks_done, None)
        on_progress(progress.rows_done, self._checked.rows)
        with ThreadPoolExecutor(tools.parallel_chunks, thread_name_prefix="blind") as threads:
            for chunk in in_order(self._prepare, pieces, threads=threads, depth=tools.parallel_chunks):
                progress = self._commit(run, progress, chunk)
                on_progress(progress.rows_done, self._checked.rows)
        return progress

    def _prepare(self, rows: Sequence[RawRow]) -> _Chunk:
        read = [self._reader.read(row) for row in rows]
        reportable = [each for each in read if isinstance(each, Reportable)]
        subjects = [each.inputs for each in reportable]
        tokens = self._tools.tokeniser.tokens(subjects)
        reports = [each.draft(tokens=own) for each, own in zip(reportable, tokens, strict=True)]
        elements = len({element for subject in subjects for element in subject.present()})
        return _Chunk(read=read, reports=reports, elements=elements)

    def _commit(self, run: Run, progress: Progress, chunk: _Chunk) -> Progress:
        # If we die before the chunk's progress is written, the registry repeats its answer under this key.
        key = batch_key(progress.run, progress.chunks_done)
        # The book first: what is promised can be shown, whenever we die.
        keep(self._book, (each for row in chunk.read if isinstance(row, Reportable) for each in row.promised))
        judged = self._tools.registry.report_batch(key, chunk.reports) if chunk.reports else []
        by_row = {each.row_id: each for each in judged}
        verdicts = [_verdict(each, by_row) for each in chunk.read]
        lines = _csv_lines(
            (each.label, told.verdict.value, str(told.record_id or ""))
            for each, told in zip(chunk.read, verdicts, strict=True)
        )
        counts = Counter(progress.verdicts)
        counts.update(told.verdict.value for told in verdicts)
        done = replace(
            progress,
            chunks_done=progress.chunks_done + 1,
            rows_done=progress.rows_done + len(chunk.read),
            elements=progress.elements + chunk.elements,
            verdicts=dict(counts),
        )
        return run.append(done, lines)


def book_of(output: Path) -> Path:
    """The evidence book of a run: salts and places of the documents that it promised."""
    return output.with_name(output.name + ".evidence")


def _evidence(tools: Tools, source: Path, mapping: FileMapping) -> EvidenceFolder | None:
    if mapping.evidence_folder is None:
        return None
    return EvidenceFolder(source.parent / mapping.evidence_folder, tools.account_key)


def _verdict(read: LocalVerdict | Reportable, by_row: dict[str, RowVerdict]) -> LocalVerdict | RowVerdict:
    return read if isinstance(read, LocalVerdict) else by_row[read.row_id]


def _csv_lines(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8")


def _nobody(_done: int, _total: int) -> None:
    """Nobody watches."""
