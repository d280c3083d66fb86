"""Lets a process die, or its disk be full, before each of its writes: each fails once, and is then let through."""

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class Killed(BaseException):
    """The process is gone: no handler of ordinary errors sees this."""


@dataclass
class Trap:
    """Fails the first of each write below some folders, by the events that Python gives to its audit hooks."""

    folders: tuple[Path, ...]
    failure: Callable[[], BaseException]
    events: frozenset[str]
    sprung: set[tuple[str, str]] = field(default_factory=set)

    def see(self, event: str, args: tuple[Any, ...]) -> None:
        if event not in self.events:
            return
        if event == "open" and not (isinstance(args[2], int) and args[2] & os.O_CREAT):
            return
        path = str(args[1] if event == "os.rename" else args[0])
        is_ours = any(path.startswith(f"{folder}{os.sep}") for folder in self.folders)
        if is_ours and not path.endswith("lock") and (event, path) not in self.sprung:
            self.sprung.add((event, path))
            raise self.failure()


_set: list[Trap] = []
_hooked: list[bool] = []


def _hook(event: str, args: tuple[Any, ...]) -> None:
    for trap in _set:
        trap.see(event, args)


@contextmanager
def _trapped(trap: Trap) -> Iterator[Trap]:
    if not _hooked:
        sys.addaudithook(_hook)
        _hooked.append(True)
    _set.append(trap)
    try:
        yield trap
    finally:
        _set.remove(trap)


def dying(*folders: Path) -> Any:
    """Die before every file that is put in place or removed: after a write is before the next one."""
    return _trapped(Trap(folders, Killed, frozenset({"os.rename", "os.remove"})))


def full(*folders: Path) -> Any:
    """Find no room for each file once."""
    return _trapped(Trap(folders, lambda: OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), frozenset({"open"})))
