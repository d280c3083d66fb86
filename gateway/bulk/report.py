"""Report a whole export, chunk by chunk, so that a run can be killed at any moment and resumed."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from client.incarnations import refuse_fall
from gateway.bulk.evidence import evidence_of
from gateway.bulk.export import Export
from gateway.bulk.file_guards import NOTHING_KNOWN, Consent, Told, refuse_damaged, told_rows
from gateway.bulk.last_run import open_last_run, why_in_full
from gateway.bulk.mapping import FileMapping
from gateway.bulk.missing import (
    find_missing,
    gone_records,
    read_missing,
    refuse_another_number,
    withdraw_missing,
    write_missing,
)
from gateway.bulk.open_records import OpenRecords
from gateway.bulk.progress import Progress, Run, locked, read_progress, withdrawal_of
from gateway.bulk.rejected import write_rejected
from gateway.bulk.reporter import OnProgress, ReportedFile, Reporter
from gateway.bulk.row_digests import RowDigests
from gateway.bulk.rows_file import RowsFile, header_for
from gateway.bulk.run_plan import RunPlan, plan_of, read_plan, write_plan
from gateway.bulk.scan import Findings, scan
from gateway.bulk.summary import RunSummary
from gateway.bulk.unchanged import Since
from gateway.bulk.verdict_rows import HEADER, csv_lines
from gateway.errors import OutputOfAnotherInput
from gateway.tools import Tools
from protocol.incarnation import FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The result of a run that followed another: rows that were the same, and accounts that are gone."""

    confirmed: int
    """Unchanged rows that were confirmed by their records."""
    in_full: str | None
    """Why every row was judged all the same."""
    missing: int
    """Accounts with an open record that the export does not have; ``OUT.missing`` lists them."""
    withdrawn: Mapping[str, int] = field(default_factory=dict)
    """The outcomes of ``--withdraw-missing``; HELD ones wait for a second key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSummary(RunSummary):
    """The result of a run; ``elements`` were evaluated for it."""

    elements: int
    comparison: Comparison | None = None
    """None for a run that followed no other."""


def report_file(
    tools: Tools,
    *,
    source: Path,
    mapping: FileMapping,
    output: Path,
    today: dt.date,
    since: Path | None = None,
    only_rejected: Path | None = None,
    restart: bool = False,
    consent: Consent = NOTHING_KNOWN,
    on_progress: OnProgress | None = None,
) -> ReportSummary:
    """Report ``source`` and write ``output``, a line a row in order; the same call again resumes.

    The rows that were rejected go to ``only_rejected`` as they stand in ``source``. Rows that are unchanged since the
    report behind ``since`` are confirmed; ``OUT.missing`` lists the accounts that are gone since then.
    Raises LastRunUnusable and FileSuspicious, before anything is sent, for a ``since`` that cannot be compared and
    for a file that no right export looks like.
    """
    with locked(output):
        if read_progress(withdrawal_of(output)) is not None:
            what = "what this run reported was taken back; report the corrected file under another --out"
            raise OutputOfAnotherInput(f"{output}: {what}")
        started = tools.monotonic()
        incarnation, file = _checked(tools, source, mapping, output, today=today, since=since)
        earlier = None if restart else read_progress(output)
        refuse_fall(FIRST if earlier is None else earlier.incarnation, incarnation)
        plan = _plan(file, output, earlier, consent, restart=restart, incarnation=incarnation)
        run = Run(output, plan.run)
        begun = progress = run.begin(csv_lines([HEADER]), restart=restart, incarnation=incarnation)
        if not begun.finished:
            progress = _send(file, plan, run, begun, output=output, on_progress=on_progress or _nobody)
        if only_rejected is not None:
            write_rejected(file.export, file.checked, output, only_rejected)
        comparison = None if file.since is None else _compare(file.since, tools, output, progress, consent)
        return ReportSummary(
            rows=progress.rows_done,
            verdicts=dict(sorted(progress.verdicts.items())),
            elements=progress.elements - begun.elements,
            seconds=tools.monotonic() - started,
            resumed_from_row=begun.rows_done,
            sent_again=earlier is not None and earlier.incarnation < incarnation,
            comparison=comparison,
        )


def _checked(
    tools: Tools, source: Path, mapping: FileMapping, output: Path, *, today: dt.date, since: Path | None
) -> tuple[int, ReportedFile]:
    """Check the file to its end, then the run that it follows, and ask for the registry's incarnation."""
    export = Export(source, mapping)
    checked = export.check()
    evidence = evidence_of(source, mapping, tools.account_key)
    digests = RowDigests(tools.account_key, tools.accounts, checked.positions, evidence)
    last = None
    if since is not None:
        last = open_last_run(
            since, output=output, target=tools.target, mapping=mapping.digest, account_key=tools.account_key
        )
    incarnation = tools.registry.ask_incarnation()
    compared = None
    if last is not None:
        rules = tools.registry.rules().version
        in_full = why_in_full(last, rules=rules, incarnation=incarnation)
        compared = Since(last=last, digests=digests, rules=rules, in_full=in_full)
    file = ReportedFile(
        tools=tools,
        path=source,
        mapping=mapping,
        export=export,
        checked=checked,
        evidence=evidence,
        digests=digests,
        since=compared,
        today=today,
    )
    return incarnation, file


def _send(
    file: ReportedFile, plan: RunPlan, run: Run, begun: Progress, *, output: Path, on_progress: OnProgress
) -> Progress:
    """Send the rows that are left, and put the output and its rows in place."""
    tools = file.tools
    header = header_for(
        tools.target,
        run=plan.run,
        mapping=file.mapping.digest,
        rules=tools.registry.rules().version,
        incarnation=begun.incarnation,
    )
    rows_file = RowsFile(output, header, tools.account_key)
    progress = Reporter(file, plan, book_of(output), rows_file).run(run, begun, on_progress)
    rows_file.finish(run.partial)
    return run.finish(progress)


def _compare(since: Since, tools: Tools, output: Path, progress: Progress, consent: Consent) -> Comparison:
    """Sum the comparison up, and withdraw the missing records where that was asked for."""
    withdrawn: Mapping[str, int] = {}
    if consent.withdraw_missing:
        withdrawn = withdraw_missing(tools.registry.under(progress.incarnation), output)
    return Comparison(
        confirmed=progress.confirmed,
        in_full=since.in_full,
        missing=len(read_missing(output)),
        withdrawn=withdrawn,
    )


def _plan(
    file: ReportedFile, output: Path, begun: Progress | None, consent: Consent, *, restart: bool, incarnation: int
) -> RunPlan:
    """Load the plan of a run that goes on, or make one by scanning the file; it is on the disk before anything is sent.

    A run that has sent something scanned its file at its start: records that it took out are not counted again. After
    a restore alone the file is scanned once more: other records may be open then, and the run reports
    their rows too.
    """
    name = file.digest()
    is_again = begun is not None and begun.run == name and begun.incarnation < incarnation
    if not restart and not is_again and (begun is not None or output.exists()):
        empty = RunPlan(run=name, chunk_rows=file.tools.chunk_rows)
        plan = _kept_plan(output, begun, empty)
        if begun is not None and begun.run == name and consent.withdraw_missing is not None:
            if not plan.follows:
                raise OutputOfAnotherInput(f"{plan_of(output)}: is missing; --restart begins again")
            refuse_another_number(file.path, consent.withdraw_missing, read_missing(output), plan)
        return plan
    findings, told = _look(file, consent)
    plan = RunPlan(
        run=name,
        chunk_rows=file.tools.chunk_rows,
        refused=told.refused,
        repeated=findings.repeated,
        nameless=findings.nameless,
        follows=file.since is not None,
    )
    if file.since is not None:
        missing = find_missing(file.since.last, told.still_open)
        refuse_another_number(file.path, consent.withdraw_missing, missing, plan)
        write_missing(output, missing)
    earlier = read_plan(output) if is_again else None
    if earlier is not None and earlier.run == name:
        plan = plan.also_told(earlier)
    write_plan(output, plan)
    return plan


def _look(file: ReportedFile, consent: Consent) -> tuple[Findings, Told]:
    """Scan the file, and compare it with the carrier's open records."""
    reader, rows = file.reader(only_look=True), file.export.rows(file.checked)
    # A run that follows another always asks for the records, so they are read while the file is.
    with OpenRecords(file.tools.registry, early=file.since is not None) as open_records:
        findings = scan(rows, reader, file.checked.positions, digests=file.digests, since=file.since)
        refuse_damaged(file.path, findings.numbers, consent, accounts_declared=file.tools.accounts.declared)
        gone = frozenset() if file.since is None else gone_records(file.since.last)
        registry = file.tools.registry
        told = told_rows(file.path, registry, findings, consent, open_records=open_records, wanted=gone)
    return findings, told


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


def book_of(output: Path) -> Path:
    """Return the path of a run's evidence book: salts and places of the documents that it promised."""
    return output.with_name(output.name + ".evidence")


def _nobody(_done: int, _total: int) -> None:
    """Ignore progress."""
