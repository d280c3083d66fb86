"""A real pgbouncer in transaction mode between a test and its PostgreSQL."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

_SETTINGS = """
[databases]
* = host={host} user=postgres

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {servers}
max_client_conn = 100
logfile = {folder}/pgbouncer.log
pidfile =
"""


def installed() -> str | None:
    """Where pgbouncer is; None on a machine that has none."""
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@contextmanager
def pooled(url: str, folder: Path, *, servers: int) -> Iterator[str]:
    """The URL of the same database behind a pooler that has ``servers`` connections to it."""
    direct = make_url(url)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = folder / "pgbouncer.ini"
    settings.write_text(_SETTINGS.format(host=direct.query["host"], port=port, servers=servers, folder=folder))
    process = subprocess.Popen(
        [*_as_its_owner(Path(str(direct.query["host"])), folder), str(installed()), "--quiet", str(settings)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    behind = f"postgresql://postgres@127.0.0.1:{port}/{direct.database}"
    try:
        _wait(process, behind, folder / "pgbouncer.log")
        yield behind
    finally:
        process.terminate()
        process.wait(10)


def _as_its_owner(data: Path, folder: Path) -> list[str]:
    """The command before pgbouncer's own: it refuses to be root, and then runs as the user who runs PostgreSQL."""
    if os.geteuid() != 0:
        return []
    owner = data.stat()
    os.chown(folder, owner.st_uid, owner.st_gid)
    for each in folder.parents:
        if each.stat().st_uid == 0 and not each.stat().st_mode & 0o001:
            each.chmod(each.stat().st_mode | 0o011)
    return ["setpriv", f"--reuid={owner.st_uid}", f"--regid={owner.st_gid}", "--clear-groups"]


def _wait(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    until = time.monotonic() + 15
    while time.monotonic() < until and process.poll() is None:
        try:
            psycopg.connect(url, connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    told = log.read_text() if log.exists() else "no log"
    raise AssertionError(f"pgbouncer does not serve: {told}")
