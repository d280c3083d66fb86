"""Prepares a process that holds keys: no core dump, private files, and an orderly end on SIGTERM and SIGINT."""

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
"""This long after the signal to end, the process stops work that is still under way: stored data survives a kill."""
_PRIVATE_UMASK: Final = 0o077
_PR_SET_DUMPABLE: Final = 4
_MCL_ALL_ON_FAULT: Final = 0x1 | 0x2 | 0x4
"""MCL_CURRENT, MCL_FUTURE and MCL_ONFAULT of Linux: a page is locked once it is used, so that nothing grows."""
_SIGNALLED: Final = 128


class Terminated(BaseException):
    """SIGTERM came. It is no Exception, so that no handler of ordinary errors catches it and goes on."""


def protect_memory() -> None:
    """Prevent core dumps (they hold keys) and ptrace by this user's other processes; make private files only."""
    os.umask(_PRIVATE_UMASK)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        # A limit of 0 does not stop a dump that the system pipes to a program; this call does, and stops ptrace too. A
        # program that is started from here begins with its own setting.
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def lock_memory() -> str:
    """Keep the memory of this process out of swap, as far as the system allows; return a line for the log.

    A fork does not inherit it. It is all or nothing: under a limit that later memory could exceed, that memory would be
    refused, and the process with it.
    """
    if sys.platform == "linux":
        soft, hard = resource.getrlimit(resource.RLIMIT_MEMLOCK)
        unbounded = hard == resource.RLIM_INFINITY
        # Under a limit of 0 this works only with the right to exceed every limit (CAP_IPC_LOCK).
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (hard if unbounded else 0, hard))
        is_locked = ctypes.CDLL(None, use_errno=True).mlockall(_MCL_ALL_ON_FAULT) == 0
        if not unbounded:
            resource.setrlimit(resource.RLIMIT_MEMLOCK, (soft, hard))
        if is_locked:
            return "memory is locked: no key goes to swap"
    return "memory is not locked, keys may go to swap: that takes LimitMEMLOCK=infinity (docs/runbooks/custody.md)"


def end_on_signals() -> None:
    """Let SIGTERM and SIGINT end any command, also as PID 1 of a container, which has no default handlers.

    A command with its own orderly end installs its handlers later. SIGINT stays ignored if the parent process chose
    that, as a shell does for its background jobs.
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
    """End the process after ``seconds``, even if threads are still waiting."""
    timer = threading.Timer(seconds, os._exit, (code,))
    timer.daemon = True
    timer.start()


def _terminate(number: int, _frame: object) -> None:
    cut_off(_SIGNALLED + number)
    raise Terminated


def _interrupt(number: int, _frame: object) -> None:
    cut_off(_SIGNALLED + number)
    raise KeyboardInterrupt
