"""Report a file of outcomes, chunk by chunk, so that a run can be killed at any moment and resumed.

A chunk is named by its content: sent again it gets its verdicts again, and if a plan had to change meanwhile, its rows
are the same reports by their nature (order, part, revision, content), which the registry takes once.

A revision that comes before its predecessor is refused as an edge; such rows are sent again at the end, round after
round, as long as a round gets any of them through.
"""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final

from client.resources.activations import report_activations
from gateway.bulk.export import CheckedFile, Export, RawRow
from gateway.bulk.file_run import PartSummary, open_run
from gateway.bulk.outcome_rows import (
    HEADER,
    MALFORMED,
    ORDER_UNKNOWN,
    Round,
    early_rows,
    final_lines,
    local_line,
    rounds_of,
    told_line,
    verdict_in,
)
from gateway.bulk.outcomes import FaultyRow, layout_of, read_row
from gateway.bulk.pipeline import chunks
from gateway.bulk.progress import Progress, Run, digest_of, locked, partial_of
from gateway.bulk.reporter import OnProgress
from gateway.bulk.verdict_rows import csv_lines
from gateway.counter.activations import Activator, ToldOutcome, report_of
from gateway.errors import ApplicationInvalid
from gateway.orders.values import Plan, Wish
from gateway.tools import Tools
from protocol.activations import ActivationVerdict
from protocol.encodings import canonical_json
from protocol.messages.activations import ActivationReport, ActivationRowVerdict
from protocol.wire.codec import write
from serving.files import begin_file, settle

_LINES: Final = "outcomes/1"
"""Names the form of the sent rows: a release that sends another form begins a run of its own."""
_CHUNK_ROWS: Final = 500
"""As many as the registry commits together."""
_LEFT_OUT: Final = "LEFT_OUT"
_Line = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationSummary(PartSummary):
    """The result of a run: ``rows`` have an outcome, ``left_out`` have none."""


def activate_file(
    tools: Tools,
    activator: Activator,
    *,
    source: Path,
    output: Path,
    restart: bool = False,
    on_progress: OnProgress | None = None,
) -> ActivationSummary:
    """Report ``source`` and write ``output``, a line for each row with an outcome; the same call again resumes.

    Raises FileBroken for a file that is none, before anything is sent, and OrdersUnusable.
    """
    with locked(output):
        opened = open_run(tools, source, layout_of(source), output, restart=restart)
        export, checked, incarnation = opened.export, opened.checked, opened.incarnation
        run = Run(output, digest_of(tools.target.digest(), checked.digest, str(chunk_size(tools)), _LINES))
        begun = progress = run.begin(csv_lines([HEADER]), restart=restart, incarnation=incarnation)
        if not begun.finished:
            work = _Work(tools, activator, export, checked, output)
            progress = work.finish(run, work.send_again(run, work.send(run, begun, on_progress or _nobody)))
        return opened.summary(ActivationSummary, begun, progress, left_out=_LEFT_OUT)


def chunk_size(tools: Tools) -> int:
    """Return how many rows of the file go into one request."""
    return min(tools.chunk_rows, _CHUNK_ROWS)


class _Work:
    """One run over one checked file."""

    def __init__(self, tools: Tools, activator: Activator, export: Export, checked: CheckedFile, output: Path) -> None:
        self._tools = tools
        self._activator = activator
        self._export = export
        self._checked = checked
        self._output = output
        self._partial = partial_of(output)
        self._size = chunk_size(tools)

    def send(self, run: Run, progress: Progress, on_progress: OnProgress) -> Progress:
        """Send every row with an outcome, in order: of two revisions the earlier one has to arrive first."""
        on_progress(progress.rows_done, self._checked.rows)
        rows = islice(self._export.rows(self._checked), progress.rows_done, None)
        for chunk in chunks(rows, self._size):
            lines = self._judge(progress, chunk)
            counts = Counter(progress.verdicts)
            counts.update(map(verdict_in, lines))
            counts[_LEFT_OUT] += len(chunk) - len(lines)
            progress = self._append(run, progress, lines, counts, rows=len(chunk))
            on_progress(progress.rows_done, self._checked.rows)
        return progress

    def send_again(self, run: Run, progress: Progress) -> Progress:
        """Send the rows again that came before their predecessor, as long as that gets any of them through."""
        while (rest := _rest_of(rounds_of(self._partial))) is not None:
            before, done = rest
            for chunk in chunks(islice(self._rows(early_rows(self._partial, before)), done, None), self._size):
                lines = self._judge(progress, chunk)
                counts = Counter(progress.verdicts)
                counts[ActivationVerdict.REJ_EDGE.value] -= len(lines)
                counts.update(map(verdict_in, lines))
                progress = self._append(run, progress, lines, +counts, rows=0)
        return progress

    def finish(self, run: Run, progress: Progress) -> Progress:
        """Put the output in place, with one line a row."""
        rounds = rounds_of(self._partial)
        if len(rounds) <= 1:
            return run.finish(progress)
        made = self._output.with_name(self._output.name + ".made")
        with begin_file(made) as file:
            file.write(csv_lines([HEADER]))
            for piece in chunks(final_lines(self._partial, rounds), self._size):
                file.write(_as_they_are(piece))
            settle(file)
        return run.finish(progress, made)

    def _append(
        self, run: Run, progress: Progress, lines: Sequence[_Line], counts: Counter[str], *, rows: int
    ) -> Progress:
        done = replace(
            progress,
            chunks_done=progress.chunks_done + 1,
            rows_done=progress.rows_done + rows,
            verdicts=dict(counts),
        )
        return run.append(done, csv_lines(lines))

    def _rows(self, numbers: Iterator[int]) -> Iterator[RawRow]:
        """Find rows of the file by their numbers, which go up."""
        wanted = next(numbers, None)
        for row in self._export.rows(self._checked):
            if row.number == wanted:
                yield row
                wanted = next(numbers, None)

    def _judge(self, progress: Progress, chunk: Sequence[RawRow]) -> list[_Line]:
        """Send what a chunk says of outcomes, and return its lines; rows without an outcome have none."""
        read = [(row, self._read(row)) for row in chunk]
        wishes = [each for _, each in read if isinstance(each, Wish)]
        plans = iter(self._activator.plan(wishes) if wishes else ())
        planned = [(row, next(plans) if isinstance(each, Wish) else each) for row, each in read]
        reports = [
            report_of(each, str(row.number)) for row, each in planned if isinstance(each, Plan) and each.can_be_sent
        ]
        judged = {each.row_id: each for each in self._report(progress, reports)} if reports else {}
        self._activator.note(
            [(each, judged[str(row.number)]) for row, each in planned if isinstance(each, Plan) and each.can_be_sent]
        )
        return [line for row, each in planned if (line := _line(row, each, judged)) is not None]

    def _read(self, row: RawRow) -> Wish | FaultyRow | None:
        told = read_row(row, self._checked.positions, self._tools.context)
        if not isinstance(told, ToldOutcome):
            return told
        try:
            return self._activator.wish(told)
        except ApplicationInvalid as invalid:
            return FaultyRow(detail=f"{invalid.field}:{invalid.code}")

    def _report(self, progress: Progress, reports: Sequence[ActivationReport]) -> Sequence[ActivationRowVerdict]:
        content = hashlib.sha256()
        for each in reports:
            content.update(canonical_json(write(each)) + b"\n")
        key = digest_of(self._checked.digest, str(progress.chunks_done), content.hexdigest())
        # The stream of verdicts is not signed. So the request names the incarnation, and a refusal is signed.
        return report_activations(self._tools.registry.under(progress.incarnation), key, reports)


def _rest_of(rounds: Sequence[Round]) -> tuple[Round, int] | None:
    """Tell which round's early rows are to be sent again, and how many of them were; None where nothing is left to try.

    A round that got none of its rows through is the last.
    """
    if not rounds:
        return None
    if len(rounds) > 1 and rounds[-1].lines < rounds[-2].early:
        return rounds[-2], rounds[-1].lines
    is_of_use = len(rounds) == 1 or rounds[-1].early < rounds[-2].early
    return (rounds[-1], 0) if rounds[-1].early and is_of_use else None


def _line(row: RawRow, each: Plan | FaultyRow | None, judged: dict[str, ActivationRowVerdict]) -> _Line | None:
    if each is None:
        return None
    if isinstance(each, FaultyRow):
        return local_line(row.number, row.label, MALFORMED, each.detail)
    told = judged.get(str(row.number))
    return (
        local_line(row.number, row.label, ORDER_UNKNOWN)
        if told is None
        else told_line(row.number, row.label, each, told)
    )


def _nobody(_done: int, _total: int) -> None:
    """Ignore progress."""


def _as_they_are(lines: Iterable[Sequence[str]]) -> bytes:
    """Write lines whose cells were made safe before."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue().encode("utf-8")
