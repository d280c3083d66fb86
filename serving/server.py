"""Runs gunicorn so that it always ends when it is told to: a signal that comes while a worker starts is not lost."""

import signal
from typing import Any, Final

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import ThreadWorker

_ENDS: Final = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}


class _PatientMaster(Arbiter):  # type: ignore[misc] # gunicorn has no type information
    """A master that passes a signal on to a worker that is not ready for it yet.

    A new process has the master's handlers until it has set its own, and forgets what came before it ran. The
    signal to end would be lost there, and the master would wait for the whole of ``graceful_timeout``.
    """

    def spawn_worker(self) -> Any:
        """Fork a worker for which the signals to end wait in the kernel until `EndingWorker` lets them in."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
        try:
            return super().spawn_worker()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


class EndingWorker(ThreadWorker):  # type: ignore[misc] # gunicorn has no type information
    """A thread worker that hears every signal to end, also one that was sent before it was ready."""

    def init_signals(self) -> None:
        super().init_signals()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)


class Server(BaseApplication):  # type: ignore[misc] # gunicorn has no type information
    """An application for gunicorn, configured by values; its worker class derives from `EndingWorker`."""

    def run(self) -> None:
        """Serve until a signal to end; raises SystemExit with gunicorn's code."""
        _PatientMaster(self).run()
