"""Settle a file of payments, chunk by chunk, so that a run can be killed at any moment and resumed.

Each payment has a name of its own, which follows from what it is. The registry repeats its answer under that name as
long as it keeps answers (`answer_days` of the rules): so a payment that another file names again settles nothing twice.
"""

import csv
import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final, TypeAlias
from uuid import UUID

from auditlog.receipt_book import Noted
from client.errors import RegistryRefused
from gateway.bulk.damaged_numbers import DamagedNumbers
from gateway.bulk.export import CheckedFile, Export, RawRow
from gateway.bulk.file_guards import NOTHING_KNOWN, Consent, refuse_damaged, refuse_forgotten
from gateway.bulk.file_run import PartSummary, open_run
from gateway.bulk.payment_rows import HEADER, REPEATED, Outcome, PaymentVerdict, faulty, line_of, refused
from gateway.bulk.payments import FaultyPayment, PaymentReader, ToldPayment, layout_of
from gateway.bulk.pipeline import chunks
from gateway.bulk.progress import Progress, Run, digest_of, locked
from gateway.bulk.rejected import write_chosen
from gateway.bulk.reporter import OnProgress
from gateway.bulk.summary import REFUSED
from gateway.bulk.verdict_rows import csv_lines
from gateway.counter.settlements import Settler
from gateway.tools import Tools
from protocol.messages.tokens import SubjectTokens
from protocol.problems import Problem

_LINES: Final = "payments/1"
"""Names the form of the sent rows: a release that sends another form begins a run of its own."""
_CHUNK_ROWS: Final = 100
_NAME_BYTES: Final = 16
_LEFT_OUT: Final = "LEFT_OUT"
_BAD_RECEIPTS: Final = "BAD_RECEIPTS"
_TRY_FORMER: Final = frozenset({Problem.NOT_FOUND.value.name, Problem.IDEMPOTENCY_KEY_REUSED.value.name})
_Read: TypeAlias = ToldPayment | FaultyPayment
Note: TypeAlias = Callable[[UUID], Noted | None]
"""Keeps the log's receipt of a settlement; None without a pinned log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleSummary(PartSummary):
    """The result of a run: ``rows`` have a payment, ``left_out`` have none."""

    bad_receipts: int = 0
    """Settlements that stand, and whose receipt of the log is invalid: somebody has to look at the registry."""


def settle_file(
    tools: Tools,
    settler: Settler,
    *,
    source: Path,
    output: Path,
    today: dt.date,
    note: Note,
    only_rejected: Path | None = None,
    restart: bool = False,
    consent: Consent = NOTHING_KNOWN,
    on_progress: OnProgress | None = None,
) -> SettleSummary:
    """Settle the payments of ``source`` and write ``output``, a line for each; the same call again resumes.

    The rows that were refused go to ``only_rejected`` as they stand in ``source``. The whole file is read before the
    first payment is sent: raises FileBroken, or FileSuspicious for damaged numbers and for payments of long ago.
    """
    with locked(output):
        opened = open_run(tools, source, layout_of(source), output, restart=restart)
        export, checked, incarnation = opened.export, opened.checked, opened.incarnation
        bound = replace(tools, registry=tools.registry.under(incarnation))
        work = _Work(bound, settler.over(bound), export, checked, today=today, note=note)
        if opened.earlier is None or not opened.earlier.finished or opened.sends_again:
            work.look(source, consent)
        run = Run(output, digest_of(tools.target.digest(), checked.digest, str(_CHUNK_ROWS), _LINES))
        begun = progress = run.begin(csv_lines([HEADER]), restart=restart, incarnation=incarnation)
        if not begun.finished:
            progress = run.finish(work.send(run, begun, on_progress or _nobody))
        if only_rejected is not None:
            wanted = _rejected_in(output)
            write_chosen(export, checked, only_rejected, lambda row: row.number in wanted)
        summed = opened.summary(SettleSummary, begun, progress, left_out=_LEFT_OUT, aside=(_BAD_RECEIPTS,))
        return replace(summed, bad_receipts=progress.verdicts.get(_BAD_RECEIPTS, 0))


class _Work:
    """One run over one checked file."""

    def __init__(
        self, tools: Tools, settler: Settler, export: Export, checked: CheckedFile, *, today: dt.date, note: Note
    ) -> None:
        self._tools = tools
        self._settler = settler
        self._export = export
        self._checked = checked
        self._note = note
        self._reader = PaymentReader(
            checked.positions, accounts=tools.accounts, account_key=tools.account_key, today=today
        )
        self._repeated: frozenset[int] = frozenset()

    def look(self, source: Path, consent: Consent) -> None:
        """Read every row before the first is sent; each payment takes some hundred bytes, by its name."""
        numbers, names, repeated, old = DamagedNumbers(), set[bytes](), set[int](), 0
        kept_days = self._tools.registry.rules().retention.answer_days
        oldest = self._tools.clock() - dt.timedelta(days=kept_days)
        for row in self._export.rows(self._checked):
            read = self._reader.read(row)
            if read is None:
                continue
            document = self._reader.document_of(row)
            if isinstance(read, FaultyPayment):
                if read.field == "document_number" and document is not None:
                    numbers.see_document(document, valid=False)
                continue
            if read.inputs is not None and document is not None:
                numbers.see_document(document, valid=True)
            numbers.see_account(read.account.number)
            name = bytes.fromhex(read.key)[:_NAME_BYTES]
            if name in names:
                repeated.add(row.number)
            names.add(name)
            old += read.payment.settled_at is not None and read.payment.settled_at < oldest
        refuse_damaged(source, numbers, consent, accounts_declared=self._tools.accounts.declared)
        refuse_forgotten(source, old, kept_days, consent)
        self._repeated = frozenset(repeated)

    def send(self, run: Run, progress: Progress, on_progress: OnProgress) -> Progress:
        """Send every payment; those of one account in the order of the file."""
        on_progress(progress.rows_done, self._checked.rows)
        rows = islice(self._export.rows(self._checked), progress.rows_done, None)
        with ThreadPoolExecutor(self._tools.parallel_chunks, thread_name_prefix="settle") as threads:
            for chunk in chunks(rows, _CHUNK_ROWS):
                read = [(row, each) for row in chunk if (each := self._read(row)) is not None]
                outcomes = self._outcomes(threads, [each for _, each in read])
                counts = Counter(progress.verdicts)
                counts.update(each.verdict.value for each in outcomes)
                counts[_LEFT_OUT] += len(chunk) - len(read)
                counts[_BAD_RECEIPTS] += sum(each.noted is not None and bool(each.noted.refused) for each in outcomes)
                done = replace(
                    progress,
                    chunks_done=progress.chunks_done + 1,
                    rows_done=progress.rows_done + len(chunk),
                    verdicts=dict(+counts),
                )
                lines = (line_of(row.number, row.label, each) for (row, _), each in zip(read, outcomes, strict=True))
                progress = run.append(done, csv_lines(lines))
                on_progress(progress.rows_done, self._checked.rows)
        return progress

    def _read(self, row: RawRow) -> _Read | None:
        read = self._reader.read(row)
        return REPEATED if row.number in self._repeated and isinstance(read, ToldPayment) else read

    def _outcomes(self, threads: ThreadPoolExecutor, read: Sequence[_Read]) -> list[Outcome]:
        """Settle the payments of a chunk; then keep the receipts, which the log has for all of them by then."""
        told = [each for each in read if isinstance(each, ToldPayment)]
        known = [each for each in told if each.inputs is not None]
        tokens = self._tools.tokeniser.tokens([each.inputs for each in known if each.inputs is not None])
        tokens_of = dict(zip((each.key for each in known), tokens, strict=True))
        by_account: dict[bytes, list[ToldPayment]] = {}
        for each in told:
            by_account.setdefault(each.account.reference, []).append(each)

        def settle(payments: Sequence[ToldPayment]) -> list[tuple[str, Outcome]]:
            return [(each.key, self._settle(each, tokens_of.get(each.key))) for each in payments]

        settled = dict(pair for pairs in threads.map(settle, by_account.values()) for pair in pairs)
        noted = dict(zip(settled, threads.map(self._noted, settled.values()), strict=True))
        return [faulty(each) if isinstance(each, FaultyPayment) else noted[each.key] for each in read]

    def _settle(self, told: ToldPayment, tokens: SubjectTokens | None) -> Outcome:
        """Report a payment under its account's reference, then under the former one.

        Both times under one name: whichever the registry took, it does not take the other.
        """
        account, found = told.account, list[Outcome]()
        for reference in (account.reference, account.former_reference):
            if reference is None:
                continue
            try:
                settled = self._settler.report(told.payment, reference, tokens, idempotency_key=told.key)
            except RegistryRefused as refusal:
                outcome = refused(refusal)
                if outcome is None:
                    raise
                if refusal.problem not in _TRY_FORMER:
                    return outcome
                found.append(outcome)
            else:
                return Outcome(verdict=PaymentVerdict.SETTLED, settled=settled)
        return next((each for each in found if not each.is_rejected), found[0])

    def _noted(self, outcome: Outcome) -> Outcome:
        settled = outcome.settled
        return outcome if settled is None else replace(outcome, noted=self._note(settled.settlement_id))


def _rejected_in(output: Path) -> frozenset[int]:
    """Find the rows that a finished run refused."""
    with output.open(encoding="utf-8", newline="") as file:
        lines = csv.DictReader(file)
        return frozenset(int(line["row"]) for line in lines if line["verdict"].startswith(REFUSED))


def _nobody(_done: int, _total: int) -> None:
    """Ignore progress."""
