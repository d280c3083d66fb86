"""Gives each worker process a core of its own: its threads take turns anyway, and on one core a turn costs little.

A thread that waits for SQLite or the network for a moment gives up the interpreter's lock. On another core a waiting
thread takes it at once, and the first has to wait for it again; on one core the first is back before the other runs.
"""

import os
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

_CAN: Final = hasattr(os, "sched_setaffinity")


def hooks() -> Mapping[str, Callable[..., None]]:
    """Return gunicorn's hooks that do it; none where the system has no such call."""
    return {"pre_fork": choose, "post_fork": settle} if _CAN else {}


def choose(server: Any, worker: Any) -> None:
    """In the master, before a fork: choose for the new worker a core that the fewest of the others have."""
    taken = Counter(getattr(each, "core", None) for each in server.WORKERS.values())
    allowed = sorted(os.sched_getaffinity(0))
    # Servers of one machine know nothing of each other: they do not all begin with its first core.
    first = os.getpid() % len(allowed)
    worker.core = min(allowed[first:] + allowed[:first], key=lambda core: taken[core])


def settle(server: Any, worker: Any) -> None:
    """In the worker, after the fork."""
    del server
    os.sched_setaffinity(0, {worker.core})
