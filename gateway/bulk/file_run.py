"""Open a run over one file under the lock of its output, and sum it up: the same whatever its rows are about."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from client.incarnations import refuse_fall
from gateway.bulk.export import CheckedFile, Export
from gateway.bulk.mapping import FileMapping
from gateway.bulk.progress import Progress, read_progress
from gateway.bulk.summary import RunSummary
from gateway.tools import Tools
from protocol.incarnation import FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class PartSummary(RunSummary):
    """The result of a run that passes over rows: ``left_out`` counts those of which nothing is said."""

    left_out: int


_S = TypeVar("_S", bound=PartSummary)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRun:
    """A run over a file that was read to its end; ``earlier`` is the progress of the run before it."""

    tools: Tools = field(repr=False)
    export: Export
    checked: CheckedFile
    incarnation: int
    earlier: Progress | None
    started: float

    @property
    def sends_again(self) -> bool:
        """Tell whether the registry was restored since the rows were sent."""
        return self.earlier is not None and self.earlier.incarnation < self.incarnation

    def summary(
        self, kind: type[_S], begun: Progress, progress: Progress, *, left_out: str, aside: Collection[str] = ()
    ) -> _S:
        """Sum the run up; rows are counted under ``left_out`` and under the codes ``aside`` that are no verdicts."""
        passed_over = progress.verdicts.get(left_out, 0)
        return kind(
            rows=progress.rows_done - passed_over,
            left_out=passed_over,
            verdicts={code: progress.verdicts[code] for code in sorted(progress.verdicts.keys() - {left_out, *aside})},
            seconds=self.tools.monotonic() - self.started,
            resumed_from_row=begun.rows_done,
            sent_again=self.sends_again,
        )


def open_run(tools: Tools, source: Path, layout: FileMapping, output: Path, *, restart: bool) -> FileRun:
    """Read the whole file before anything of it is sent; hold the lock of ``output`` before.

    Raises FileBroken for a file that is none, and IncarnationWentBack.
    """
    started, export = tools.monotonic(), Export(source, layout)
    checked, incarnation = export.check(), tools.registry.ask_incarnation()
    earlier = None if restart else read_progress(output)
    refuse_fall(FIRST if earlier is None else earlier.incarnation, incarnation)
    return FileRun(
        tools=tools, export=export, checked=checked, incarnation=incarnation, earlier=earlier, started=started
    )
