"""Attest how the customers of a file pay, chunk by chunk, so that a run can be killed at any moment and resumed.

A chunk is named by its content, the output and the day: sent again it gets its verdicts again. Into another output, or
on another day, the same file is judged anew: a consent may have been withdrawn since.
"""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final

from client.resources.attestations import attest
from gateway.bulk.damaged_numbers import DamagedNumbers
from gateway.bulk.export import CheckedFile, Export, RawRow
from gateway.bulk.file_guards import NOTHING_KNOWN, Consent, refuse_damaged
from gateway.bulk.file_run import PartSummary, open_run
from gateway.bulk.pipeline import chunks
from gateway.bulk.progress import Progress, Run, digest_of, locked
from gateway.bulk.reporter import OnProgress
from gateway.bulk.standing_rows import FaultyStanding, StandingReader, ToldStanding, layout_of
from gateway.bulk.standing_verdicts import HEADER, faulty_line, told_line
from gateway.bulk.verdict_rows import csv_lines
from gateway.tools import Tools
from protocol.encodings import canonical_json
from protocol.messages.attestations import AttestationRow, AttestationRowVerdict
from protocol.wire.codec import write

_LINES: Final = "attestations/1"
"""Names the form of the sent rows: a release that sends another form begins a run of its own."""
_CHUNK_ROWS: Final = 500
"""As many as the registry commits together."""
_LEFT_OUT: Final = "LEFT_OUT"
_VERDICT: Final = HEADER.index("verdict")
_ATT: Final = ("ATT_", "REJ_")
"""Each code of a row that is not attested begins so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestSummary(PartSummary):
    """The result of a run: ``left_out`` rows have fewer months than the shortest band, or none."""

    @property
    def all_refused(self) -> bool:
        """Tell whether there were rows and none was attested."""
        return self.rows > 0 and all(code.startswith(_ATT) for code in self.verdicts)


def attest_file(
    tools: Tools,
    *,
    source: Path,
    output: Path,
    today: dt.date,
    restart: bool = False,
    consent: Consent = NOTHING_KNOWN,
    on_progress: OnProgress | None = None,
) -> AttestSummary:
    """Attest what ``source`` says and write ``output``, a line for each attested row; the same call again resumes.

    The whole file is read before the first row is sent: raises FileBroken, or FileSuspicious for damaged numbers.
    """
    with locked(output):
        opened = open_run(tools, source, layout_of(source), output, restart=restart)
        export, checked, incarnation = opened.export, opened.checked, opened.incarnation
        name = digest_of(str(output.resolve()), today.isoformat(), checked.digest)
        work = _Work(tools, export, checked, name, folder=source.parent, today=today)
        if opened.earlier is None or not opened.earlier.finished:
            work.look(source, consent)
        run = Run(output, digest_of(tools.target.digest(), checked.digest, str(work.size), _LINES))
        begun = progress = run.begin(csv_lines([HEADER]), restart=restart, incarnation=incarnation)
        if not begun.finished:
            progress = run.finish(work.send(run, begun, on_progress or _nobody))
        return opened.summary(AttestSummary, begun, progress, left_out=_LEFT_OUT)


class _Work:
    """One run over one checked file."""

    def __init__(
        self, tools: Tools, export: Export, checked: CheckedFile, name: str, *, folder: Path, today: dt.date
    ) -> None:
        self._tools = tools
        self._export = export
        self._checked = checked
        self._name = name
        self._reader = StandingReader(checked.positions, tools, folder=folder, today=today)
        self.size = min(tools.chunk_rows, _CHUNK_ROWS)

    def look(self, source: Path, consent: Consent) -> None:
        """Read every row before the first is sent."""
        numbers = DamagedNumbers()
        for row in self._export.rows(self._checked):
            read, document = self._reader.read(row), self._reader.document_of(row)
            if isinstance(read, ToldStanding):
                numbers.see_account(read.account_number)
            if read is not None and document is not None:
                is_valid = not isinstance(read, FaultyStanding) or read.field != "document_number"
                numbers.see_document(document, valid=is_valid)
        refuse_damaged(source, numbers, consent, accounts_declared=self._tools.accounts.declared)

    def send(self, run: Run, progress: Progress, on_progress: OnProgress) -> Progress:
        """Send every row, in order: of two on one account the later one has to come last."""
        on_progress(progress.rows_done, self._checked.rows)
        rows = islice(self._export.rows(self._checked), progress.rows_done, None)
        for chunk in chunks(rows, self.size):
            lines = self._judge(progress, chunk)
            counts = Counter(progress.verdicts)
            counts.update(each[_VERDICT] for each in lines)
            counts[_LEFT_OUT] += len(chunk) - len(lines)
            done = replace(
                progress,
                chunks_done=progress.chunks_done + 1,
                rows_done=progress.rows_done + len(chunk),
                verdicts=dict(+counts),
            )
            progress = run.append(done, csv_lines(lines))
            on_progress(progress.rows_done, self._checked.rows)
        return progress

    def _judge(self, progress: Progress, chunk: Sequence[RawRow]) -> list[tuple[str, ...]]:
        """Send what a chunk attests, and return its lines; rows without a band have none."""
        read = [(row, each) for row in chunk if (each := self._reader.read(row)) is not None]
        told = [(row, each) for row, each in read if isinstance(each, ToldStanding)]
        judged = {each.row_id: each for each in self._attest(progress, told)} if told else {}
        return [
            faulty_line(row.number, row.label, each)
            if isinstance(each, FaultyStanding)
            else told_line(row.number, row.label, judged[str(row.number)])
            for row, each in read
        ]

    def _attest(
        self, progress: Progress, told: Sequence[tuple[RawRow, ToldStanding]]
    ) -> Sequence[AttestationRowVerdict]:
        tokens = self._tools.tokeniser.tokens([each.inputs for _, each in told])
        rows = [
            AttestationRow(
                row_id=str(row.number),
                tokens=named,
                account_ref=each.account_ref,
                band=int(each.band),
                as_of=each.as_of,
                consent=each.consent,
            )
            for (row, each), named in zip(told, tokens, strict=True)
        ]
        content = hashlib.sha256(b"".join(canonical_json(write(each)) + b"\n" for each in rows))
        key = digest_of(self._name, str(progress.chunks_done), content.hexdigest())
        # The stream of verdicts is not signed. So the request names the incarnation, and a refusal is signed.
        return attest(self._tools.registry.under(progress.incarnation), key, rows)


def _nobody(_done: int, _total: int) -> None:
    """Ignore progress."""
