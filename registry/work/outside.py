"""Reads what is remembered beside the database, and never restored with it: the incarnation and the heads."""

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
    """One number and a line feed: the largest incarnation that this machine has known."""

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> int | None:
        """The number; None where there is no file. Raises HeadFileRefused, or OSError."""
        raw = read_bounded(self._path, _MOST_BYTES)
        if raw is None:
            return None
        try:
            number = read_incarnation(raw.removesuffix(b"\n").decode("ascii"))
        except ValueError:
            raise HeadFileRefused("incarnation-malformed", f"{self._path}: holds no incarnation") from None
        return number

    def raise_to(self, number: int) -> None:
        """Remember a number unless a larger one is remembered; when this returns, it is on the disk.

        Raises HeadFileRefused, or OSError.
        """
        with locked(self._path.with_name(self._path.name + ".lock")):
            known = self.read()
            if known is None or known < number:
                write_durably(self._path, f"{number}\n".encode("ascii"))

    def turn(self) -> AbstractContextManager[None]:
        """Held by one who declares a restore at a time, whichever process of the machine it is in; raises OSError."""
        return locked(self._path.with_name(self._path.name + ".turn"))

    def replace(self, number: int) -> None:
        """Write a number over whatever stands there; for a person who declares a restore. Raises OSError."""
        with locked(self._path.with_name(self._path.name + ".lock")):
            write_durably(self._path, f"{number}\n".encode("ascii"))


def look_outside(file: IncarnationFile, heads: LogHeads) -> Outside:
    """What is remembered now; of a number that cannot be read the integrator tells, which writes it."""
    try:
        number = file.read()
    except (HeadFileRefused, OSError):
        number = None
    return Outside(incarnation=number, heads=heads.believed())
