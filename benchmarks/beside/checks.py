"""Sends checks to a system of its own on command, for `benchmarks.bench_check_beside`: the code is PYTHONPATH's.

A line of standard input has a number of checks, and 1 if they are asked in a context; the answer is JSON: the p50 in
milliseconds, and the CPU of all processes in milliseconds a check. A checkout from before contexts asks without.
"""

import inspect
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.check.system import System, checks, system
from benchmarks.inquiry.load import send


def _requests(here: System, number: int, *, in_context: bool) -> list[bytes]:
    knows = "in_context" in inspect.signature(checks).parameters
    return checks(here, number, **({"in_context": in_context} if knows else {}))


def _serve(here: System) -> None:
    print("ready", flush=True)
    for line in sys.stdin:
        number, in_context = map(int, line.split())
        prepared, before = _requests(here, number, in_context=bool(in_context)), here.cpu_seconds()
        load = send("127.0.0.1", here.port, prepared, 1)
        spent = sum(after - before[name] for name, after in here.cpu_seconds().items())
        print(json.dumps({"p50_ms": load.p50_ms, "cpu_ms": spent / number * 1e3}), flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place, system(Path(place) / "s", database_url=None, postmaster=None) as whole:
        _serve(whole)
