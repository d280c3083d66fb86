"""A process that runs one round of the real integrator, and kills itself at the step that it is told.

    python -m tests.usecases.log.killing <database url> <folder> <log name>

Every line that it reads is the number of a step; it forks a child that counts its steps and sends itself SIGKILL at
that one (0: at none), and answers with one line of JSON: the signal that ended the child, and how far it came. Steps
are before and after every statement, every COMMIT, every fsync and every rename.
"""

import functools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy import event

from crypto.signing.keys import load_private_key, public_bytes
from registry.store.engines import Engines, make_engines
from registry.store.transactions import Store
from registry.work.heads import LogHeads
from registry.work.integrator import Integrator
from registry.work.signer import LogSigner
from tests.support.log_entries import bare_registry
from tests.support.root import ROOT


class Steps:
    """Counts what happens, and ends the process at one of them; what was reached is written down before."""

    def __init__(self, last: int, report: int) -> None:
        self.taken = 0
        self._last = last
        self._report = report

    def step(self, name: str) -> None:
        self.taken += 1
        if self.taken == self._last:
            os.write(self._report, json.dumps({"step": self.taken, "name": name}).encode())
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(work)
        def stepping(*args: Any, **options: Any) -> Any:
            self.step(f"before {name}")
            result = work(*args, **options)
            self.step(f"after {name}")
            return result

        return stepping

    def watch(self, engines: Engines) -> None:
        for engine in (engines.write, engines.read):
            event.listen(engine, "before_cursor_execute", lambda *args: self.step(f"before {args[2][:30]}"))
            event.listen(engine, "after_cursor_execute", lambda *args: self.step(f"after {args[2][:30]}"))
        dialect = engines.write.dialect
        setattr(dialect, "do_commit", self.around("COMMIT", dialect.do_commit))  # noqa: B010 - a method of ours in its place
        os.fsync = self.around("fsync", os.fsync)
        os.replace = self.around("rename", os.replace)


def one_round(url: str, folder: Path, name: str, last: int, report: int) -> NoReturn:
    steps = Steps(last, report)
    engines = make_engines(url)
    registry = bare_registry(Store(engines), name, public_bytes(load_private_key(folder / "log.pem")))
    steps.watch(engines)
    integrator = Integrator(
        registry, LogHeads(folder / "log-heads", registry.log), LogSigner(folder / "log.pem", registry.log.public_key)
    )
    done = integrator.round()
    os.write(report, json.dumps({"step": steps.taken, "name": "end", "integrated": done.integrated}).encode())
    os._exit(0 if not done.faults else 1)


def run_child(work: Callable[[int], NoReturn]) -> dict[str, Any]:
    """Fork a child that works and writes how far it came; returns that, the signal that ended it, and its exit code."""
    reading, report = os.pipe()
    child = os.fork()
    if child == 0:
        work(report)
    os.close(report)
    with os.fdopen(reading, "rb") as answer:
        told: dict[str, Any] = json.loads(answer.read())
    _, status = os.waitpid(child, 0)
    told["signal"] = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    told["exit"] = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
    return told


def answer_orders(one: Callable[[str, bytes, int, int, int], NoReturn]) -> None:
    """Read orders, a step and the number of a piece of work, and let ``one`` do each in a child of its own.

    It gets the database's URL, the pepper, the number, the step to die at, and where to report how far it came.
    """
    url, pepper = sys.argv[1:]
    for line in sys.stdin:
        last, number = map(int, line.split())
        told = run_child(lambda report, last=last, number=number: one(url, bytes.fromhex(pepper), number, last, report))
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


@contextmanager
def killer(module: str, url: str, pepper: bytes) -> Iterator[Callable[[int, int], dict[str, Any]]]:
    """Start the process that answers orders; yields a function that gives it one and returns what it tells."""
    command = [sys.executable, "-m", module, url, pepper.hex()]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="ascii"
    ) as process:
        orders, answers = process.stdin, process.stdout
        assert orders is not None
        assert answers is not None

        def killed(step: int, number: int) -> dict[str, Any]:
            orders.write(f"{step} {number}\n")
            orders.flush()
            return dict(json.loads(answers.readline()))

        yield killed
        orders.close()


def main() -> None:
    url, folder, name = sys.argv[1:]
    for line in sys.stdin:
        told = run_child(functools.partial(one_round, url, Path(folder), name, int(line)))
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
