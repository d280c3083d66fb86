"""Files that outlive a crash: replaced whole, on the disk before anybody is told, one writer at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_PRIVATE: Final = 0o600
FOR_ALL: Final = 0o644


def write_durably(path: Path, content: bytes, mode: int = _PRIVATE) -> None:
    """Replace a file; when this returns, the content and the name of it are on the disk."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)  # of a crash, perhaps under another mode
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    _sync_folder(path.parent)


def append_durably(path: Path, content: bytes | bytearray, kept: int) -> None:
    """Make a file of ``content``, whose first ``kept`` bytes are in it; what a crash left behind those goes.

    When this returns, the disk has it. A crash before leaves the kept bytes and any beginning of the others.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, _PRIVATE)
    with os.fdopen(descriptor, "r+b") as file:
        start = kept if os.fstat(descriptor).st_size >= kept else 0
        file.truncate(start)
        file.seek(start)
        file.write(memoryview(content)[start:])
        file.flush()
        os.fsync(descriptor)
    _sync_folder(path.parent)


def remove_durably(path: Path) -> None:
    """Remove a file if it is there; when this returns, the disk knows."""
    path.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file at once, without waiting for the disk: for what is verified again before it is used."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(content)
    fresh.replace(path)


def make_folder(path: Path) -> None:
    """A folder that only its owner can look into, and each above it that is not there yet."""
    for each in (*reversed(path.parents), path):
        each.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Held by one process at a time; the kernel lets go of it when the process dies."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, _PRIVATE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def read_bounded(path: Path, limit: int) -> bytes | None:
    """The content of a file, one byte more than ``limit`` at most; None where there is no file."""
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except FileNotFoundError:
        return None
