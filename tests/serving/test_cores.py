"""Each worker process has a core of its own, as long as there are as many."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from serving import cores
from tests.support.root import ROOT

pytestmark = pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system has no such call")


def chosen(allowed: set[int], others: list[int], monkeypatch: pytest.MonkeyPatch, pid: int = 100) -> int:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: allowed)
    monkeypatch.setattr(os, "getpid", lambda: pid)
    workers = {number: SimpleNamespace(core=core) for number, core in enumerate(others)}
    worker = SimpleNamespace()
    cores.choose(SimpleNamespace(WORKERS=workers), worker)
    return int(worker.core)


def test_a_worker_gets_the_core_that_the_fewest_others_have(monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen({2, 5}, [], monkeypatch) == 2
    assert chosen({2, 5}, [2], monkeypatch) == 5
    assert chosen({2, 5}, [5], monkeypatch) == 2  # the one on 2 died
    assert chosen({2, 5}, [2, 5, 2], monkeypatch) == 5
    assert chosen({7}, [7, 7], monkeypatch) == 7


def test_servers_side_by_side_do_not_all_begin_with_the_first_core(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {chosen({2, 5, 8}, [], monkeypatch, pid) for pid in (99, 100, 101)} == {2, 5, 8}
    assert chosen({2, 5, 8}, [5], monkeypatch, 100) == 8


def test_a_process_keeps_to_its_core() -> None:
    code = (
        "import os; from types import SimpleNamespace; from serving import cores\n"
        "worker = SimpleNamespace()\n"
        "cores.choose(SimpleNamespace(WORKERS={}), worker)\n"
        "cores.settle(None, worker)\n"
        "print(len(os.sched_getaffinity(0)))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, timeout=30)
    assert run.stdout == b"1\n"
