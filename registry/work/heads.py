"""Stores the published checkpoints outside the database, in a folder with one signed note for each year.

A restore of the database does not restore this folder, so that the registry notices a tree without its newest leaves
before it signs. A file is replaced whole and is on the disk before its checkpoint is published.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from crypto.errors import TlogRefused
from crypto.tlog.checkpoint import Checkpoint, open_checkpoint
from registry.domain.log_faults import HeadFileRefused
from registry.usecases.context import LogIdentity
from serving.files import locked, make_folder, read_bounded, settle_folder, write_durably

_MOST_BYTES: Final = 4096
_YEAR: Final = "[0-9][0-9][0-9][0-9]"


class HeldHead:
    """The published checkpoint of one year, under the lock that keeps other processes from replacing it."""

    __slots__ = ("_log", "_path", "_year")

    def __init__(self, path: Path, year: int, log: LogIdentity) -> None:
        self._path = path
        self._year = year
        self._log = log

    def read(self) -> Checkpoint | None:
        """Read the checkpoint that was published last, or None. Raises HeadFileRefused, or OSError."""
        raw = read_bounded(self._path, _MOST_BYTES)
        return None if raw is None else _opened(self._log, self._year, raw)

    def write(self, note: bytes) -> None:
        """Store a newer head: when this returns, it is on the disk. Raises HeadFileRefused, or OSError.

        After a crash before the rename the old head stands, and the new one was not published. After a power cut behind
        the rename either may stand, and both are true: publication comes later.
        """
        new, old = _opened(self._log, self._year, note), self.read()
        if read_bounded(self._path, _MOST_BYTES) == note:
            # The process that wrote it may have died before it synced the folder.
            settle_folder(self._path.parent)
            return
        if old is not None and new.size < old.size:
            raise HeadFileRefused("head-file-backwards", "a published head is not replaced by a smaller one")
        if old is not None and new.size == old.size and new.root != old.root:
            raise HeadFileRefused("head-file-backwards", "a published head has another root")
        write_durably(self._path, note)


class LogHeads:
    """The folder of all years; `held` makes it at the first use, for its owner only."""

    def __init__(self, folder: Path, log: LogIdentity) -> None:
        self._folder = folder
        self._log = log

    @contextmanager
    def held(self, year: int) -> Iterator[HeldHead]:
        """Lock one year's head for one thread of one process; the kernel releases the lock of a dead process."""
        make_folder(self._folder)
        with locked(self._folder / f"{year:04d}.lock"):
            yield HeldHead(self._folder / f"{year:04d}", year, self._log)

    def believed(self) -> dict[int, bytes]:
        """Return this log's notes by year, without the lock; the integrator raises alarms for refused notes."""
        with suppress(OSError):
            return {year: raw for year, raw in self.peek().items() if self._is_own(year, raw)}
        return {}

    def peek(self) -> dict[int, bytes]:
        """Return the notes by year, unlocked and unverified: enough to see whether there is work."""
        found = ((int(path.name), read_bounded(path, _MOST_BYTES)) for path in sorted(self._folder.glob(_YEAR)))
        return {year: raw for year, raw in found if raw is not None}

    def _is_own(self, year: int, raw: bytes) -> bool:
        try:
            _opened(self._log, year, raw)
        except HeadFileRefused:
            return False
        return True


def _opened(log: LogIdentity, year: int, raw: bytes) -> Checkpoint:
    """Read a checkpoint that this log signed, with or without witnesses; refuse any other."""
    if len(raw) > _MOST_BYTES:
        raise HeadFileRefused("head-file-malformed", "a published head is too long")
    try:
        return open_checkpoint(raw, origin=log.origin(year), log_keys=[log.key(year)]).checkpoint
    except TlogRefused as refused:
        raise HeadFileRefused("head-file-malformed", f"a published head is refused: {refused.code}") from None
