"""Report a whole export, chunk by chunk, so that a run can be killed at any moment and resumed."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from client.errors import RegistryRefused
from client.incarnations import refuse_fall
from client.resources import records
from gateway.bulk.evidence import EvidenceFolder, keep
from gateway.bulk.export import CheckedFile, Export, RawRow
from gateway.bulk.file_guards import NOTHING_KNOWN, Consent, refuse_damaged, told_rows
from gateway.bulk.mapping import FileMapping
from gateway.bulk.pipeline import chunks, in_order
from gateway.bulk.progress import Progress, Run, digest_of, locked, read_progress, withdrawal_of
from gateway.bulk.rejected import write_rejected
from gateway.bulk.row_values import LocalVerdict, ReadRow, RefusedHere, Reportable
from gateway.bulk.rows import RowReader
from gateway.bulk.run_plan import RunPlan, key_under, plan_of, read_plan, write_plan
from gateway.bulk.scan import scan
from gateway.bulk.verdict_rows import HEADER, csv_lines, verdict_of, verdict_row, width_of
from gateway.errors import OutputOfAnotherInput
from gateway.tools import Tools
from protocol.codes import Verdict
from protocol.incarnation import FIRST
from protocol.messages.records import RecordReport, RefusedRow, RowVerdict
from protocol.problems import Problem

OnProgress = Callable[[int, int], None]
"""Called with (rows done, rows in all)."""
_LINES = "rows/3"
"""Names the form of the sent lines: a release that sends another form begins a run of its own."""
_REFUSED = "REJ_"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSummary:
    """The result of a run: ``verdicts`` counts rows by code, ``elements`` evaluated elements, in ``seconds``."""

    rows: int
    verdicts: dict[str, int]
    elements: int
    seconds: float
    resumed_from_row: int
    """Rows that an earlier, interrupted run had done already; 0 for a run from the start."""
    sent_again: bool = False
    """The registry was restored since the rows were sent, so that each was sent once more."""

    @property
    def all_refused(self) -> bool:
        """Tell whether the file has rows and each was refused: then nothing was reported."""
        return self.rows > 0 and all(code.startswith(_REFUSED) for code in self.verdicts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chunk:
    """A chunk with its tokens: the rows that the gateway judged, and those that the registry will judge."""

    read: Sequence[ReadRow] = field(repr=False)
    reports: Sequence[RecordReport | RefusedRow] = field(repr=False)
    elements: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """An export that was checked, under its mapping."""

    tools: Tools
    path: Path
    mapping: FileMapping
    export: Export
    checked: CheckedFile
    evidence: EvidenceFolder | None
    today: dt.date

    def digest(self) -> str:
        """Digest all that decides the sent rows, except for the open records: it names the run."""
        stamp = () if self.evidence is None else (self.evidence.stamp(),)
        rows = str(self.tools.chunk_rows)
        return digest_of(self.tools.target, self.checked.digest, self.mapping.digest, rows, _LINES, *stamp)

    def reader(self, *, only_look: bool = False) -> RowReader:
        return RowReader(
            self.mapping,
            self.checked.positions,
            accounts=self.tools.accounts,
            rules=self.tools.registry.rules().listing,
            today=self.today,
            evidence=self.evidence,
            only_look=only_look,
        )


def report_file(
    tools: Tools,
    *,
    source: Path,
    mapping: FileMapping,
    output: Path,
    today: dt.date,
    only_rejected: Path | None = None,
    restart: bool = False,
    consent: Consent = NOTHING_KNOWN,
    on_progress: OnProgress | None = None,
) -> ReportSummary:
    """Report ``source`` and write ``output``, a line a row in order; the same call again resumes.

    The rows that were rejected go to ``only_rejected`` as they stand in ``source``.
    Raises FileSuspicious, before anything is sent, for a file that no right export looks like.
    """
    with locked(output):
        if read_progress(withdrawal_of(output)) is not None:
            what = "what this run reported was taken back; report the corrected file under another --out"
            raise OutputOfAnotherInput(f"{output}: {what}")
        started = tools.monotonic()
        export = Export(source, mapping)
        file = _File(
            tools=tools,
            path=source,
            mapping=mapping,
            export=export,
            checked=export.check(),
            evidence=_evidence(tools, source, mapping),
            today=today,
        )
        incarnation = tools.registry.ask_incarnation()
        earlier = None if restart else read_progress(output)
        refuse_fall(FIRST if earlier is None else earlier.incarnation, incarnation)
        plan = _plan(file, output, earlier, consent, restart=restart, incarnation=incarnation)
        run = Run(output, plan.run)
        begun = progress = run.begin(csv_lines([HEADER]), restart=restart, incarnation=incarnation)
        if not begun.finished:
            reporter = _Reporter(file, plan, book_of(output))
            progress = run.finish(reporter.run(run, begun, on_progress or _nobody))
        if only_rejected is not None:
            write_rejected(export, file.checked, output, only_rejected)
        return ReportSummary(
            rows=progress.rows_done,
            verdicts=dict(sorted(progress.verdicts.items())),
            elements=progress.elements - begun.elements,
            seconds=tools.monotonic() - started,
            resumed_from_row=begun.rows_done,
            sent_again=earlier is not None and earlier.incarnation < incarnation,
        )


def _plan(
    file: _File, output: Path, begun: Progress | None, consent: Consent, *, restart: bool, incarnation: int
) -> RunPlan:
    """Load the plan of a run that goes on, or make one by scanning the file; it is on the disk before anything is sent.

    A run that has sent something scanned its file at its start: records that it took out are not counted again. After
    a restore alone the file is scanned once more: other records may be open then, and the run reports
    their rows too.
    """
    name = file.digest()
    is_again = begun is not None and begun.run == name and begun.incarnation < incarnation
    if not restart and not is_again and (begun is not None or output.exists()):
        return _kept_plan(output, begun, RunPlan(run=name, chunk_rows=file.tools.chunk_rows))
    findings = scan(file.export.rows(file.checked), file.reader(only_look=True), file.checked.positions)
    refuse_damaged(file.path, findings.numbers, consent, accounts_declared=file.tools.accounts.declared)
    told = told_rows(file.path, file.tools.registry, findings, consent)
    plan = RunPlan(run=name, chunk_rows=file.tools.chunk_rows, refused=told, repeated=findings.repeated)
    earlier = read_plan(output) if is_again else None
    if earlier is not None and earlier.run == name:
        plan = plan.also_told(earlier)
    write_plan(output, plan)
    return plan


def _kept_plan(output: Path, begun: Progress | None, empty: RunPlan) -> RunPlan:
    """Load the plan of a begun run; an empty one for a finished run, or for another one, which ``Run`` refuses."""
    kept = read_plan(output)
    if begun is None or begun.run != empty.run:
        return empty
    if kept is not None and kept.run == empty.run:
        return kept
    if begun.finished:
        return empty
    raise OutputOfAnotherInput(f"{plan_of(output)}: is missing; --restart begins again")


class _Reporter:
    """One run over one checked file."""

    def __init__(self, file: _File, plan: RunPlan, book: Path) -> None:
        self._tools = file.tools
        self._file = file
        self._plan = plan
        self._reader = file.reader()
        self._book = book
        self._columns = file.mapping.columns
        self._width = len(HEADER)

    def run(self, run: Run, progress: Progress, on_progress: OnProgress) -> Progress:
        """Compute tokens of the next chunks while the registry commits the present one.

        Chunks arrive strictly in order: of two equal rows the first must arrive first.
        """
        tools, checked = self._tools, self._file.checked
        self._width = width_of(run.partial)
        pieces = islice(chunks(self._file.export.rows(checked), tools.chunk_rows), progress.chunks_done, None)
        on_progress(progress.rows_done, checked.rows)
        with ThreadPoolExecutor(tools.parallel_chunks, thread_name_prefix="blind") as threads:
            for chunk in in_order(self._prepare, pieces, threads=threads, depth=tools.parallel_chunks):
                progress = self._commit(run, progress, chunk)
                on_progress(progress.rows_done, checked.rows)
        return progress

    def _prepare(self, rows: Sequence[RawRow]) -> _Chunk:
        read = [self._read(row) for row in rows]
        subjects = [each.inputs for each in read if isinstance(each, Reportable)]
        tokens = iter(self._tools.tokeniser.tokens(subjects))
        reports = [
            each.draft(tokens=next(tokens)) if isinstance(each, Reportable) else each.to_refused_row()
            for each in read
            if not isinstance(each, LocalVerdict)
        ]
        elements = len({element for subject in subjects for element in subject.present()})
        return _Chunk(read=read, reports=reports, elements=elements)

    def _read(self, row: RawRow) -> ReadRow:
        if row.number in self._plan.passed_over:
            return LocalVerdict(
                label=row.label,
                row_id=str(row.number),
                verdict=Verdict.REJ_ACCOUNT_REPEATED,
                detail="account:REPEATED",
            )
        read = self._reader.read(row)
        return read.local() if isinstance(read, RefusedHere) and row.number not in self._plan.told else read

    def _commit(self, run: Run, progress: Progress, chunk: _Chunk) -> Progress:
        # If we die before the chunk's progress is written, the registry repeats its answer under this key.
        key = self._plan.batch_key(progress.chunks_done)
        # Write the book first, so that promised documents can be shown after a crash at any point.
        keep(self._book, (each for row in chunk.read if isinstance(row, Reportable) for each in row.promised))
        judged = self._send(progress, key, chunk.reports) if chunk.reports else []
        by_row = {each.row_id: each for each in judged}
        # A run that an earlier release began keeps the columns of its header.
        lines = csv_lines(verdict_row(each, by_row, self._columns)[: self._width] for each in chunk.read)
        counts = Counter(progress.verdicts)
        counts.update(verdict_of(each, by_row).value for each in chunk.read)
        done = replace(
            progress,
            chunks_done=progress.chunks_done + 1,
            rows_done=progress.rows_done + len(chunk.read),
            elements=progress.elements + chunk.elements,
            verdicts=dict(counts),
        )
        return run.append(done, lines)

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


def book_of(output: Path) -> Path:
    """Return the path of a run's evidence book: salts and places of the documents that it promised."""
    return output.with_name(output.name + ".evidence")


def _evidence(tools: Tools, source: Path, mapping: FileMapping) -> EvidenceFolder | None:
    if mapping.evidence_folder is None:
        return None
    return EvidenceFolder(source.parent / mapping.evidence_folder, tools.account_key)


def _nobody(_done: int, _total: int) -> None:
    """Ignore progress."""
