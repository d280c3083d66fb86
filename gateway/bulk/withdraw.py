"""Take back wrongly reported records: all that one report listed, or those that a file names.

``OUT.withdrawn`` has the outcome of each record. It grows and resumes after an interruption as the report's own output
does: the registry remembers the records that it took back, so that a repeated call takes nothing twice.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from uuid import UUID

from client.errors import RegistryRefused
from client.incarnations import Steady, refuse_fall
from client.registry import RegistryClient
from client.resources import records
from gateway.bulk.pipeline import chunks
from gateway.bulk.progress import Progress, Run, locked, partial_of, read_progress, withdrawal_of
from gateway.bulk.record_files import listed_records
from gateway.bulk.run_plan import RunPlan, key_under, read_plan
from gateway.errors import OutputOfAnotherInput
from protocol.codes import WithdrawalReason
from protocol.messages.limits import MAX_BATCH
from protocol.problems import Problem

OnProgress = Callable[[int, int], None]
"""Called with (steps done, steps in all); a step is a batch or up to 1,000 records."""
_WITHDRAWN: Final = "WITHDRAWN"
_CANCELLED: Final = "CANCELLED"
_UNSEEN: Final = "UNSEEN"
_HEADER: Final = b"record_id,outcome\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalSummary:
    """The outcomes of the records; ``left_alone`` counts by the state that a record had reached before."""

    records: int
    withdrawn: int
    cancelled: int
    """Withdrawn before their lead time was over: they never blocked."""
    left_alone: Mapping[str, int]
    only_repeated: int = 0
    """Records that the report only repeated or updated; an earlier one listed them, and may have been right."""
    unseen: int = 0
    """Taken back from a batch whose verdicts never reached the file, since the report was interrupted there."""
    sent_again: bool = False
    """The registry was restored since, so that each step was taken once more."""


def withdraw_records(
    registry: RegistryClient,
    record_ids: Sequence[UUID],
    reason: WithdrawalReason,
    on_progress: OnProgress,
    *,
    page_length: int = MAX_BATCH,
) -> WithdrawalSummary:
    """Take back these records, ``page_length`` a call; safe to repeat."""
    counts: Counter[str] = Counter()
    steady = Steady(registry)
    pages = list(chunks(record_ids, page_length))
    on_progress(0, len(pages))
    for number, page in enumerate(pages, start=1):
        counts.update(_withdraw_page(registry, page, reason).values())
        steady.check()
        on_progress(number, len(pages))
    return _summary(len(record_ids), counts)


def withdraw_report(
    registry: RegistryClient, *, output: Path, reason: WithdrawalReason, on_progress: OnProgress
) -> WithdrawalSummary:
    """Take back all that the report behind ``output`` listed; the same call again resumes, or returns the result again.

    First batch by batch, by the names that the report gave them, then record by record, which gives each outcome
    and takes back the records of forgotten batches: the registry keeps a batch's verdicts for some weeks only.
    """
    with locked(output):
        reported = read_progress(output)
        if reported is None:
            raise OutputOfAnotherInput(f"{output}: has no progress file beside it; `gateway withdraw` takes ids back")
        verdicts = output if reported.finished or not partial_of(output).exists() else partial_of(output)
        listed, only_repeated = listed_records(verdicts, length=reported.output_bytes)
        kept = read_plan(output)
        plan = (
            kept if kept is not None and kept.run == reported.run else RunPlan(run=reported.run, chunk_rows=MAX_BATCH)
        )
        incarnation = registry.ask_incarnation()
        refuse_fall(reported.incarnation, incarnation)
        withdrawal = _Withdrawal(registry.under(incarnation), plan, reported, listed, reason)
        before = read_progress(withdrawal_of(output))
        progress = withdrawal.run(Run(withdrawal_of(output), reported.run), incarnation, on_progress)
    counts = Counter(progress.verdicts)
    unseen = counts.pop(_UNSEEN, 0)
    again = before is not None and before.incarnation < incarnation
    summary = _summary(len(listed), counts)
    return replace(summary, only_repeated=only_repeated, unseen=unseen, sent_again=again)


class _Withdrawal:
    """The steps that take one report back, always in the same order."""

    def __init__(
        self,
        registry: RegistryClient,
        plan: RunPlan,
        reported: Progress,
        listed: Sequence[UUID],
        reason: WithdrawalReason,
    ) -> None:
        self._registry = registry
        self._plan = plan
        self._reported = reported
        self._reason = reason
        self._batches = reported.batches
        # A report that was sent again after a restore may have renamed a chunk.
        self._later = range(reported.begun_under + 1, reported.incarnation + 1)
        self._pages = list(chunks(listed, MAX_BATCH))

    def run(self, run: Run, incarnation: int, on_progress: OnProgress) -> Progress:
        """Resume the steps; after a restore of the registry start at the first, since it may have none of them."""
        progress = run.begin(_HEADER, restart=False, incarnation=incarnation)
        steps, steady = self._batches + len(self._pages), Steady(self._registry, incarnation)
        on_progress(progress.chunks_done, steps)
        while not progress.finished and progress.chunks_done < steps:
            outcomes, more = self._step(progress.chunks_done)
            steady.check()
            counts = Counter(progress.verdicts)
            counts.update(outcomes.values())
            counts[_UNSEEN] += more
            lines = "".join(f"{record_id},{outcome}\n" for record_id, outcome in outcomes.items())
            done = replace(
                progress,
                chunks_done=progress.chunks_done + 1,
                rows_done=progress.rows_done + len(outcomes),
                verdicts=dict(counts),
            )
            progress = run.append(done, lines.encode("ascii"))
            on_progress(progress.chunks_done, steps)
        return progress if progress.finished else run.finish(progress)

    def _step(self, number: int) -> tuple[Mapping[UUID, str], int]:
        """Run a step: return the outcomes by record, and the number of withdrawn records that no row names."""
        if number >= self._batches:
            return _withdraw_page(self._registry, self._pages[number - self._batches], self._reason), 0
        keys = self._plan.batch_keys(number)
        names = (*keys, *(key_under(key, each) for key in keys for each in self._later))
        withdrawn = sum(_withdraw_batch(self._registry, each, self._reason) for each in names)
        return {}, withdrawn if number >= self._reported.chunks_done else 0


def _withdraw_batch(registry: RegistryClient, key: str, reason: WithdrawalReason) -> int:
    """Withdraw a batch and count its records; 0 where the registry has no such batch, or no longer."""
    try:
        return records.withdraw_batch(registry, key, reason).withdrawn
    except RegistryRefused as refused:
        if refused.problem != Problem.NOT_FOUND.value.name:
            raise
        return 0


def _withdraw_page(registry: RegistryClient, ids: Sequence[UUID], reason: WithdrawalReason) -> dict[UUID, str]:
    return {each.record_id: each.outcome for each in records.withdraw_many(registry, ids, reason)}


def _summary(count: int, counts: Mapping[str, int]) -> WithdrawalSummary:
    return WithdrawalSummary(
        records=count,
        withdrawn=counts.get(_WITHDRAWN, 0),
        cancelled=counts.get(_CANCELLED, 0),
        left_alone={name: each for name, each in sorted(counts.items()) if name not in (_WITHDRAWN, _CANCELLED)},
    )
