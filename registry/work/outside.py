"""Reads the incarnation and the checkpoints that lie outside the database and are never restored with it."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from protocol.incarnation import read_incarnation
from registry.domain.incarnations import Outside
from registry.domain.log_faults import HeadFileRefused
from registry.work.heads import LogHeads
from serving.files import locked, read_bounded, write_durably

_MOST_BYTES: Final = 8


class IncarnationFile:
    """The file holds one number and a line feed: the largest incarnation that this machine has known."""

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> int | None:
        """Read the number; None if there is no file. Raises HeadFileRefused, or OSError."""
        raw = read_bounded(self._path, _MOST_BYTES)
        if raw is None:
            return None
        try:
            number = read_incarnation(raw.removesuffix(b"\n").decode("ascii"))
        except ValueError:
            raise HeadFileRefused("incarnation-malformed", f"{self._path}: holds no incarnation") from None
        return number

    def raise_to(self, number: int) -> None:
        """Write a number unless the file holds a larger one; when this returns, it is on the disk.

        Raises HeadFileRefused, or OSError.
        """
        with locked(self._path.with_name(self._path.name + ".lock")):
            known = self.read()
            if known is None or known < number:
                write_durably(self._path, f"{number}\n".encode("ascii"))

    def turn(self) -> AbstractContextManager[None]:
        """Hold the lock of declaring a restore, which one process of this machine has at a time; raises OSError."""
        return locked(self._path.with_name(self._path.name + ".turn"))

    def replace(self, number: int) -> None:
        """Overwrite the number, for a person who declares a restore. Raises OSError."""
        with locked(self._path.with_name(self._path.name + ".lock")):
            write_durably(self._path, f"{number}\n".encode("ascii"))


def look_outside(file: IncarnationFile, heads: LogHeads) -> Outside:
    """Read the present incarnation and heads. The integrator writes the number and reports an unreadable one."""
    try:
        number = file.read()
    except (HeadFileRefused, OSError):
        number = None
    return Outside(incarnation=number, heads=heads.believed())
