"""Writes files that only their owner reads and that survive a crash: whole, one writer at a time, through no link.

The modes hold under any umask. A file for everybody has the mode ``FOR_ALL``.
"""

import errno
import fcntl
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

PRIVATE: Final = 0o600
FOR_ALL: Final = 0o644
_PRIVATE_FOLDER: Final = 0o700
_OTHERS: Final = 0o077
_SAFE: Final = os.O_NOFOLLOW | os.O_CLOEXEC


def open_private(path: Path, flags: int = os.O_RDWR) -> int:
    """Open a file that only its owner reads; make it if it is missing. Raises OSError.

    It refuses a link, a folder or a device: in a folder that others can write to, a link could lead anywhere.
    """
    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_NONBLOCK | _SAFE, PRIVATE)
    except OSError as trouble:
        raise _told(trouble, path) from None
    try:
        _make_private(descriptor, path)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def public_half(private: Path) -> Path:
    """Return the file of the public key that lies beside a private key's file."""
    return private.with_name(f"{private.name}.pub")


def begin_file(path: Path, mode: int = PRIVATE) -> IO[bytes]:
    """Open an empty file for writing, in place of an older one. It refuses a link (OSError)."""
    if path.is_symlink():
        raise _told(OSError(errno.ELOOP, ""), path)
    path.unlink(missing_ok=True)  # do not truncate: another process may hold it open, or its mode may be another
    return _new_file(path, mode)


def append_to(path: Path) -> IO[bytes]:
    """Open a private file for appending; make it if it is missing. It refuses a link (OSError)."""
    return os.fdopen(open_private(path, os.O_WRONLY | os.O_APPEND), "ab")


def fresh_name(path: Path) -> Path:
    """Return the name under which a file is written before it takes the place of another."""
    return path.with_name(path.name + ".new")


def write_durably(path: Path, content: bytes, mode: int = PRIVATE) -> None:
    """Replace a file; when this returns, its content and its name are on the disk. On OSError the old one stays."""
    fresh = fresh_name(path)
    fresh.unlink(missing_ok=True)  # a crash may have left one, perhaps under another mode
    try:
        with _new_file(fresh, mode) as file:
            file.write(content)
            settle(file)
    except OSError:
        fresh.unlink(missing_ok=True)  # on a full disk it would take room, and might hold a part of a secret
        raise
    fresh.replace(path)
    settle_folder(path.parent)


def write_new(path: Path, content: bytes) -> None:
    """Make a new private file and sync it to the disk. Raises FileExistsError, or OSError."""
    with _new_file(path, PRIVATE) as file:
        file.write(content)
        settle(file)
    settle_folder(path.parent)


def write_whole(path: Path, content: bytes, mode: int = PRIVATE) -> None:
    """Replace a file without waiting for the disk: for content that is verified or made again before use."""
    fresh = fresh_name(path)
    fresh.unlink(missing_ok=True)
    with _new_file(fresh, mode) as file:
        file.write(content)
    fresh.replace(path)


def append_durably(path: Path, content: bytes | bytearray, kept: int) -> None:
    """Complete a file to ``content``: keep its first ``kept`` bytes and cut off what a crash left behind them.

    When this returns, the content is on the disk. A crash before leaves the kept bytes and a prefix of the others.
    """
    descriptor = open_private(path)
    with os.fdopen(descriptor, "r+b") as file:
        start = kept if os.fstat(descriptor).st_size >= kept else 0
        file.truncate(start)
        file.seek(start)
        file.write(memoryview(content)[start:])
        settle(file)
    settle_folder(path.parent)


def remove_durably(path: Path) -> None:
    """Remove a file if it is there; when this returns, the removal is on the disk."""
    path.unlink(missing_ok=True)
    settle_folder(path.parent)


def settle(file: IO[bytes]) -> None:
    """Flush a file and sync it to the disk."""
    file.flush()
    os.fsync(file.fileno())


def settle_folder(path: Path) -> None:
    """Sync the names in a folder to the disk."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def make_folder(path: Path) -> None:
    """Make a folder that only its owner can read, and its missing parents."""
    _make_folders(path, _PRIVATE_FOLDER)


def make_public_folder(path: Path) -> None:
    """Make a folder that everybody can read, and its missing parents."""
    for made in _make_folders(path, 0o755):
        made.chmod(0o755)


def guard_database(path: Path) -> None:
    """Make an SQLite file if it is missing, and take other users' rights from it and from the files beside it.

    Do not open an existing file: closing it would drop the locks that this process has on it. SQLite gives its
    ``-wal`` and ``-shm`` the mode of the file. If the file cannot be made here, SQLite reports that when it opens it.
    """
    path = Path(os.path.realpath(path))
    with suppress(FileNotFoundError, NotADirectoryError, PermissionError):
        _make_empty(path)
    for each in (path, *(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", "-journal"))):
        with suppress(FileNotFoundError, NotADirectoryError, PermissionError):
            status = each.stat()
            if stat.S_ISREG(status.st_mode) and status.st_mode & _OTHERS and status.st_uid == os.geteuid():
                each.chmod(stat.S_IMODE(status.st_mode) & ~_OTHERS)


@contextmanager
def locked(path: Path, *, waits: bool = True) -> Iterator[None]:
    """Hold a lock that one process has at a time; the kernel releases it when the process dies.

    Who does not wait gets BlockingIOError while another one holds it.
    """
    descriptor = open_private(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if waits else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def read_bounded(path: Path, limit: int) -> bytes | None:
    """Read a file, at most one byte more than ``limit``; None if there is no file."""
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except FileNotFoundError:
        return None


def read_private(path: Path, limit: int) -> bytes:
    """Read a secret, at most one byte more than ``limit``. Raises OSError, also for a file that others may open."""
    with path.open("rb") as file:
        # Check the mode of the open file: another process could swap the file between a stat and an open of its name.
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is not a plain file", str(path))
        if status.st_mode & _OTHERS:
            raise OSError(errno.EPERM, "others than its owner may open it; run chmod 600", str(path))
        return file.read(limit + 1)


def fingerprint(path: Path, *, follow: bool = True) -> tuple[int, ...] | None:
    """Return a mark that differs once the file is changed or replaced; None without a file."""
    try:
        return _mark(path.stat(follow_symlinks=follow))
    except OSError:
        return None


def fingerprints(folder: Path, names: re.Pattern[str]) -> dict[str, tuple[int, ...]]:
    """Return the marks of a folder's files by name, of those whose whole name matches. Raises OSError."""
    marks = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            if names.fullmatch(entry.name):
                with suppress(FileNotFoundError):  # removed since the folder was read
                    marks[entry.name] = _mark(entry.stat())
    return marks


def _mark(status: os.stat_result) -> tuple[int, ...]:
    times = (status.st_mtime_ns, status.st_ctime_ns)
    return status.st_dev, status.st_ino, status.st_mode, status.st_uid, status.st_size, *times


def _make_private(descriptor: int, path: Path) -> None:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "is not a plain file", str(path))
    if status.st_mode & _OTHERS:
        os.fchmod(descriptor, PRIVATE)


def _new_file(path: Path, mode: int) -> IO[bytes]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _SAFE, mode)
    os.fchmod(descriptor, mode)  # the umask must not take rights from a file for everybody
    return os.fdopen(descriptor, "wb")


def _make_empty(path: Path) -> None:
    with suppress(FileExistsError):
        try:
            os.mknod(path, stat.S_IFREG | PRIVATE)
        except PermissionError:  # macOS allows this call to root only
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _SAFE, PRIVATE))


def _make_folders(path: Path, mode: int) -> list[Path]:
    missing = [each for each in (*reversed(path.parents), path) if not each.is_dir()]
    for each in missing:
        each.mkdir(mode=mode, exist_ok=True)
    return missing


def _told(trouble: OSError, path: Path) -> OSError:
    if trouble.errno == errno.ELOOP:
        return OSError(errno.ELOOP, "is a link, and none is followed here", str(path))
    return trouble
