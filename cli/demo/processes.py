"""Starts, watches, measures and stops the demonstration's processes, by their process ids."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cli.outcome import ExitCode, Failure
from serving.files import append_to, make_folder

ROOT: Final = Path(__file__).resolve().parents[2]
_PATIENCE_SECONDS: Final = 60.0
_GRACE_SECONDS: Final = 20.0
_PAUSE: Final = 0.1
_PROC: Final = Path("/proc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """One server process; gunicorn's worker is a child of it."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A command that ended well: its process id, and the document that it printed."""

    pid: int
    said: dict[str, Any]


class Household:
    """All servers of one demonstration."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._children: list[Child] = []
        make_folder(logs)

    def start(self, name: str, arguments: Sequence[str]) -> Child:
        """Start `clearline ...` with its output in a log file of its own."""
        log = self._logs / f"{name}.log"
        with append_to(log) as file:
            # Start a session of its own: Ctrl-C reaches only us, and we stop the servers in order.
            process = subprocess.Popen(  # noqa: S603 (our own interpreter and our own arguments)
                [sys.executable, "-m", "cli", *arguments],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        child = Child(name=name, process=process, log=log)
        # A server that is started again replaces the ended one of its name.
        self._children = [each for each in self._children if each.name != name or each.process.poll() is None]
        self._children.append(child)
        return child

    def run_together(self, commands: Mapping[str, Sequence[str]]) -> dict[str, Done]:
        """Run several `clearline ... --json` to their ends, each as a process of its own, and return them by name.

        Raises Failure with the end of its log when one fails.
        """
        children: list[Child] = []
        try:
            for name, arguments in commands.items():
                children.append(self._run(name, arguments))
            return {each.name: _done(each) for each in children}
        finally:
            _stop(children)

    def _run(self, name: str, arguments: Sequence[str]) -> Child:
        log = self._logs / f"{name}.log"
        with append_to(log) as file:
            process = subprocess.Popen(  # noqa: S603 (our own interpreter and our own arguments)
                [sys.executable, "-m", "cli", *arguments, "--json"],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=file,
                start_new_session=True,
            )
        return Child(name=name, process=process, log=log)

    def child(self, name: str) -> Child:
        """Return the server of that name."""
        return next(each for each in self._children if each.name == name)

    def wait_healthy(self, child: Child, base_url: str) -> None:
        """Wait until ``/healthz`` answers; raises Failure with the end of the log when it never does."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if child.process.poll() is not None:
                raise Failure(f"{child.name} ended at its start: {_last_line(child.log)} (log: {child.log})")
            if is_healthy(base_url.removeprefix("http://")):
                return
            time.sleep(_PAUSE)
        raise Failure(f"{child.name} does not answer at {base_url} (log: {child.log})", ExitCode.UNAVAILABLE)

    def is_running(self, name: str) -> bool:
        """Tell whether a server of that name was started and has not ended."""
        return any(each.name == name and each.process.poll() is None for each in self._children)

    def end(self, names: Sequence[str]) -> None:
        """Stop some servers, as ``stop`` does, and forget them."""
        gone = [each for each in self._children if each.name in names]
        _stop(gone)
        self._children = [each for each in self._children if each not in gone]

    def ended(self) -> tuple[Child, ...]:
        """Return the servers that have ended without being stopped."""
        return tuple(each for each in self._children if each.process.poll() is not None)

    def cpu_seconds(self) -> float | None:
        """Add up the CPU time of this process and all servers with their workers; None without /proc."""
        if not (_PROC / "self" / "stat").exists():
            return None
        times = os.times()
        parents = _process_table()
        return times.user + times.system + sum(_tree_seconds(each.process.pid, parents) for each in self._children)

    def stop(self) -> None:
        """Send SIGTERM to each server, gateways first; send SIGKILL to those that still run after the grace time."""
        _stop(self._children)


def _done(child: Child) -> Done:
    try:
        said, _ = child.process.communicate(timeout=_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        raise Failure(f"{child.name} does not end (log: {child.log})", ExitCode.UNAVAILABLE) from None
    if child.process.returncode != 0:
        raise Failure(f"{child.name} failed: {_last_line(child.log)} (log: {child.log})")
    return Done(pid=child.process.pid, said=json.loads(said))


def _stop(children: Sequence[Child]) -> None:
    for child in reversed(children):
        if child.process.poll() is None:
            child.process.terminate()
    deadline = time.monotonic() + _GRACE_SECONDS
    for child in reversed(children):
        try:
            child.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()


def tree_seconds(pid: int) -> float:
    """Add up the CPU time of a process and of all that it started, ended ones included (Linux)."""
    return _tree_seconds(pid, _process_table())


def is_healthy(netloc: str) -> bool:
    """Tell whether ``/healthz`` answers at an address."""
    connection = http.client.HTTPConnection(netloc, timeout=2.0)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def _process_table() -> dict[int, tuple[int, float]]:
    """Read parent and CPU seconds (its own and those of its ended children) by process id."""
    ticks = os.sysconf("SC_CLK_TCK")
    table = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            except OSError:
                continue  # the process has ended meanwhile
            # proc(5): after the name come state, ppid, ...; utime, stime, cutime, cstime are fields 14 to 17.
            table[int(entry.name)] = int(fields[1]), sum(int(each) for each in fields[11:15]) / ticks
    return table


def _tree_seconds(pid: int, table: dict[int, tuple[int, float]]) -> float:
    own = table.get(pid, (0, 0.0))[1]
    return own + sum(_tree_seconds(child, table) for child, (parent, _) in table.items() if parent == pid)
