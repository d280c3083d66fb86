"""Prepares a process that holds keys: no core dump, private files, and an end when it is told to end."""

import ctypes
import os
import resource
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

GRACE_SECONDS: Final = 5.0
"""Whatever is still under way this long after the order to end is cut off: all that we keep survives a kill."""
_PRIVATE_UMASK: Final = 0o077
_PR_SET_DUMPABLE: Final = 4
_SIGNALLED: Final = 128


class Terminated(BaseException):
    """SIGTERM came; not an Exception, so that nobody takes it for trouble of their own and goes on."""


def protect_memory() -> None:
    """Leave no core dump with keys in it, let no other process of this user look in, and make private files only."""
    os.umask(_PRIVATE_UMASK)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        # A limit of 0 does not stop a dump that the system pipes to a program; this does, and ptrace as well. A program
        # that is started from here begins with its own setting.
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def end_on_signals() -> None:
    """Let SIGTERM and SIGINT end whatever command runs, as PID 1 of a container too, where no default handler would.

    A command with a better way to end installs its own handlers later. SIGINT stays ignored where whoever started us
    chose that, as a shell does for what it runs in the background.
    """
    signal.signal(signal.SIGTERM, _terminate)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)


@contextmanager
def until_stopped() -> Iterator[None]:
    """Run a block that never ends until SIGTERM or SIGINT comes, which is its orderly end."""
    try:
        yield
    except (Terminated, KeyboardInterrupt):
        return


def cut_off(code: int, seconds: float = GRACE_SECONDS) -> None:
    """End the process after a while, whatever its threads are waiting for then."""
    timer = threading.Timer(seconds, os._exit, (code,))
    timer.daemon = True
    timer.start()


def _terminate(number: int, _frame: object) -> None:
    cut_off(_SIGNALLED + number)
    raise Terminated


def _interrupt(number: int, _frame: object) -> None:
    cut_off(_SIGNALLED + number)
    raise KeyboardInterrupt
