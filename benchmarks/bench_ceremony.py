"""Measures key ceremonies of real processes on loopback: wall seconds from the first join to the last one's end.

Beside each stands the start of one command that does nothing, since most of a small ceremony is the start of Python.
"""

import argparse
import json
import resource
import socket
import statistics
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from tests.support.custodian_homes import command, join_all, make_homes, serving
from tests.support.root import ROOT

RESULTS: Final = Path(__file__).parent / "results" / "ceremony.json"
_SIZES: Final = ((3, 2), (5, 3), (9, 5))


def main() -> None:
    """Measure, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="refreshes of each committee")
    parser.add_argument("--json", type=Path, default=RESULTS, help="where the figures go")
    options = parser.parse_args()
    figures = [_measured(count, threshold, options.rounds) for count, threshold in _SIZES]
    options.json.write_text(json.dumps({"ceremonies": figures}, indent=2) + "\n", encoding="ascii")
    print(json.dumps(figures))


def _measured(count: int, threshold: int, rounds: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="clearline-bench-") as place, ExitStack() as stack:
        with ExitStack() as open_ports:
            probes = [open_ports.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
            ports = [int(probe.getsockname()[1]) for probe in probes]
        homes = make_homes(Path(place), ports)
        stack.enter_context(serving(homes))
        members = [word for n, name in enumerate(homes, start=1) for word in ("--member", f"{name}={n}")]
        genesis = _timed(homes, "--kind", "genesis", "--threshold", str(threshold), *members)
        refreshes = [_timed(homes, "--kind", "refresh") for _ in range(rounds)]
        return {
            "members": count,
            "threshold": threshold,
            "genesis_seconds": round(genesis["seconds"], 2),
            "refresh_seconds_p50": round(statistics.median(each["seconds"] for each in refreshes), 2),
            "cpu_seconds_of_all_joins": round(statistics.median(each["cpu"] for each in refreshes), 2),
            "empty_command_seconds": round(_empty_command(), 2),
        }


def _timed(homes: dict[str, Path], *terms: str) -> dict[str, float]:
    first = next(iter(homes.values()))
    words = command("ceremony", "propose", "--config", str(first), "--json", *terms)
    told = json.loads(subprocess.run(words, cwd=ROOT, check=True, capture_output=True).stdout)  # noqa: S603 (our own)
    begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    ends = join_all(homes, told["ceremony"], *homes)
    seconds, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    if any(code for _, code in ends.values()):
        raise RuntimeError("a ceremony formed nothing")
    return {"seconds": seconds, "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}


def _empty_command() -> float:
    begun = time.perf_counter()
    subprocess.run(command("ceremony", "--help"), cwd=ROOT, check=True, capture_output=True)  # noqa: S603 (our own)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
