"""Keep the progress of a run, so that it can resume: a small locked file of digests and counts beside the output."""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from client.incarnations import check_incarnations, refuse_fall
from gateway.errors import OutputBusy, OutputOfAnotherInput
from protocol import strict_json
from protocol.incarnation import FIRST
from serving.files import append_to, begin_file, make_folder, open_private, settle, settle_folder, write_durably

_MAX_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The progress of a run.

    ``run`` is the digest of everything that decides its result; ``output_bytes`` counts bytes of partial output that
    belong to finished chunks. ``incarnation`` is the registry's that the chunks were done under; a file from before it
    was kept has none, and means the first. ``begun_under`` is that of the very first attempt.
    """

    run: str
    chunks_done: int = 0
    rows_done: int = 0
    elements: int = 0
    output_bytes: int = 0
    verdicts: dict[str, int] = field(default_factory=dict)
    finished: bool = False
    incarnation: int = FIRST
    begun_under: int = FIRST
    batches_before: int = 0
    """Batches that were sent to earlier incarnations; the present one may have them even before they are sent again."""
    confirmed: int = 0
    """Rows that were unchanged since the last run, and were confirmed by their records."""

    @property
    def was_sent_before(self) -> bool:
        """Tell whether an earlier incarnation was sent the same, so that the present one may have a part of it."""
        return self.begun_under < self.incarnation

    @property
    def batches(self) -> int:
        """Count the batches that the registry may have: an interrupted run may have sent one more than it knows of."""
        return max(self.batches_before, self.chunks_done + (not self.finished))


class Run:
    """The files of one output: ``OUT.partial`` grows, ``OUT.progress`` counts, ``OUT`` appears at the end.

    A crash at any point leaves either the older or the newer progress, never half of one; the next run cuts off
    partial output beyond it.
    """

    def __init__(self, output: Path, run: str) -> None:
        self._output = output
        self._partial = partial_of(output)
        self._progress = _progress_of(output)
        self._run = run

    @property
    def partial(self) -> Path:
        """The path at which the output grows."""
        return self._partial

    def begin(self, header: bytes, *, restart: bool, incarnation: int = FIRST) -> Progress:
        """Load the progress to go on from and cut the partial output to it; ``restart`` forgets an earlier run.

        A run under an earlier incarnation of the registry begins anew: a restored registry may have none of it. Its
        output stays until the new one is finished. Raises IncarnationWentBack for a run under a later incarnation.
        """
        found = None if restart else read_progress(self._output)
        if found is None:
            if self._output.exists() and not restart:
                raise OutputOfAnotherInput(f"{self._output}: exists already; --restart replaces it")
            return self._begin(header, Progress(run=self._run, incarnation=incarnation, begun_under=incarnation))
        if found.run != self._run:
            what = "belongs to a run over another input, mapping, carrier or registry; --restart gives that run up"
            raise OutputOfAnotherInput(f"{self._output}: {what}")
        refuse_fall(found.incarnation, incarnation)
        if found.incarnation < incarnation:
            again = Progress(run=self._run, incarnation=incarnation, begun_under=found.begun_under)
            return self._begin(header, replace(again, batches_before=found.batches))
        if not found.finished:
            self._cut(found.output_bytes)
        return found

    def append(self, progress: Progress, lines: bytes) -> Progress:
        """Append a finished chunk: its lines are durable before the progress that counts them."""
        with append_to(self._partial) as file:
            file.write(lines)
            settle(file)
        return self._write(replace(progress, output_bytes=progress.output_bytes + len(lines)))

    def finish(self, progress: Progress, made: Path | None = None) -> Progress:
        """Put the output in place. The progress stays: the same command again has nothing left to do.

        ``made`` is the output where it is not the partial one itself, which stays until all is done: if we die before,
        the next run makes it again.
        """
        whole = made or self._partial
        if whole.exists():
            whole.replace(self._output)
            settle_folder(self._output.parent)
        done = self._write(replace(progress, finished=True))
        self._partial.unlink(missing_ok=True)
        return done

    def _begin(self, header: bytes, fresh: Progress) -> Progress:
        with begin_file(self._partial) as file:
            file.write(header)
            settle(file)
        return self._write(replace(fresh, output_bytes=len(header)))

    def _cut(self, length: int) -> None:
        # After a crash between the renaming of the output and the last progress there is no partial file any more.
        if not self._partial.exists():
            if self._output.exists() and self._output.stat().st_size == length:
                return
            raise OutputOfAnotherInput(f"{self._partial}: is missing; --restart begins again")
        with os.fdopen(open_private(self._partial), "r+b") as file:
            if os.fstat(file.fileno()).st_size < length:
                raise OutputOfAnotherInput(f"{self._partial}: is shorter than its progress; --restart begins again")
            file.truncate(length)
            settle(file)

    def _write(self, progress: Progress) -> Progress:
        document: dict[str, Any] = asdict(progress)
        write_durably(self._progress, json.dumps(document, indent=1, sort_keys=True).encode("ascii") + b"\n")
        return progress


def read_progress(output: Path) -> Progress | None:
    """Read the progress of the run that writes ``output``; None where there was none."""
    path = _progress_of(output)
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        found = Progress(**strict_json.load_object(raw, max_bytes=_MAX_BYTES))
        check_incarnations(found.begun_under, found.incarnation)
        return found
    except (strict_json.StrictJsonError, TypeError, ValueError):
        raise OutputOfAnotherInput(f"{path}: is no progress file; --restart begins again") from None


def partial_of(output: Path) -> Path:
    """Return the path at which an output grows until its run is finished."""
    return output.with_name(output.name + ".partial")


def withdrawal_of(output: Path) -> Path:
    """Return the path of the outcomes from taking back the report behind ``output``."""
    return output.with_name(output.name + ".withdrawn")


def batch_key(run: str, number: int) -> str:
    """Name a chunk of a run for ever: under this name the registry repeats its answer or takes the batch back."""
    return digest_of(run, str(number))


def digest_of(*parts: str) -> str:
    """Compute the SHA-256 over some texts, one a line, in hexadecimal."""
    return hashlib.sha256("\n".join(parts).encode("utf-8")).hexdigest()


@contextmanager
def locked(output: Path) -> Iterator[None]:
    """Let only one process write an output; the lock ends with the process."""
    make_folder(output.parent)
    descriptor = open_private(output.with_name(f".{output.name}.lock"))
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OutputBusy(f"{output}: another run is writing it") from None
        yield
    finally:
        os.close(descriptor)


def _progress_of(output: Path) -> Path:
    return output.with_name(output.name + ".progress")
